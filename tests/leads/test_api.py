"""The API as a CRM sees it: keys, pages, events, and whom it never shows."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads import keys
from leads.api import gate
from leads.hooks import dealing
from leads.models import Lead, Scope, Token
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.integrating import make_lead, take_back

pytestmark = pytest.mark.django_db
ALL = list(Scope.values)


def make_key(*scopes: str, **columns: Any) -> str:
    token = Token(name="CRM", scopes=list(scopes), **columns)
    return keys.make(token=token, by=None, now=TUESDAY)


def ask(path: str, key: str, **headers: str) -> HttpResponse:
    headers = {"authorization": f"Bearer {key}"} | headers
    return Client(headers=headers).get(f"/api/v1/{path}")  # type: ignore[return-value]  # Django's test response is one


def read(path: str, key: str) -> dict[str, Any]:
    answer: Any = ask(path, key)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_a_lead_is_shown_without_address_and_name() -> None:
    lead, owner = make_lead(), make_user("Consultants", name="kim")
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    lead.refresh_from_db()
    page = read("leads", make_key(Scope.LEADS))
    assert page["leads"] == [
        {
            "id": lead.pk,
            "grade": lead.grade,
            "graded_by": "score",
            "graded_until": None,
            "computed_grade": lead.grade,
            "fit": lead.fit,
            "engagement": lead.engagement,
            "weakest_role": lead.weakest_role,
            "organisation": "example.se",
            "stage": "new",
            "stage_since": "2026-09-15T07:00:00Z",
            "stage_reason": "",
            "owner": "kim",
            "taken_at": None,
            "next_step_at": None,
            "created_at": "2026-09-15T07:00:00Z",
            "changed_at": lead.changed_at.isoformat().replace("+00:00", "Z"),
            "url": f"{settings.SITE_URL}/admin/leads/lead/{lead.pk}/change/",
        }
    ]
    assert page["next"] is None


def test_address_and_name_need_a_scope_of_their_own() -> None:
    make_lead()
    shown = read("leads", make_key(Scope.LEADS, Scope.CONTACT))["leads"][0]
    assert (shown["email"], shown["first_name"]) == ("p0@example.se", "Alva")
    for path in ("leads", f"leads/{Lead.objects.get().pk}", "events", "me"):
        said = ask(path, make_key(Scope.LEADS, Scope.EVENTS)).content.decode()
        assert "Alva" not in said
        assert "p0@" not in said


def test_one_lead_says_why_what_and_how() -> None:
    lead = make_lead()
    shown = read(f"leads/{lead.pk}", make_key(Scope.LEADS))
    kinds = [fact["kind"] for fact in shown["facts"]]
    assert sorted(kinds) == ["confirmed", "contact_allowed"]
    assert {reason["key"] for reason in shown["reasons"]} >= {"confirmed", "contact_allowed"}
    assert len(shown["result"]["roles"]) == 4
    assert shown["result"]["background"][0].keys() == {"question", "choice", "label"}


@pytest.mark.parametrize("is_computed", [True, False])
def test_nobody_is_shown_who_does_not_agree_to_be_contacted(is_computed: bool) -> None:
    """Also in the moment before the lead is computed again."""
    lead, other = make_lead(), make_lead(number=1, may_contact=False)
    dealing.deal(now=TUESDAY, limit=10)
    take_back(lead, "contact")
    if is_computed:
        Lead.objects.update(may_contact=False)
    key = make_key(*ALL)
    assert read("leads", key)["leads"] == []
    for pk in (lead.pk, other.pk):
        assert ask(f"leads/{pk}", key).status_code == 404
    assert [each["type"] for each in read("events", key)["events"]] == ["consent.given"]


def test_pages_follow_each_other_and_hold_everybody_once() -> None:
    for number in range(7):
        make_lead(number=number)
    Lead.objects.update(changed_at=TUESDAY, stage="booked")
    key, found, path = make_key(Scope.LEADS), [], "leads?limit=3"
    while path:
        page = read(path, key)
        found.append([each["id"] for each in page["leads"]])
        path = f"leads?limit=3&cursor={page['next']}" if page["next"] else ""
    assert [len(each) for each in found] == [3, 3, 1]
    assert list(chain(*found)) == list(
        Lead.objects.order_by("changed_at", "pk").values_list("pk", flat=True)
    )


def test_updated_since_gives_what_was_changed_and_where_to_go_on() -> None:
    first, second = make_lead(), make_lead(number=1)
    key = make_key(Scope.LEADS)
    second.refresh_from_db()
    since = (second.changed_at + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert read(f"leads?updated_since={since}", key)["leads"] == []
    Lead.objects.filter(pk=first.pk).update(stage="won")
    page = read(f"leads?updated_since={since}", key)
    assert [each["id"] for each in page["leads"]] == [first.pk]
    until = datetime.fromisoformat(page["next_updated_since"])
    assert timedelta(minutes=2) < timezone.now() - until < timedelta(minutes=4)


def test_where_to_go_on_is_where_the_reading_began() -> None:
    for number in range(2):
        make_lead(number=number)
    key = make_key(Scope.LEADS)
    first = read("leads?limit=1", key)
    second = read(f"leads?limit=1&cursor={first['next']}", key)
    assert second["next_updated_since"] == first["next_updated_since"]


def test_events_are_read_in_order_and_once() -> None:
    lead, owner = make_lead(), make_user("Consultants", name="kim")
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    dealing.deal(now=TUESDAY, limit=10)
    key = make_key(Scope.EVENTS)
    page = read("events?limit=2", key)
    assert [(each["number"], each["type"]) for each in page["events"]] == [
        (1, "consent.given"),
        (2, "lead.created"),
    ]
    assert page["has_more"]
    rest = read(f"events?cursor={page['next']}", key)
    assert [each["data"] for each in rest["events"]] == [{"lead_id": lead.pk, "owner": "kim"}]
    again = read(f"events?cursor={rest['next']}", key)
    assert (again["events"], again["has_more"]) == ([], False)
    Lead.objects.update(grade="D4")
    dealing.deal(now=TUESDAY, limit=10)
    assert len(read(f"events?cursor={again['next']}", key)["events"]) == 1


def test_a_key_may_do_what_it_was_made_for() -> None:
    key = make_key(Scope.EVENTS, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    assert read("me", key) == {
        "name": "CRM",
        "scopes": ["events:read"],
        "expires_at": "2100-01-01T00:00:00Z",
    }
    assert ask("leads", key).status_code == 403
    assert ask("events", make_key(Scope.LEADS)).status_code == 403


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer pmo_ å"])
def test_without_a_valid_key_nothing_is_told(header: str) -> None:
    answer: Any = Client(headers={"authorization": header}).get("/api/v1/leads")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "no_key"


def test_a_revoked_key_and_one_that_has_expired_open_nothing() -> None:
    key, old = make_key(*ALL), make_key(*ALL, expires_at=TUESDAY)
    Token.objects.filter(expires_at=None).update(revoked_at=TUESDAY)
    assert [ask("me", each).status_code for each in (key, old)] == [401, 401]


def test_use_is_noted() -> None:
    key = make_key()
    read("me", key)
    assert Token.objects.get().used_at is not None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "bad_limit"),
        ("limit=201", "bad_limit"),
        ("limit=-1", "bad_limit"),
        ("limit=x", "bad_limit"),
        ("limit=%D9%A3", "bad_limit"),
        ("limit=", "bad_limit"),
        ("cursor=", "bad_cursor"),
        ("cursor=abc", "bad_cursor"),
        ("cursor=%00", "bad_cursor"),
        ("updated_since=", "bad_moment"),
        ("updated_since=yesterday", "bad_moment"),
        ("updated_since=2026-09-15", "bad_moment"),
        ("updated_since=2026-09-15T07:00:00", "bad_moment"),
        ("updated_since=2026-02-30T07:00:00Z", "bad_moment"),
        ("updated_since=0001-01-01T00:00:00%2B14:00", "bad_moment"),
        ("updated_since=9999-12-31T23:59:59-14:00", "bad_moment"),
        ("updated_sinc=2026-09-15T07:00:00Z", "bad_parameter"),
        ("limit=1&limit=2", "bad_parameter"),
        ("%00=1", "bad_parameter"),
    ],
)
def test_what_makes_no_sense_is_a_problem_with_a_code(query: str, code: str) -> None:
    answer: Any = ask(f"leads?{query}", make_key(*ALL))
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_cursor_is_good_for_its_own_list_only() -> None:
    key = make_key(*ALL)
    cursor = read("events", key)["next"]
    assert ask(f"leads?cursor={cursor}", key).status_code == 400
    assert ask(f"events?cursor={cursor[:-1]}", key).status_code == 400


@pytest.mark.parametrize(
    "path", ["leads/0", "leads/x", "leads/-1", f"leads/{'9' * 30}", "", "x/y", "leads/"]
)
def test_what_is_not_there_is_a_problem_too(path: str) -> None:
    answer: Any = ask(path, make_key(*ALL))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("path", ["leads", "leads/1", "events", "me", "openapi.json"])
def test_nothing_but_get_is_answered(method: str, path: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {make_key()}"})
    answer: Any = getattr(client, method)(f"/api/v1/{path}")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert answer.json()["code"] == "only_get"


def test_problems_speak_the_callers_language_and_english_by_themselves() -> None:
    def get_detail(**headers: str) -> str:
        said: Any = ask("leads", "x", **headers)
        assert said.json()["title"] == "Unauthorized"
        return str(said.json()["detail"])

    english = get_detail()
    assert english == "Send a valid key: Authorization: Bearer pmo_…"
    assert get_detail(**{"accept-language": "de"}) != ""
    assert get_detail(**{"accept-language": "en"}) == english


def test_an_answer_is_not_kept_and_has_a_tag_to_ask_again_by() -> None:
    make_lead()
    key = make_key(Scope.LEADS)
    pk = Lead.objects.get().pk
    first = ask(f"leads/{pk}", key)
    assert first["Cache-Control"] == "no-store"
    assert {"Authorization", "Accept-Language"} <= set(first["Vary"].split(", "))
    again = ask(f"leads/{pk}", key, **{"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Lead.objects.update(stage="won")
    assert ask(f"leads/{pk}", key, **{"if-none-match": first["ETag"]}).status_code == 200
    assert first.cookies == {}


def test_too_many_calls_are_told_when_to_come_again(settings: Settings) -> None:
    settings.API_PER_MINUTE = 2
    key, other = make_key(), make_key()
    codes = [ask("me", key).status_code for _ in range(3)]
    assert sorted(codes)[:2] == [200, 200]
    answer = ask("me", key)
    if answer.status_code == 429:  # unless the minute turned just now
        assert 1 <= int(answer["Retry-After"]) <= 60
    assert ask("me", other).status_code == 200


def test_guessing_keys_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "REFUSED_PER_MINUTE", 5)
    codes = {ask("me", f"pmo_{number}").status_code for number in range(13)}
    assert codes == {401, 429}


def count(path: str, key: str) -> int:
    read(path, key)
    with CaptureQueriesContext(connection) as queries:
        read(path, key)
    return len(queries)


def test_a_page_costs_the_same_however_long() -> None:
    lead = make_lead()
    key = make_key(*ALL)
    owner = make_user("Consultants", name="kim")
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    dealing.deal(now=TUESDAY, limit=100)
    paths = ("leads", "events", f"leads/{lead.pk}")
    one = [count(path, key) for path in paths]
    for number in range(1, 6):
        make_lead(number=number)
    dealing.deal(now=TUESDAY, limit=100)
    assert [count(path, key) for path in paths] == one
    assert one[:2] == [3, 3]
