"""The register in the admin: for administrators only, and what they can do for a person from it."""

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Erasure, Respondent
from campaigns import permission, rights
from campaigns.models import Consent, Message, RightsRequest
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.admin import count_queries, get_list, get_page, get_status, log_in
from tests.factories import make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

EMAIL = "alva@example.se"
REGISTER = get_list(RightsRequest)
ACTS = ("export", "erase", "object")
OTHERS = ["Consultants", "Marketers", ""]


@pytest.fixture
def person() -> int:
    enrolled = make_enrolment(publish_campaign(), email=EMAIL, now=timezone.now())
    return int(enrolled.respondent_id)


@pytest.fixture
def client() -> Client:
    return log_in("Administrators")


def add(person: int | None = None, *, kind: str = "access", days_ago: int = 0) -> RightsRequest:
    now = timezone.now()
    on = timezone.localdate(now) - timedelta(days=days_ago)
    own = {"kind": kind, "respondent_id": person, "on": on}
    return rights.register(road="phone", note="", by_id=None, now=now, **own)


def get_act(person: int, act: str) -> str:
    return reverse("admin:campaigns_rightsrequest_act", args=[person, act])


def post_new(client: Client, **said: Any) -> Any:
    day = f"{timezone.localdate()}"
    form = {"kind": "access", "road": "phone", "received_on": day, "note": "", "address": EMAIL}
    return client.post(f"{REGISTER}add/", form | said, follow=True)


def end(client: Client, row: RightsRequest, **said: Any) -> str:
    form = {"outcome": "done", "reason": "Sent by letter", "ended_on": f"{timezone.localdate()}"}
    page = client.post(get_page(row, "end"), form | said, follow=True)
    row.refresh_from_db()
    return str(page.content.decode())


@pytest.mark.parametrize("group", OTHERS)
def test_nobody_but_administrators_sees_or_does_anything(group: str, person: int) -> None:
    other, row = log_in(group), add(person)
    pages = [REGISTER, f"{REGISTER}add/", get_page(row), *(get_act(person, act) for act in ACTS)]
    assert {get_status(other, page) for page in pages} == {403}
    for act in ACTS:
        for how in ("now", "link"):
            assert other.post(get_act(person, act), {"how": how}).status_code == 403
    assert other.post(get_page(row, "end"), {}).status_code == 403
    assert (Respondent.objects.count(), Message.objects.count()) == (1, 0)
    assert RightsRequest.objects.get().ended_on is None


def test_administrators_open_every_page_and_looking_changes_nothing(
    client: Client, person: int
) -> None:
    row = add(person)
    pages = [REGISTER, f"{REGISTER}add/", get_page(row), *(get_act(person, act) for act in ACTS)]
    assert {get_status(client, page) for page in pages} == {200}
    assert get_status(client, get_page(row, "end")) == 405
    assert Respondent.objects.exists()
    assert list(RightsRequest.objects.values_list("pk", "ended_on")) == [(row.pk, None)]


def test_a_request_is_registered_with_the_person_and_without_the_address(
    client: Client, person: int
) -> None:
    page = post_new(client, address=" ALVA@example.se", note="Wants a copy").content.decode()
    row = RightsRequest.objects.get()
    assert (row.kind, row.road, row.respondent_id, row.note) == (
        "access",
        "phone",
        person,
        "Wants a copy",
    )
    assert row.registered_by is not None
    assert row.registered_by.username == "administrators"
    assert "Registered. It must be answered by" in page
    assert EMAIL not in str(list(LogEntry.objects.values()))


def test_a_request_of_somebody_unknown_is_registered_too(client: Client) -> None:
    post_new(client, address="")
    assert RightsRequest.objects.get().respondent is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"address": "bo@example.se"}, "Nobody here has this address."),
        ({"address": "bo"}, "Enter a valid email address."),
        ({"note": "It is bo@example.se"}, "Write no address here"),
        ({"received_on": "2999-01-01"}, "That day has not come yet."),
        ({"received_on": "yesterday"}, "Enter a valid date."),
        ({"kind": "at_provider"}, "Select a valid choice."),
        ({"road": ""}, "This field is required."),
    ],
)
def test_what_makes_no_sense_is_not_registered(
    client: Client, person: int, said: dict[str, str], words: str
) -> None:
    page = post_new(client, **said)
    assert (page.status_code, words in page.content.decode()) == (200, True)
    assert not RightsRequest.objects.exists()


