"""A person's own page about our mail, as a browser sees it and as the rows show it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from assessments.models import Respondent
from campaigns import advancing, explaining, letters, permission, tokens
from campaigns.models import (
    CampaignVersion,
    ConsentEvent,
    ConsentWording,
    Enrolment,
    Freeze,
    Message,
    Preference,
    Suppression,
)
from tests.campaigns.panels import ask, confirm
from tests.factories import TUESDAY, get_consents, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were rung for."""
    heard: list[str] = []
    for module in ("preference_views", "views"):
        monkeypatch.setattr(
            f"campaigns.{module}.ring", lambda task, **_: heard.append(task.__name__)
        )
    return heard


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def enrolment(version: CampaignVersion) -> Enrolment:
    """Somebody who gets tips, and has had the result letter."""
    enrolment = make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state="sent", sent_at=TUESDAY, sending_at=TUESDAY, ended_at=TUESDAY)
    return enrolment


@pytest.fixture
def link(enrolment: Enrolment) -> str:
    return get_link(enrolment.respondent_id, Message.objects.get().pk.hex)


def get_link(respondent_id: int, message: str = "") -> str:
    return f"/m/preferences/{tokens.make('preferences', [respondent_id, message])}/"


def read(client: Client, link: str) -> str:
    return " ".join(client.get(link).content.decode().split())


# --- The link ------------------------------------------------------------------------------


def test_every_mail_to_a_person_leads_to_their_own_page(
    client: Client, enrolment: Enrolment
) -> None:
    mail = letters.render(Message.objects.get())
    url = letters.get_all_values(Message.objects.get())["preferences_url"]
    assert url in mail.text
    assert url in mail.html
    page = client.get(re.sub("^https?://[^/]+", "", url))
    assert page.status_code == 200
    assert "Varför" in page.content.decode() or "Why" in page.content.decode()


