"""Who may see and do what with leads: every page and every action of the admin, for every group.

The pages are found by walking the admin's own addresses, so that a new one is tried as well.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, reverse
from django.urls.converters import UUIDConverter

from leads.models import (
    ClosingReason,
    Consultant,
    Delivery,
    Hook,
    Lead,
    OpeningQuestion,
    Refusal,
    ScoreRules,
    Token,
)
from leads.scoring_rules import SHIPPED, write
from tests.admin import log_in, make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead

pytestmark = pytest.mark.django_db

LIST = "/admin/leads/lead/"
GROUPS = ("Marketers", "Consultants", "Administrators")
# Nobody makes or removes a lead here, whoever asks.
NOBODYS = {"leads_lead_add", "leads_lead_delete"}
# Who may open which pages about anything but persons. A new model must be given its line.
MAY: dict[str, dict[str, set[str]]] = {
    "consultant": {
        page: {"Administrators"} for page in ("changelist", "add", "change", "delete", "history")
    },
    **{
        texts: {
            page: set() if page == "delete" else {"Consultants", "Administrators"}
            for page in ("changelist", "add", "change", "delete", "history")
        }
        for texts in ("openingquestion", "closingreason")
    },
    "refusal": {
        "changelist": {"Administrators"},
        "add": set(),
        "change": {"Administrators"},
        "delete": set(),
        "history": {"Administrators"},
    },
    "hook": {
        page: {"Administrators"}
        for page in (
            "changelist",
            "add",
            "change",
            "delete",
            "history",
            "send_test",
            "renew_secret",
            "go_on",
        )
    },
    "delivery": {
        "changelist": {"Administrators"},
        "add": set(),
        "change": {"Administrators"},
        "delete": set(),
        "history": {"Administrators"},
        "replay_one": {"Administrators"},
    },
    "token": {
        "changelist": {"Administrators"},
        "add": {"Administrators"},
        "change": {"Administrators"},
        "delete": set(),
        "history": {"Administrators"},
        "revoke_one": {"Administrators"},
    },
    "scorerules": {
        "changelist": set(GROUPS),
        "back_test": set(GROUPS),
        "add": {"Marketers", "Administrators"},
        "change": set(GROUPS),
        "delete": set(),
        "history": set(GROUPS),
    },
}
# They answer to a button, not to a visit.
BUTTONS = {"send_test", "renew_secret", "go_on", "replay_one", "revoke_one"}


def walk(patterns: list[Any]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns)
        else:
            yield each


PAGES = {
    str(each.name): dict(each.pattern.converters)
    for each in walk(admin.site.get_urls())
    if str(each.name).startswith("leads_")
}
OF_LEADS = sorted(name for name in PAGES if name.startswith("leads_lead_"))
OF_ONE_LEAD = [name for name in OF_LEADS if {"object_id", "lead_id"} & set(PAGES[name])]
OF_OTHERS = sorted(set(PAGES) - set(OF_LEADS))


def get_url(name: str, pk: int | UUID = 1) -> str:
    kwargs = {
        key: UUID(int=pk) if isinstance(converter, UUIDConverter) and isinstance(pk, int) else pk
        for key, converter in PAGES[name].items()
    }
    return reverse(f"admin:{name}", kwargs=kwargs)


def get_state() -> list[dict[str, Any]]:
    return list(Lead.objects.order_by("pk").values())


def ask(client: Client, url: str) -> list[int]:
    return [client.get(url).status_code, client.post(url, {"stage": "won"}).status_code]


def test_the_pages_are_found() -> None:
    assert {"leads_lead_changelist", "leads_lead_change", "leads_lead_take"} <= set(OF_LEADS)
    assert {name.split("_")[1] for name in OF_OTHERS} == set(MAY)


@pytest.mark.parametrize("name", OF_LEADS)
def test_a_marketer_is_refused_every_page_of_leads_and_it_is_written_down(name: str) -> None:
    lead, client = make_lead(), log_in("Marketers")
    before = get_state()
    assert ask(client, get_url(name, lead.pk)) == [403, 403]
    assert get_state() == before
    written = Refusal.objects.order_by("page").values_list("user__username", "page")
    assert list(written) == [("marketers", f"GET {name}"), ("marketers", f"POST {name}")]


@pytest.mark.parametrize("name", OF_ONE_LEAD)
def test_a_consultant_is_refused_every_page_of_a_colleagues_lead(name: str) -> None:
    lead, client = (
        make_lead(owner=make_user("Consultants", name="colleague")),
        log_in("Consultants"),
    )
    before = get_state()
    assert ask(client, get_url(name, lead.pk)) == [403, 403]
    assert get_state() == before
    written = {row.lead_id for row in Refusal.objects.all()}
    assert (Refusal.objects.count(), written) == (2, {lead.pk})


@pytest.mark.parametrize("owner", ["own", "nobodys"])
@pytest.mark.parametrize("name", sorted(set(OF_ONE_LEAD) - NOBODYS))
def test_a_consultant_opens_every_page_of_an_own_or_unowned_lead(name: str, owner: str) -> None:
    client = log_in("Consultants")
    lead = make_lead(owner=User.objects.get() if owner == "own" else None)
    assert client.get(get_url(name, lead.pk)).status_code in {200, 405}
    assert Refusal.objects.count() == 0


@pytest.mark.parametrize("name", sorted(set(OF_ONE_LEAD) - NOBODYS))
def test_an_administrator_opens_every_page_of_every_lead(name: str) -> None:
    lead = make_lead(owner=make_user("Consultants"))
    assert log_in("Administrators").get(get_url(name, lead.pk)).status_code in {200, 405}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", sorted(NOBODYS))
def test_nobody_makes_or_removes_a_lead(name: str, group: str) -> None:
    lead = make_lead()
    assert ask(log_in(group), get_url(name, lead.pk)) == [403, 403]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("name", OF_ONE_LEAD)
def test_nobody_opens_or_changes_a_person_who_did_not_ask_for_contact(
    name: str, group: str
) -> None:
    lead, client = make_lead(may_contact=False), log_in(group)
    before = get_state()
    assert not {200} & set(ask(client, get_url(name, lead.pk)))
    assert get_state() == before


@pytest.mark.parametrize("name", OF_LEADS)
def test_a_stranger_is_sent_to_log_in(name: str) -> None:
    lead = make_lead()
    answers = [Client().get(get_url(name, lead.pk)), Client().post(get_url(name, lead.pk))]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert all("/admin/login/" in answer.headers["Location"] for answer in answers)


def get_actions() -> list[str]:
    request = RequestFactory().get(LIST)
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    return sorted(admin.site.get_model_admin(Lead).get_actions(request))


def do(client: Client, action: str, lead: Lead, colleague: User) -> int:
    posted = {"action": action, "_selected_action": [lead.pk], "colleague": colleague.pk}
    return client.post(LIST, posted).status_code


def test_the_actions_are_found() -> None:
    assert {"take", "assign", "share_out", "judge_good", "judge_bad"} <= set(get_actions())


@pytest.mark.django_db
def test_no_action_reaches_a_lead_that_is_not_seen() -> None:
    colleague = make_user("Consultants", name="colleague")
    Consultant.objects.create(user=colleague, capacity=10)
    theirs = make_lead(owner=colleague)
    hidden = make_lead(number=1, may_contact=False)
    clients = {group: log_in(group) for group in GROUPS}
    before = get_state()
    for action in get_actions():
        assert do(clients["Marketers"], action, theirs, colleague) == 403
        for group, lead in (
            ("Consultants", theirs),
            ("Consultants", hidden),
            ("Administrators", hidden),
        ):
            do(clients[group], action, lead, colleague)
    assert get_state() == before


def test_no_action_across_all_pages_reaches_further_than_the_list() -> None:
    colleague = make_user("Consultants", name="colleague")
    theirs, client = make_lead(owner=colleague), log_in("Consultants")
    before = get_state()
    for action in get_actions():
        posted = {"action": action, "select_across": "1", "_selected_action": [theirs.pk]}
        client.post(f"{LIST}?stage=all", posted)
    assert get_state() == before


@pytest.mark.parametrize("name", OF_OTHERS)
@pytest.mark.parametrize("group", GROUPS)
def test_each_group_opens_what_it_may_and_nothing_else(name: str, group: str) -> None:
    _app, model, page = name.split("_", 2)
    user = make_user(name="somebody")
    hook = Hook.objects.create(name="x", url="https://x.example.se/", created_at=TUESDAY)
    rows: dict[str, Any] = {
        "consultant": Consultant(user=user),
        "refusal": Refusal(user=user, page="GET x", day=TUESDAY.date(), last_at=TUESDAY),
        "openingquestion": OpeningQuestion(role_key="brobyggare", tier="weak", text="?"),
        "closingreason": ClosingReason(key="x", ending="lost", name="x"),
        "hook": hook,
        "delivery": Delivery(
            hook=hook, number=1, created_at=TUESDAY, next_at=TUESDAY, until=TUESDAY
        ),
        "token": Token(name="x", digest="x", created_at=TUESDAY, expires_at=TUESDAY),
        "scorerules": ScoreRules(number=1, document=write(SHIPPED), published_at=TUESDAY),
    }
    rows[model].save()
    status = log_in(group).get(get_url(name, rows[model].pk)).status_code
    opened = 405 if page in BUTTONS else 200
    assert status == (opened if group in MAY[model][page] else 403)


def test_a_marketer_may_not_publish_a_score_but_for_the_rules_as_a_whole() -> None:
    """T14: no page takes a score; the only road to one is an edition of rules."""
    lead, client = make_lead(), log_in("Administrators")
    posted = {"stage": "new", "grade": "A1", "fit": 100, "override_grade": "A1"}
    client.post(f"{LIST}{lead.pk}/change/", posted)
    after = Lead.objects.get()
    assert (after.grade, after.fit, after.override_grade) == (lead.grade, lead.fit, "")


def get_rows(client: Client, query: str = "") -> list[Lead]:
    return list(client.get(LIST + query).context["cl"].result_list)


@pytest.mark.parametrize("query", ["", "?q=p0", "?stage=all", "?whose=1", "?org=example.se"])
def test_no_filter_or_search_shows_a_colleagues_lead(query: str) -> None:
    make_lead(owner=make_user("Consultants", name="colleague"))
    assert get_rows(log_in("Consultants"), query) == []


def test_consultants_see_all_leads_where_the_owner_of_the_portal_says_so(
    settings: Any,
) -> None:
    lead, client = (
        make_lead(owner=make_user("Consultants", name="colleague")),
        log_in("Consultants"),
    )
    settings.LEADS_SEEN = "all"
    assert get_rows(client) == [lead]
    assert client.get(get_url("leads_lead_change", lead.pk)).status_code == 200
    assert ask(log_in("Marketers"), LIST) == [403, 403]


def test_what_is_seen_is_one_queryset_for_whoever_shows_or_takes_out_leads() -> None:
    one, other = make_user("Consultants", name="one"), make_user("Consultants", name="other")
    mine, free = make_lead(owner=one), make_lead(number=1)
    theirs, _hidden = make_lead(number=2, owner=other), make_lead(number=3, may_contact=False)
    seen = {
        user.username: set(Lead.objects.seen_by(User.objects.get(pk=user.pk)))
        for user in (one, other, make_user("Marketers"), make_user("Administrators"))
    }
    assert seen == {
        "one": {mine, free},
        "other": {free, theirs},
        "marketers": set(),
        "administrators": {mine, free, theirs},
    }


def test_only_colleagues_who_work_with_leads_are_offered_as_owners() -> None:
    make_user("Marketers")
    lead, client = make_lead(), log_in("Consultants")
    make_user("Consultants", name="colleague")
    form = client.get(get_url("leads_lead_change", lead.pk)).context["forms"]["reassign"]
    offered = [user.username for user in form.fields["owner"].queryset]
    assert offered == ["colleague", "consultants"]


def test_a_picker_of_leads_hands_out_what_the_list_shows_and_no_names() -> None:
    asked = "/admin/autocomplete/?app_label=leads&model_name=gradeoverride&field_name=lead"
    make_lead(owner=make_user("Consultants", name="colleague"))
    free = make_lead(number=1)
    found = log_in("Consultants").get(asked).json()["results"]
    assert found == [{"id": str(free.pk), "text": f"{free.grade} {free.respondent_id}"}]
    assert log_in("Marketers").get(asked).status_code == 403
