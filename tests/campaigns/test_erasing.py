"""Nothing is left of a person who was erased, wherever one looks; and no mail leaves any more."""

import random
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from assessments import personal_data, tokens
from assessments.models import Erasure, Respondent
from campaigns import advancing, letters, sending
from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    DeliveryEvent,
    Enrolment,
    Message,
    Suppression,
)
from campaigns.sending.claiming import claim
from campaigns.sending.handing import hand_over
from leads.models import Lead
from pmoportal.mail_url import MailServer
from tests.campaigns.panels import ask, confirm
from tests.campaigns.people import EMAIL, NAME, live_through_everything
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign, publish_test
from tests.searching import get_traces, search_files, search_redis, search_tables

PEOPLE = 24


@pytest.fixture
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    settings.EMAIL = MailServer(kind="file", path=str(folder))
    return folder


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_in_any_table_file_or_key(
    client: Client, mail_folder: Path, settings: Settings
) -> None:
    settings.ERASURES_FILE = mail_folder.parent / "erasures.csv"
    person = live_through_everything(client)
    traces = get_traces(EMAIL, NAME)
    before = {each.partition(":")[0] for each in search_tables(traces)}
    assert {
        "assessments_respondent",
        "campaigns_consentorigin",
        "campaigns_lane",
        "campaigns_message",
    } <= before
    assert search_files(mail_folder, traces)
    for model in (Consent, DeliveryEvent, Enrolment, Lead):
        assert model._default_manager.exists(), model

    assert personal_data.erase(respondent_id=person, now=timezone.now())

    assert search_tables(traces) == []
    assert search_redis(traces) == []
    assert search_files(mail_folder.parent, traces) == []
    assert search_files(settings.VAR_DIR, traces, without=["postgres"]) == []
    for model in (Respondent, Consent, ConsentOrigin, DeliveryEvent, Enrolment, Lead, Message):
        assert not model._default_manager.exists(), model
    key = personal_data.get_subject_key(EMAIL)
    assert list(Suppression.objects.values_list("subject_key", "reason")) == [(key, "erased")]
    assert set(ConsentEvent.objects.values_list("subject_key", flat=True)) == {key}
    assert Erasure.objects.get().subject_key == key


@pytest.mark.django_db(transaction=True)
def test_a_failure_half_way_erases_nothing(
    client: Client, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = live_through_everything(client)
    files = set(mail_folder.iterdir())

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Respondent, "delete", fail)
    with pytest.raises(RuntimeError):
        personal_data.erase(respondent_id=person, now=timezone.now())
    assert Lead.objects.exists()
    assert Message.objects.exists()
    assert not Suppression.objects.exists()
    assert not Erasure.objects.exists()
    assert set(mail_folder.iterdir()) == files


@pytest.mark.django_db(transaction=True)
def test_a_message_claimed_at_that_moment_does_not_leave() -> None:
    enrolment = make_enrolment(publish_campaign())
    advancing.plan_due(now=TUESDAY, limit=10)
    claimed = claim(now=TUESDAY, limit=10)
    (waiting,) = claimed.mails
    personal_data.erase(respondent_id=enrolment.respondent_id, now=TUESDAY)
    handed = hand_over([waiting.message], [], claim=claimed, now=TUESDAY)
    assert handed.opened == []


@pytest.mark.django_db(transaction=True)
def test_a_mail_on_the_wire_at_that_moment_is_settled_without_a_trace() -> None:
    enrolment = make_enrolment(publish_campaign())
    advancing.plan_due(now=TUESDAY, limit=10)

    class Erasing(Wire):
        def take(self, mail: object) -> object:
            personal_data.erase(respondent_id=enrolment.respondent_id, now=TUESDAY)
            return super().take(mail)

    sending.send_due(now=TUESDAY, limit=10, transport=Erasing())
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_mail_is_handed_over_after_somebody_was_erased() -> None:
    """Eight threads send, plan and erase at once; nobody fails and nobody is written to after."""
    version, now = publish_campaign(), timezone.now()
    people = [
        make_enrolment(version, email=f"person{number}@example.se", now=now).respondent_id
        for number in range(PEOPLE)
    ]
    random.Random(2).shuffle(people)
    erased: dict[str, float] = {}
    sent: list[tuple[str, float]] = []
    failures: list[BaseException] = []

    class Noting(Wire):
        def take(self, mail: object) -> object:
            row = Message.objects.filter(to=mail.to).values_list("sending_at", flat=True).first()
            sent.append((mail.to, row.timestamp() if row else 0.0))
            return super().take(mail)

    def send() -> None:
        for _ in range(PEOPLE // 2):
            at = timezone.now()
            advancing.plan_due(now=at, limit=5)
            sending.send_due(now=at, limit=3, transport=Noting(), clock=timezone.now)

    def erase(share: list[int]) -> None:
        for person in share:
            email = Respondent.objects.get(pk=person).email
            personal_data.erase(respondent_id=person, now=timezone.now())
            erased[email] = timezone.now().timestamp()

    def run(act: object, *arguments: object) -> None:
        try:
            act(*arguments)
        except BaseException as error:  # noqa: BLE001  # shown below, in the test's own thread
            failures.append(error)
        finally:
            connection.close()

    acts = [(send,)] * 4 + [(erase, people[n::4]) for n in range(4)]
    threads = [threading.Thread(target=run, args=each) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(erased) == PEOPLE
    assert [to for to, at in sent if at > erased[to]] == []
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_links_of_an_erased_person_lead_to_neutral_pages(client: Client) -> None:
    person = live_through_everything(client)
    origin = ConsentOrigin.objects.get()
    result = f"/resultat/{tokens.make('result', origin.response_id)}/"
    confirm = letters.get_link("confirm", [origin.pk, origin.response_id.hex])
    stop = letters.get_link("unsubscribe", [person, "tips", uuid.uuid4().hex])
    personal_data.erase(respondent_id=person, now=timezone.now())
    assert client.get(result).status_code in {404, 410}
    assert client.get(get_path(confirm)).status_code == 410
    one_click = {"List-Unsubscribe": "One-Click"}
    for _ in range(5):
        assert client.post(get_path(stop), one_click).status_code == 200


@pytest.mark.django_db
def test_whoever_was_erased_may_ask_again() -> None:
    person = make_enrolment(publish_campaign()).respondent_id
    personal_data.erase(respondent_id=person, now=TUESDAY)
    later = TUESDAY + timedelta(minutes=11)
    test = publish_test()
    assert ask(make_response(test), email="alva@example.se", now=later)
    confirm(now=later)
    assert Respondent.objects.get().pk != person
    assert not Suppression.objects.exists()


def get_path(link: str) -> str:
    return "/" + link.split("/", 3)[3]