def test_the_page_needs_no_cookie_and_sets_none(enrolment: Enrolment, link: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(link, {"do": "cap", "cap_days": "7"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(client: Client, link: str, method: str) -> None:
    before = take_stock()
    getattr(client, method)(link)
    assert take_stock() == before


def take_stock() -> list[object]:
    tables = (Enrolment, Message, ConsentEvent, Freeze, Preference, Suppression, Respondent)
    return [list(model.objects.values()) for model in tables]  # type: ignore[attr-defined]


@pytest.mark.parametrize("purpose", ["confirm", "unsubscribe", "act", "address", "go"])
def test_a_link_for_something_else_opens_nothing(
    client: Client, enrolment: Enrolment, purpose: tokens.Purpose
) -> None:
    token = tokens.make(purpose, [enrolment.respondent_id, ""])
    answer = client.post(f"/m/preferences/{token}/", {"do": "stop_all"})
    assert answer.status_code == 404
    assert 'name="email"' in answer.content.decode()
    assert get_consents(enrolment.respondent_id) == {"tips": "confirmed"}


def test_guessing_is_stopped_after_twenty_in_a_minute(client: Client) -> None:
    statuses = [client.get(f"/m/preferences/guess{number}/").status_code for number in range(25)]
    assert statuses[:20] == [404] * 20
    assert 429 in statuses


def test_the_page_of_somebody_who_was_erased_is_gone(client: Client, link: str) -> None:
    Respondent.objects.all().delete()
    for answer in (client.get(link), client.post(link, {"do": "stop_all"})):
        assert answer.status_code == 410


def test_whoever_holds_the_mail_learns_neither_address_nor_answers(
    client: Client, enrolment: Enrolment, link: str
) -> None:
    page = read(client, link)
    assert "alva@example.se" not in page
    assert "a•••@e•••.se" in page
    assert "/resultat/" not in page
    assert "Alva" not in page


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"do": "nonsense"},
        {"do": "stop"},
        {"do": "stop", "purpose": "everything"},
        {"do": "cap", "cap_days": "1"},
        {"do": "cap", "cap_days": "\x00"},
        {"do": "language", "language": "fi"},
        {"do": "link", "act": "sell"},
        {"do": "yes"},
        {"do": "yes", "contact": "on", "contact_wording": "0"},
        {"do": "pause", "length": "date"},
        {"do": "pause", "length": "date", "until": "tomorrow"},
        {"do": "pause", "length": "date", "until": "2026-09-16"},
        {"do": "pause", "length": "date", "until": "2028-01-01"},
        {"do": "pause", "length": "for ever"},
    ],
)
def test_what_makes_no_sense_is_said_so_and_changes_nothing(
    client: Client, link: str, content: dict[str, str]
) -> None:
    before = take_stock()
    answer = client.post(link, content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert take_stock() == before


# --- Stopping, and saying yes again ----------------------------------------------------------


def test_one_purpose_is_stopped_and_the_other_stays(
    client: Client, version: CampaignVersion
) -> None:
    person = make_person(version, "tips", "contact", "tracking")
    client.post(get_link(person), {"do": "stop", "purpose": "tracking"})
    assert get_consents(person) == {
        "tips": "confirmed",
        "contact": "confirmed",
        "tracking": "withdrawn",
    }
    event = ConsentEvent.objects.get(kind="withdrawn")
    assert (event.purpose, event.source) == ("tracking", "preferences")


def make_person(version: CampaignVersion, *purposes: str) -> int:
    """Somebody who asked on the panel and confirmed."""
    enrolment = make_enrolment(version, email="nobody@example.se")
    response = enrolment.response
    Respondent.objects.filter(pk=enrolment.respondent_id).update(email="old@example.se")
    response.respondent = None
    response.save()
    ask(response, purposes=purposes)
    confirm()
    return Respondent.objects.get(email="alva@example.se").pk


def test_everything_is_stopped_at_once(client: Client, version: CampaignVersion) -> None:
    person = make_person(version, "tips", "contact", "tracking")
    page = client.post(get_link(person), {"do": "stop_all"}).content.decode()
    assert set(get_consents(person).values()) == {"withdrawn"}
    assert 'role="status"' in page
    assert "stop_all" not in page


def test_a_yes_again_is_one_confirming_mail_and_no_consent_before_the_button_in_it(
    client: Client,
    enrolment: Enrolment,
    link: str,
    rings: list[str],
    clock: time_machine.Traveller,
) -> None:
    client.post(link, {"do": "stop_all"})
    clock.shift(60)
    shown = permission.get_wordings(language="sv")
    ticked = dict.fromkeys(("tips", "tracking"), "on")
    words = {f"{each}_wording": str(shown[each].pk) for each in ("tips", "tracking")}
    page = client.post(link, {"do": "yes", **ticked, **words})
    assert page.status_code == 200
    assert get_consents(enrolment.respondent_id)["tips"] == "withdrawn"
    asked = ConsentEvent.objects.filter(kind="asked", source="preferences").order_by("purpose")
    assert [(each.purpose, each.wording) for each in asked] == [
        ("tips", shown["tips"]),
        ("tracking", shown["tracking"]),
    ]
    mail = Message.objects.get(template="confirm")
    assert (mail.to, mail.state) == ("alva@example.se", "queued")
    assert rings == ["send_due_messages"]
    confirm(WEDNESDAY + timedelta(minutes=2))
    assert get_consents(enrolment.respondent_id) == {"tips": "confirmed", "tracking": "confirmed"}


def test_a_yes_to_words_that_have_changed_shows_the_new_ones(client: Client, link: str) -> None:
    old = permission.get_wordings(language="sv")["contact"]
    ConsentWording.objects.create(
        purpose="contact", language="sv", text="Nya ord.", created_at=TUESDAY
    )
    answer = client.post(link, {"do": "yes", "contact": "on", "contact_wording": str(old.pk)})
    assert answer.status_code == 422
    assert "Nya ord." in answer.content.decode()
    assert not Message.objects.filter(template="confirm").exists()


def test_asking_again_and_again_makes_one_mail(client: Client, link: str) -> None:
    words = permission.get_wordings(language="sv")["contact"]
    content = {"do": "yes", "contact": "on", "contact_wording": str(words.pk)}
    pages = {client.post(link, content).content for _ in range(3)}
    assert len(pages) == 1
    assert Message.objects.filter(template="confirm").count() == 1


# --- Pause, cap, language --------------------------------------------------------------------


def test_a_pause_of_a_month_is_said_and_ends_when_asked_to(
    client: Client, enrolment: Enrolment, link: str, rings: list[str]
) -> None:
    page = client.post(link, {"do": "pause", "length": "month"}).content.decode()
    freeze = Freeze.objects.get()
    assert (freeze.reason, freeze.until) == ("asked", WEDNESDAY + timedelta(days=30))
    assert "16 oktober 2026" in page
    page = client.post(link, {"do": "resume"}).content.decode()
    assert "16 oktober 2026" not in page
    assert Freeze.objects.get().until == WEDNESDAY
    assert rings == ["plan_due_messages"]


def test_a_pause_until_a_date_ends_when_that_day_begins(client: Client, link: str) -> None:
    client.post(link, {"do": "pause", "length": "date", "until": "2026-12-24"})
    assert Freeze.objects.get().until == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert "24 december 2026" in read(client, link)


def test_fewer_mails_are_a_cap_of_the_persons_own(
    client: Client, enrolment: Enrolment, link: str
) -> None:
    client.post(link, {"do": "cap", "cap_days": "14"})
    assert Preference.objects.get().cap_days == 14
    for day in (3, 10):
        advancing.plan_due(now=TUESDAY + timedelta(days=day, hours=1), limit=10)
        enrolment.refresh_from_db()
        assert (enrolment.hold_reason, Message.objects.count()) == ("own_cap", 1)
    advancing.plan_due(now=TUESDAY + timedelta(days=14, hours=1), limit=10)
    assert Message.objects.filter(step_key="tip-1", state="queued").exists()


def test_more_mails_again_are_looked_for_at_once(
    client: Client, enrolment: Enrolment, link: str
) -> None:
    client.post(link, {"do": "cap", "cap_days": "14"})
    advancing.plan_due(now=TUESDAY + timedelta(days=3, hours=1), limit=10)
    client.post(link, {"do": "cap", "cap_days": "0"})
    enrolment.refresh_from_db()
    assert enrolment.next_due_at == WEDNESDAY


def test_the_language_is_that_of_the_page_at_once_and_of_the_next_mail(
    client: Client, enrolment: Enrolment, link: str
) -> None:
    page = client.post(link, {"do": "language", "language": "en"}).content.decode()
    assert '<html lang="en"' in page
    assert '<html lang="en"' in read(client, link)
    advancing.plan_due(now=TUESDAY + timedelta(days=3, hours=1), limit=10)
    mail = Message.objects.get(step_key="tip-1")
    assert mail.language == "en"
    assert "Unsubscribe" in letters.render(mail).html


# --- The objection ------------------------------------------------------------------------------


def test_an_objection_stops_mail_and_only_an_asked_for_link_still_leaves(
    client: Client, version: CampaignVersion
) -> None:
    person = make_person(version, "tips", "contact", "tracking")
    page = client.post(get_link(person), {"do": "object"}).content.decode()
    assert 'role="status"' in page
    assert set(get_consents(person).values()) == {"withdrawn"}
    assert Suppression.objects.get().reason == "remove_me"
    client.post(get_link(person), {"do": "link", "act": "export"})
    mails = Message.objects.filter(respondent=person)
    refused = permission.get_refusals(messages=list(mails), now=WEDNESDAY)
    allowed = {each.template for each in mails if each.key not in refused}
    assert allowed == {"confirm", "act_export"}


def test_an_objection_is_over_when_the_person_says_yes_again(
    client: Client, version: CampaignVersion, clock: time_machine.Traveller
) -> None:
    person = make_person(version, "tips")
    link = get_link(person)
    client.post(link, {"do": "object"})
    clock.shift(60)
    words = permission.get_wordings(language="sv")["tips"]
    client.post(link, {"do": "yes", "tips": "on", "tips_wording": str(words.pk)})
    confirm(WEDNESDAY + timedelta(minutes=2))
    assert not Suppression.objects.exists()
    picture = explaining.get_picture(respondent_id=person, message_id=None, now=timezone.now())
    assert (picture.has_objected, picture.gets_mail) == (False, True)


def test_a_stranger_can_say_never_before_anything_was_confirmed(
    client: Client, version: CampaignVersion
) -> None:
    response = make_enrolment(version, email="other@example.se").response
    response.respondent = None
    response.save()
    ask(response)
    person = Respondent.objects.get(email="alva@example.se")
    link = get_link(person.pk)
    page = read(client, link)
    assert 'value="link"' not in page
    assert 'value="object"' in page
    client.post(link, {"do": "link", "act": "erase"})
    client.post(link, {"do": "object"})
    assert list(Message.objects.values_list("template", flat=True)) == ["confirm"]
    assert get_consents(person.pk) == {"tips": "withdrawn"}
