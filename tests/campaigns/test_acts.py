"""What could do harm begins with a fresh link, mailed to the known address, for one act."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from assessments import personal_data
from assessments.models import Erasure, Respondent, Response
from campaigns import acts, letters, permission, placeholders, tokens
from campaigns.acts import Act, Standing
from campaigns.admin.messages import PERSONAL_LINKS
from campaigns.models import CampaignVersion, Enrolment, Message, Suppression
from tests.factories import TUESDAY, get_consents, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("act_views", "preference_views"):
        monkeypatch.setattr(f"campaigns.{module}.ring", lambda *_, **__: None)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def enrolment(version: CampaignVersion) -> Enrolment:
    return make_enrolment(version)


def mail(enrolment: Enrolment, act: Act) -> str:
    """The path of the link in the mail that was queued for this act."""
    assert acts.mail_link(act=act, respondent_id=enrolment.respondent_id, now=TUESDAY)
    message = Message.objects.get(template=f"act_{act}")
    text = letters.render(message).text
    found = re.search(r"https?://[^/\s]+(/m/act/\S+)", text)
    assert found is not None
    return found[1]


# --- The link ------------------------------------------------------------------------------


@pytest.mark.parametrize("act", list(Act))
def test_the_link_is_mailed_to_the_known_address_in_the_persons_language(
    enrolment: Enrolment, act: Act
) -> None:
    mail(enrolment, act)
    message = Message.objects.get()
    assert (message.kind, message.to, message.language) == ("system", "alva@example.se", "sv")
    assert "två timmar" in letters.render(message).text


def test_each_act_is_mailed_once_a_day(enrolment: Enrolment) -> None:
    person = enrolment.respondent_id
    sent = [
        acts.mail_link(act=act, respondent_id=person, now=TUESDAY + number * HOUR)
        for number in range(3)
        for act in (Act.EXPORT, Act.ERASE)
    ]
    assert sent == [True, True, False, False, False, False]
    assert acts.mail_link(act=Act.EXPORT, respondent_id=person, now=TUESDAY + DAY)


def test_nothing_is_mailed_to_an_address_that_nobody_confirmed(version: CampaignVersion) -> None:
    person = Respondent.objects.create(email="bo@example.se", created_at=TUESDAY)
    assert not acts.mail_link(act=Act.EXPORT, respondent_id=person.pk, now=TUESDAY)
    assert not acts.mail_link(act=Act.EXPORT, respondent_id=person.pk + 1, now=TUESDAY)


@pytest.mark.parametrize(
    ("age", "standing"),
    [
        (timedelta(0), Standing.OPEN),
        (2 * HOUR, Standing.OPEN),
        (2 * HOUR + timedelta(seconds=1), Standing.EXPIRED),
        (100 * DAY, Standing.EXPIRED),
    ],
)
def test_the_link_is_good_for_two_hours(
    enrolment: Enrolment, age: timedelta, standing: Standing
) -> None:
    token = mail(enrolment, Act.ERASE).split("/")[3]
    link = acts.read(token=token, now=TUESDAY + age)
    assert link is not None
    assert (link.act, link.standing) == (Act.ERASE, standing)


def test_the_link_ends_with_the_address_it_was_mailed_to(
    client: Client, enrolment: Enrolment
) -> None:
    path = mail(enrolment, Act.EXPORT)
    Respondent.objects.update(email="new@example.se")
    assert client.post(path).status_code == 410


@pytest.mark.parametrize("purpose", ["preferences", "unsubscribe", "confirm", "address"])
def test_no_other_link_does_what_a_fresh_one_does(
    client: Client, enrolment: Enrolment, purpose: tokens.Purpose
) -> None:
    content = ["erase", enrolment.respondent_id, int(TUESDAY.timestamp()), "0" * 16]
    assert client.post(f"/m/act/{tokens.make(purpose, content)}/").status_code == 404
    assert Respondent.objects.exists()


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_does_nothing(client: Client, enrolment: Enrolment, act: Act, method: str) -> None:
    path = mail(enrolment, act)
    answer = getattr(client, method)(path)
    assert not answer.cookies
    assert (Respondent.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize("act", list(Act))
def test_an_old_link_does_nothing_and_says_so(
    client: Client, enrolment: Enrolment, act: Act, clock: time_machine.Traveller
) -> None:
    path = mail(enrolment, act)
    clock.shift(3 * HOUR)
    answer = client.post(path, {"email": "new@example.se"})
    assert answer.status_code == 200
    assert "/m/preferences/" in answer.content.decode()
    assert (Respondent.objects.count(), Message.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("reason", "leaves"),
    [("remove_me", True), ("complaint", False), ("manual", False), ("bounce", False)],
)
def test_whoever_asked_to_be_left_alone_still_gets_the_link_they_ask_for(
    enrolment: Enrolment, reason: str, leaves: bool
) -> None:
    Suppression.objects.create(
        subject_key=permission.get_subject_key("alva@example.se"),
        reason=reason,
        created_at=TUESDAY,
    )
    mail(enrolment, Act.ERASE)
    refusals = permission.get_refusals(messages=[Message.objects.get()], now=TUESDAY)
    assert (refusals == {}) is leaves


def test_no_colleague_reads_a_link_that_acts_for_a_person() -> None:
    links = {name for name, each in placeholders.ALL_VARIABLES.items() if each.kind == "url"}
    # Mail to colleagues leads to their own pages, behind the login.
    others = {"site_url", "booking_url", *placeholders.STAFF_VARIABLES}
    assert set(PERSONAL_LINKS) == links - others


# --- Export --------------------------------------------------------------------------------


def test_the_export_is_one_file_with_everything(client: Client, enrolment: Enrolment) -> None:
    answer = client.post(mail(enrolment, Act.EXPORT))
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pmo-2026-09-15.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = json.loads(archive.read("person.json"))
        names = set(archive.namelist())
    everything = personal_data.export(respondent_id=enrolment.respondent_id)
    assert set(data) == set(everything)
    assert data["consent_events"][0]["text"].startswith("Ja, skicka mig mitt resultat")
    assert data["person"][0]["email"] == "alva@example.se"
    assert len(data["answers"]) == len(everything["answers"]) == 13
    assert {"LÄSMIG.txt", "schema.json", "csv/answers.csv", "csv/preferences.csv"} <= names


def test_an_export_changes_nothing(client: Client, enrolment: Enrolment) -> None:
    path = mail(enrolment, Act.EXPORT)
    client.post(path)
    assert get_consents(enrolment.respondent_id) == {"tips": "confirmed"}
    assert client.post(path).status_code == 200


# --- Erasure -------------------------------------------------------------------------------


def test_erasing_leaves_a_receipt_and_a_keyed_hash(client: Client, enrolment: Enrolment) -> None:
    path = mail(enrolment, Act.ERASE)
    page = client.post(path).content.decode()
    receipt = Erasure.objects.get()
    assert receipt.receipt in page
    assert "2026-09-15 09:00:00" in page
    assert not Respondent.objects.exists()
    assert not Response.objects.exists()
    assert not Message.objects.exists()
    suppression = Suppression.objects.get()
    assert suppression.subject_key == permission.get_subject_key("alva@example.se")
    assert suppression.reason == "erased"


def test_erasing_twice_is_answered_that_it_is_gone(client: Client, enrolment: Enrolment) -> None:
    path = mail(enrolment, Act.ERASE)
    client.post(path)
    assert client.post(path).status_code == 410
    assert client.get(path).status_code == 410
    assert Erasure.objects.count() == 1