def test_a_request_ends_with_an_outcome_a_reason_and_a_day(client: Client) -> None:
    row = add()
    assert "The request has ended." in end(client, row, outcome="refused", reason="Not ours")
    assert (row.outcome, row.reason, row.ended_on) == ("refused", "Not ours", timezone.localdate())
    assert row.ended_by is not None
    assert "It had ended before." in end(client, row)
    assert row.outcome == "refused"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"outcome": "erased"}, "Select a valid choice."),
        ({"reason": " "}, "This field is required."),
        ({"reason": "Mailed to bo@example.se"}, "Write no address here"),
        ({"ended_on": "2001-01-01"}, "between the day it came and today"),
        ({"ended_on": "2999-01-01"}, "between the day it came and today"),
    ],
)
def test_an_end_that_makes_no_sense_says_so(
    client: Client, said: dict[str, str], words: str
) -> None:
    row = add()
    assert words in end(client, row, **said)
    assert row.ended_on is None


def test_the_link_goes_to_the_address_that_we_know(client: Client, person: int) -> None:
    page = client.post(get_act(person, "erase"), {"how": "link"}, follow=True).content.decode()
    assert "on its way to the address that we know" in page
    assert list(Message.objects.values_list("to", "template")) == [(EMAIL, "act_erase")]
    assert Respondent.objects.exists()
    again = client.post(get_act(person, "erase"), {"how": "link"}, follow=True).content.decode()
    assert "the person has had one today" in again
    assert list(RightsRequest.objects.values_list("kind", "ended_on")) == [("erasure", None)]


def test_no_link_goes_to_an_address_that_nobody_confirmed(client: Client, person: int) -> None:
    Consent.objects.update(confirmed_at=None, state="unconfirmed")
    assert "Nobody has ever confirmed" in client.get(get_act(person, "export")).content.decode()
    client.post(get_act(person, "export"), {"how": "link"})
    assert not Message.objects.exists()


def test_an_export_is_a_download_to_be_handed_over(client: Client, person: int) -> None:
    page = client.get(get_act(person, "export")).content.decode()
    assert page.index("First choice: send the person a fresh link") < page.index("Or download it")
    assert "it is never mailed to another address than the one we know" in page
    answer = client.post(get_act(person, "export"), {"how": "now"})
    row = RightsRequest.objects.get()
    assert answer["Content-Disposition"] == (
        f'attachment; filename="pmo-{row.pk}-{timezone.localdate()}.zip"'
    )
    assert "no-store" in answer["Cache-Control"]
    packed = zipfile.ZipFile(io.BytesIO(answer.content))
    document = json.loads(packed.read("person.json"))
    assert document["person"][0]["email"] == EMAIL
    assert document["rights_requests"][0]["kind"] == "access"
    assert (row.kind, row.road, row.ended_on) == ("access", "here", None)
    assert "Downloaded to be handed over." in LogEntry.objects.get().get_change_message()
    assert not Message.objects.exists()


def test_an_erasure_gives_its_receipt_and_leaves_its_line(client: Client, person: int) -> None:
    row = add(person, kind="erasure", days_ago=3)
    page = client.post(get_act(person, "erase"), {"how": "now"}, follow=True).content.decode()
    receipt = Erasure.objects.get().receipt
    assert f"The person is erased. Receipt {receipt}: tell it to the person." in page
    row.refresh_from_db()
    assert not Respondent.objects.exists()
    assert (row.receipt, row.outcome, row.respondent) == (receipt, "done", None)
    assert (row.received_on, row.ended_on) == (
        timezone.localdate() - timedelta(days=3),
        timezone.localdate(),
    )
    assert row.ended_by is not None
    assert receipt in client.get(get_page(row)).content.decode()
    assert client.post(get_act(person, "erase"), {"how": "now"}).status_code == 404
    assert EMAIL not in str(list(LogEntry.objects.values()))


