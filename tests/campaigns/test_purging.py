import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from assessments import answering
from assessments.models import Respondent, Response
from assessments.purging import purge as purge_tests
from campaigns import advancing, enrolment, permission, purging
from campaigns.models import CampaignVersion, ConsentEvent, ConsentOrigin, Message
from campaigns.purging import purge
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def ask(response: Response, email: str, *, now: datetime = TUESDAY) -> None:
    enrolment.opt_in(
        response_id=response.pk,
        email=email,
        first_name="Bo",
        wordings=[permission.get_wordings(language="sv")["tips"]],
        language="sv",
        ip="192.0.2.1",
        path="/tips/",
        now=now,
    )


def make_stranger(version: CampaignVersion, email: str) -> Response:
    """A completed test whose taker asked for tips and never confirmed."""
    response = make_response(version.campaign.assessment.versions.get())
    ask(response, email)
    return response


@pytest.fixture
def stranger(version: CampaignVersion) -> Response:
    return make_stranger(version, "bo@example.se")


def test_purge_forgets_a_stranger_after_seven_days(stranger: Response) -> None:
    purge(now=TUESDAY + 7 * DAY, limit=10)
    assert Respondent.objects.count() == 1
    purge(now=TUESDAY + 7 * DAY + timedelta(minutes=1), limit=10)
    assert (Respondent.objects.count(), ConsentOrigin.objects.count()) == (0, 0)
    assert not Message.objects.filter(to="bo@example.se").exists()
    assert ConsentEvent.objects.count() == 1


def test_purge_keeps_a_person_who_confirmed(version: CampaignVersion) -> None:
    make_enrolment(version)
    purge(now=TUESDAY + 60 * DAY, limit=10)
    assert Respondent.objects.count() == 1


def test_purge_empties_old_mails_and_keeps_what_became_of_them(version: CampaignVersion) -> None:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY, evidence="250 ok")
    purge(now=TUESDAY + 91 * DAY, limit=10)
    message = Message.objects.get()
    assert (message.values, message.evidence, message.state) == ({}, "", "sent")


@pytest.mark.parametrize("state", ["unknown", "failed", "skipped", "dropped"])
def test_purge_empties_old_mails_however_they_went(version: CampaignVersion, state: str) -> None:
    """Nobody may ever say what became of an unknown one; it has no end."""
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state=state, reason="r", sending_at=TUESDAY, evidence="lost")
    purge(now=TUESDAY + 89 * DAY, limit=10)
    assert Message.objects.get().values != {}
    purge(now=TUESDAY + 91 * DAY, limit=10)
    message = Message.objects.get()
    assert (message.values, message.evidence, message.state) == ({}, "", state)


@pytest.mark.parametrize("state", ["queued", "claimed", "sending"])
def test_purge_leaves_alone_what_may_still_be_sent(version: CampaignVersion, state: str) -> None:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state=state, claim=uuid.uuid4(), lease_until=TUESDAY)
    purge(now=TUESDAY + 91 * DAY, limit=10)
    assert Message.objects.get().values != {}


def test_purge_finds_what_is_old_in_indexes_of_its_own(version: CampaignVersion) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # On a table this small the planner may as well take the index over all requests.
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%consentorigin%(due_at)'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {name}")
    assert "message_with_contents" in purging._get_old_contents(TUESDAY).explain()
    assert "consent_never_confirmed" in purging._get_strangers(TUESDAY).explain()
    assert "request_never_confirmed" in purging._get_old_requests(TUESDAY).explain()


def test_purge_goes_on_while_batches_are_full(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        make_stranger(version, f"p{number}@example.se")
    monkeypatch.setattr("campaigns.purging.BATCHES", 2)
    purge(now=TUESDAY + 8 * DAY, limit=2)
    assert Respondent.objects.count() == 3
    monkeypatch.setattr("campaigns.purging.BATCHES", 20)
    purge(now=TUESDAY + 8 * DAY, limit=2)
    assert Respondent.objects.count() == 0


def test_purge_keeps_a_stranger_who_asks_between_the_look_and_the_deletion(
    stranger: Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock_late(*arguments: Any) -> Any:
        ids = lock(*arguments)
        ask(stranger, "bo@example.se", now=TUESDAY + 8 * DAY)
        return ids

    lock = purging.lock_some
    monkeypatch.setattr(purging, "lock_some", lock_late)
    purging._purge_strangers(TUESDAY + 8 * DAY, 10)
    assert Respondent.objects.count() == 1
    assert ConsentOrigin.objects.filter(asked_at=TUESDAY + 8 * DAY).exists()


@pytest.mark.django_db(transaction=True)
def test_purge_passes_over_a_stranger_who_is_asking_right_now() -> None:
    response = make_stranger(publish_campaign(), "bo@example.se")
    now = TUESDAY + 8 * DAY
    with transaction.atomic():
        ask(response, "bo@example.se", now=now)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(run_apart, lambda: purge(now=now, limit=10)).result(timeout=10)
    assert Respondent.objects.count() == 1
    assert ConsentOrigin.objects.filter(asked_at=now).exists()


# --- Sittings --------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "is_kept"), [(89 * DAY, True), (91 * DAY, False)])
def test_purge_keeps_an_anonymous_result_for_ninety_days(
    stranger: Response, age: timedelta, is_kept: bool
) -> None:
    Response.objects.update(is_tallied=True)
    purge_tests(now=TUESDAY + age, limit=10)
    assert Response.objects.exists() is is_kept


@pytest.mark.parametrize(("age", "is_kept"), [(23, True), (25, False)])
def test_purge_keeps_an_abandoned_test_for_a_day(
    stranger: Response, age: int, is_kept: bool
) -> None:
    Response.objects.update(completed_at=None, result=None, is_tallied=True)
    purge_tests(now=TUESDAY + timedelta(hours=age), limit=10)
    assert Response.objects.exists() is is_kept


def test_purge_keeps_what_is_not_yet_in_the_tallies(stranger: Response) -> None:
    purge_tests(now=TUESDAY + 91 * DAY, limit=10)
    assert Response.objects.exists()


def test_purge_of_tests_goes_on_while_batches_are_full(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        make_response(version.campaign.assessment.versions.get())
    Response.objects.update(is_tallied=True)
    monkeypatch.setattr("assessments.purging.BATCHES", 2)
    assert purge_tests(now=TUESDAY + 100 * DAY, limit=2) == 4
    monkeypatch.setattr("assessments.purging.BATCHES", 20)
    assert purge_tests(now=TUESDAY + 100 * DAY, limit=2) == 3
    assert not Response.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_purge_passes_over_a_sitting_whose_last_answer_is_being_kept() -> None:
    version = publish_campaign().campaign.assessment.versions.get()
    response = answering.start_response(version=version, language="sv", now=TUESDAY)
    Response.objects.update(is_tallied=True)
    now = TUESDAY + 25 * HOUR
    choice = version.document["questions"][0]["choices"][0]["key"]
    with transaction.atomic():
        answering.record_answer(response_id=response.pk, number=1, choice_key=choice, now=now)
        with ThreadPoolExecutor(1) as pool:
            purged = pool.submit(run_apart, lambda: purge_tests(now=now, limit=10))
            assert purged.result(timeout=10) == 0
    assert Response.objects.exists()


def run_apart(call: Callable[[], int]) -> int:
    """On a connection of its own."""
    try:
        return call()
    finally:
        connection.close()
