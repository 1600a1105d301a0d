"""A person moves to another address: asked for from the old one, proved at the new one."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from assessments import personal_data, profiles
from assessments.models import Erasure, Respondent
from campaigns import acts, advancing, evidence, letters, permission, purging, relocating, sending
from campaigns.enrolment import confirm as confirm_request
from campaigns.models import (
    AddressChange,
    CampaignVersion,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    Enrolment,
    Message,
    Suppression,
)
from campaigns.relocating import Standing
from tests.campaigns.panels import ask, confirm
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OLD, NEW = "alva@example.se", "alva@nytt.example"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr("campaigns.act_views.ring", lambda *_, **__: None)
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def enrolment(version: CampaignVersion) -> Enrolment:
    return make_enrolment(version)


def move(enrolment: Enrolment, *, now: datetime = TUESDAY, to: str = NEW) -> bool:
    return relocating.ask(respondent_id=enrolment.respondent_id, email=to, now=now)


def prove(now: datetime = TUESDAY + MINUTE) -> relocating.Move:
    newest = AddressChange.objects.order_by("-pk").first()
    assert newest is not None
    return relocating.confirm(change_id=newest.pk, now=now)


def get_said(email: str) -> list[tuple[str, str, str, bool]]:
    events = ConsentEvent.objects.filter(subject_key=permission.get_subject_key(email))
    return [
        (each.kind, each.purpose, each.source, each.wording is not None)
        for each in events.order_by("pk")
    ]


# --- Asking --------------------------------------------------------------------------------


def test_asking_mails_the_new_address_and_changes_nothing(enrolment: Enrolment) -> None:
    assert move(enrolment)
    message = Message.objects.get()
    assert (message.to, message.template, message.state) == (NEW, "new_address", "queued")
    assert enrolment.respondent.email == OLD
    assert Consent.objects.get().state == "confirmed"
    assert get_said(NEW) == [("asked", "tips", "change of address", True)]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_mail_to_the_new_address_holds_nothing_about_the_person(
    version: CampaignVersion, language: str
) -> None:
    enrolment = make_enrolment(version, language=language)
    move(enrolment)
    mail = letters.render(Message.objects.get())
    for part in (mail.subject, mail.text, mail.html):
        for word in ("Alva", OLD, "/m/preferences/", "/resultat/", "/m/unsubscribe/"):
            assert word not in part


def test_the_new_address_is_asked_as_seldom_as_on_the_panel(enrolment: Enrolment) -> None:
    sent = [move(enrolment, now=TUESDAY + 11 * MINUTE * number) for number in range(5)]
    assert sent == [True, True, True, False, False]
    assert not move(enrolment, now=TUESDAY + 12 * MINUTE * 5, to="other@example.se")
    assert move(enrolment, now=TUESDAY + 2 * DAY, to="other@example.se")


def test_who_gets_no_mail_has_nothing_to_move(enrolment: Enrolment) -> None:
    permission.withdraw(
        respondent_id=enrolment.respondent_id, purposes=["tips"], source="page", now=TUESDAY
    )
    assert not move(enrolment)


def test_an_address_that_must_not_be_mailed_gets_no_mail(enrolment: Enrolment) -> None:
    permission.suppress(email=NEW, reason=Suppression.Reason.COMPLAINT, now=TUESDAY)
    move(enrolment)
    message = Message.objects.get()
    refusals = permission.get_refusals(messages=[message], now=TUESDAY)
    assert {each.reason for each in refusals.values()} == {"complaint"}


# --- Proving -------------------------------------------------------------------------------


def test_proving_moves_the_person_and_tells_the_old_address(enrolment: Enrolment) -> None:
    move(enrolment)
    assert prove().standing == Standing.CONFIRMED
    enrolment.refresh_from_db()
    assert (enrolment.respondent.email, enrolment.state) == (NEW, "active")
    told = Message.objects.get(template="address_moved")
    text = letters.render(told).text
    assert told.to == OLD
    assert NEW not in text
    assert "Alva" not in text
    assert "/m/preferences/" not in text


def test_each_yes_goes_along_in_its_words_and_ends_for_the_old_address(
    version: CampaignVersion,
) -> None:
    response = make_response(version.campaign.assessment.versions.get())
    ask(response, purposes=("tips", "contact", "tracking"))
    confirm()
    person = Respondent.objects.get()
    words = evidence.get_yeses(email=OLD)["tips"].wording
    permission.withdraw(respondent_id=person.pk, purposes=["tracking"], source="page", now=TUESDAY)
    relocating.ask(respondent_id=person.pk, email=NEW, now=TUESDAY + MINUTE)
    prove(TUESDAY + 2 * MINUTE)
    source = "change of address"
    assert get_said(NEW) == [
        ("asked", "tips", source, True),
        ("asked", "contact", source, True),
        ("confirmed", "tips", source, True),
        ("confirmed", "contact", source, True),
        ("withdrawn", "tracking", source, False),
    ]
    assert get_said(OLD)[-2:] == [
        ("withdrawn", "tips", "moved away", False),
        ("withdrawn", "contact", "moved away", False),
    ]
    assert evidence.get_yeses(email=NEW)["tips"].wording == words
    states = dict(Consent.objects.values_list("purpose", "state"))
    assert states == {"tips": "confirmed", "contact": "confirmed", "tracking": "withdrawn"}


@pytest.mark.parametrize("state", ["queued", "claimed"])
def test_what_waits_to_be_sent_goes_to_the_new_address(enrolment: Enrolment, state: str) -> None:
    move(enrolment)
    advancing.plan_due(now=TUESDAY, limit=10)
    if state == "claimed":
        Message.objects.filter(kind="campaign").update(
            state="claimed", claim="0" * 32, lease_until=TUESDAY + DAY
        )
    prove()
    message = Message.objects.get(kind="campaign")
    assert (message.to, message.state, message.claim) == (NEW, "queued", None)
    wire = Wire()
    sending.send_due(now=TUESDAY + 2 * MINUTE, limit=10, transport=wire)
    addressed = sorted((mail.to, "Result" in mail.subject) for mail in wire.mails)
    assert {to for to, _ in addressed} == {NEW, OLD}
    assert Message.objects.get(kind="campaign").state == "sent"
    assert [each.to for each in Message.objects.filter(to=OLD)] == [OLD]
    assert Message.objects.get(to=OLD).template == "address_moved"


@pytest.mark.parametrize(("reason", "ends"), [("erased", True), ("remove_me", True)])
def test_proving_ends_what_a_person_may_end_at_the_new_address(
    enrolment: Enrolment, reason: str, ends: bool
) -> None:
    key = permission.get_subject_key(NEW)
    Suppression.objects.create(subject_key=key, reason=reason, created_at=TUESDAY)
    move(enrolment)
    mail = Message.objects.get()
    assert permission.get_refusals(messages=[mail], now=TUESDAY) == {}
    prove()
    assert Suppression.objects.exists() is not ends


def test_an_address_that_is_somebodys_stays_theirs(
    version: CampaignVersion, enrolment: Enrolment
) -> None:
    other = make_enrolment(version, email=NEW)
    move(enrolment, now=TUESDAY + DAY)
    assert prove(TUESDAY + DAY + MINUTE).standing == Standing.TAKEN
    enrolment.refresh_from_db()
    other.refresh_from_db()
    assert (enrolment.respondent.email, other.respondent.email) == (OLD, NEW)


def test_a_stranger_who_only_asked_with_that_address_makes_way(
    version: CampaignVersion, enrolment: Enrolment
) -> None:
    response = make_response(version.campaign.assessment.versions.get())
    ask(response, email=NEW, now=TUESDAY - DAY)
    move(enrolment)
    assert prove().standing == Standing.CONFIRMED
    assert list(Respondent.objects.values_list("email", flat=True)) == [NEW]


def test_what_the_old_address_was_asked_it_can_no_longer_answer(enrolment: Enrolment) -> None:
    ask(enrolment.response, purposes=("contact",), now=TUESDAY + 11 * MINUTE)
    origin = ConsentOrigin.objects.get(confirmed_at=None)
    move(enrolment, now=TUESDAY + 12 * MINUTE)
    prove(TUESDAY + 13 * MINUTE)
    late = confirm_request(origin_id=origin.pk, response_id=origin.response_id, now=TUESDAY + DAY)
    assert late.standing == "expired"
    assert set(Consent.objects.values_list("purpose", "state")) == {
        ("tips", "confirmed"),
        ("contact", "unconfirmed"),
    }


def test_proving_twice_moves_once(enrolment: Enrolment) -> None:
    move(enrolment)
    assert [prove().standing for _ in range(2)] == [Standing.CONFIRMED] * 2
    assert Message.objects.filter(template="address_moved").count() == 1


def test_a_link_is_good_for_seven_days_and_until_another_is_asked_for(
    enrolment: Enrolment,
) -> None:
    move(enrolment)
    first = AddressChange.objects.get()
    late = TUESDAY + 7 * DAY + MINUTE
    assert relocating.get_move(change_id=first.pk, now=late).standing == Standing.EXPIRED
    move(enrolment, to="third@example.se", now=TUESDAY + MINUTE)
    assert relocating.get_move(change_id=first.pk, now=TUESDAY).standing == Standing.EXPIRED
    assert relocating.confirm(change_id=first.pk, now=TUESDAY).standing == Standing.EXPIRED
    assert enrolment.respondent.email == OLD


def test_a_link_whose_person_was_erased_is_gone(enrolment: Enrolment) -> None:
    move(enrolment)
    change = AddressChange.objects.get()
    Respondent.objects.all().delete()
    assert relocating.confirm(change_id=change.pk, now=TUESDAY).standing == Standing.GONE


def test_erasing_forgets_the_address_that_was_left_too(enrolment: Enrolment) -> None:
    """A backup from before the move knows the person by it."""
    advancing.plan_due(now=TUESDAY, limit=10)
    move(enrolment)
    prove()
    later = TUESDAY + DAY
    personal_data.erase(respondent_id=enrolment.respondent_id, now=later)
    keys = {permission.get_subject_key(each) for each in (OLD, NEW)}
    assert set(Suppression.objects.values_list("subject_key", "reason")) == {
        (key, "erased") for key in keys
    }
    assert set(Erasure.objects.values_list("subject_key", flat=True)) == keys


def test_an_address_that_somebody_else_has_taken_over_is_left_to_them(
    version: CampaignVersion, enrolment: Enrolment
) -> None:
    move(enrolment)
    prove()
    other = make_enrolment(version, email=OLD, now=TUESDAY + DAY)
    personal_data.erase(respondent_id=enrolment.respondent_id, now=TUESDAY + 2 * DAY)
    assert Suppression.objects.count() == 1
    other.refresh_from_db()
    assert other.state == "active"


@pytest.mark.parametrize("is_back", [False, True])
def test_evidence_about_an_address_left_behind_has_its_time(
    version: CampaignVersion, enrolment: Enrolment, is_back: bool
) -> None:
    move(enrolment)
    prove()
    if is_back:
        make_enrolment(version, email=OLD, now=TUESDAY + DAY)
    before = len(get_said(OLD))
    for years, kept in ((1.9, before), (2.1, before if is_back else 0)):
        purging.purge_slowly(now=TUESDAY + years * 365 * DAY, limit=1)
        purging.purge_slowly(now=TUESDAY + years * 365 * DAY, limit=10)
        assert len(get_said(OLD)) == kept
    assert ("confirmed", "tips", "change of address", True) in get_said(NEW)


# --- By the pages --------------------------------------------------------------------------


def get_path(message: Message, part: str) -> str:
    found = re.search(rf"https?://[^/\s]+({part}\S+)", letters.render(message).text)
    assert found is not None
    return found[1]


def test_the_whole_way_by_the_pages(client: Client, enrolment: Enrolment) -> None:
    acts.mail_link(act=acts.Act.ADDRESS, respondent_id=enrolment.respondent_id, now=TUESDAY)
    form = get_path(Message.objects.get(), "/m/act/")
    assert client.post(form, {"email": "Alva@NYTT.example"}).status_code == 200
    link = get_path(Message.objects.get(to=NEW), "/m/address/")
    assert client.get(link).status_code == 200
    assert Respondent.objects.get().email == OLD
    page = client.post(link)
    assert (page.status_code, Respondent.objects.get().email) == (200, NEW)
    assert client.post(form, {"email": "third@example.se"}).status_code == 410


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a@b.se\nBcc: x@y.z",
        "a@b.se, c@d.e",
        "a@localhost",
        "a@[127.0.0.1]",
        f"{'a' * 65}@example.se",
        "å@example.se",
        "no-reply@example.se",
        "pmo@example.com",
        "alva@yopmail.com",
        OLD,
        OLD.upper(),
    ],
)
def test_the_new_address_is_held_to_the_rules_of_the_panel(
    client: Client, enrolment: Enrolment, address: str
) -> None:
    acts.mail_link(act=acts.Act.ADDRESS, respondent_id=enrolment.respondent_id, now=TUESDAY)
    answer = client.post(get_path(Message.objects.get(), "/m/act/"), {"email": address})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not AddressChange.objects.exists()


def test_an_address_of_another_alphabet_is_known_by_its_ascii_form(
    client: Client, enrolment: Enrolment
) -> None:
    acts.mail_link(act=acts.Act.ADDRESS, respondent_id=enrolment.respondent_id, now=TUESDAY)
    client.post(get_path(Message.objects.get(), "/m/act/"), {"email": "Alva@Ö.se"})
    assert AddressChange.objects.get().email == profiles.normalise_email("alva@ö.se")


def test_a_known_new_address_is_answered_like_an_unknown_one(
    client: Client, version: CampaignVersion, enrolment: Enrolment
) -> None:
    make_enrolment(version, email="known@example.se")
    acts.mail_link(act=acts.Act.ADDRESS, respondent_id=enrolment.respondent_id, now=TUESDAY)
    form = get_path(Message.objects.get(), "/m/act/")
    pages = {
        client.post(form, {"email": each}).content for each in ("known@example.se", "un@example.se")
    }
    assert len(pages) == 1