def test_an_objection_has_three_effects_and_ends_its_request(client: Client, person: int) -> None:
    wordings = [permission.get_wordings(language="sv")["contact"]]
    told = {"respondent_id": person, "email": EMAIL, "wordings": wordings, "now": timezone.now()}
    permission.ask(**told)
    permission.confirm(**told)
    refresh_lead(respondent_id=person, now=timezone.now())
    assert Lead.objects.to_contact().count() == 1
    client.post(get_act(person, "object"), {"how": "now"})
    refresh_lead(respondent_id=person, now=timezone.now())
    assert set(Consent.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert not Lead.objects.to_contact().exists()
    assert RightsRequest.objects.get().outcome == "done"


@pytest.mark.parametrize("group", ["Administrators", "Consultants"])
def test_the_person_s_page_has_the_buttons_for_those_who_may(group: str, person: int) -> None:
    shown = log_in(group).get(get_page(Respondent.objects.get(pk=person)))
    buttons = [act for act in ACTS if get_act(person, act) in shown.content.decode()]
    assert (shown.status_code, buttons) == (
        (200, list(ACTS)) if group == "Administrators" else (403, [])
    )


@pytest.mark.parametrize(
    ("kind", "act"), [("access", "export"), ("erasure", "erase"), ("objection", "object")]
)
def test_an_open_request_leads_to_its_act(client: Client, person: int, kind: str, act: str) -> None:
    row = add(person, kind=kind)
    assert get_act(person, act) in client.get(get_page(row)).content.decode()
    end(client, row)
    assert get_act(person, act) not in client.get(get_page(row)).content.decode()


def test_what_a_provider_must_erase_is_shown_and_ended(client: Client) -> None:
    for number in range(2):
        RightsRequest.objects.create(
            kind="at_provider",
            provider="postmark",
            mails=2,
            provider_ids=[f"id-{number}"],
            receipt="ABCD-EFGH-JKLM",
            received_on=date(2026, 9, 15),
            due_on=date(2026, 10, 15),
        )
    row, other = RightsRequest.objects.order_by("pk")
    page = client.get(get_page(row)).content.decode()
    assert "postmark has carried 2 mails" in page
    assert "id-0" in page
    assert "https://postmarkapp.com/dpa" in page
    mine = add()
    chosen = {"action": "end_at_providers", "_selected_action": [row.pk, other.pk, mine.pk]}
    assert "2 requests have ended." in client.post(REGISTER, chosen, follow=True).content.decode()
    assert set(RightsRequest.objects.values_list("kind", "outcome", "ended_on")) == {
        ("at_provider", "done", timezone.localdate()),
        ("access", "", None),
    }


def test_the_list_begins_with_what_is_due_first(client: Client) -> None:
    ended, soon, later = add(days_ago=30), add(days_ago=20), add()
    end(client, ended)
    rows = client.get(REGISTER).context["cl"].result_list
    assert [each.pk for each in rows] == [soon.pk, later.pk, ended.pk]
    late = add(days_ago=60)
    for standing, expected in (
        ("open", {late.pk, soon.pk, later.pk}),
        ("late", {late.pk}),
        ("ended", {ended.pk}),
    ):
        found = client.get(f"{REGISTER}?standing={standing}").context["cl"].result_list
        assert {each.pk for each in found} == expected


def test_many_requests_take_as_many_queries_as_one(client: Client, person: int) -> None:
    add(person)
    one = count_queries(client, REGISTER)
    for number in range(5):
        add(make_enrolment(publish_campaign(), email=f"b{number}@example.se").respondent_id)
    assert count_queries(client, REGISTER) == one


def test_the_first_page_says_what_is_late_and_what_is_due_soon(client: Client) -> None:
    for days in (60, 20, 0):
        add(days_ago=days)
    page = client.get("/admin/").content.decode()
    assert "1 request of a person is late." in page
    assert "1 request of a person must be answered within two weeks." in page
    assert f"{REGISTER}?standing=open" in page
    assert "request of a person" not in log_in("Marketers").get("/admin/").content.decode()
