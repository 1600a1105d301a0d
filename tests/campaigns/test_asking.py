"""How often, how many at once, and in which words somebody may ask for mail."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from assessments import profiles
from assessments.models import Respondent, Response
from campaigns import enrolment, permission, purging
from campaigns.enrolment import Standing
from campaigns.models import (
    CampaignVersion,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Enrolment,
    Message,
)
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.campaigns.panels import ask, confirm
from tests.factories import TUESDAY, make_response, publish_campaign

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def response(version: CampaignVersion) -> Response:
    return make_response(version.campaign.assessment.versions.get())


def test_opt_in_asked_500_times_in_a_minute_sends_one_mail(response: Response) -> None:
    for number in range(500):
        ask(response, now=TUESDAY + timedelta(seconds=number * 0.1))
    assert Message.objects.count() == 1


def test_opt_in_sends_at_most_three_mails_in_a_day(response: Response) -> None:
    sent = [ask(response, now=TUESDAY + 11 * MINUTE * number) for number in range(6)]
    assert sent == [True, True, True, False, False, False]


def test_opt_in_sends_at_most_five_mails_to_a_stranger_ever(response: Response) -> None:
    sent = [ask(response, now=TUESDAY + 2 * DAY * number) for number in range(7)]
    assert sent == [True] * 5 + [False] * 2


def test_opt_in_counts_mails_to_a_stranger_also_after_the_stranger_was_forgotten(
    response: Response,
) -> None:
    """Purging deletes the person and the messages; the events stay."""
    sent = []
    for week in range(7):
        now = TUESDAY + week * 8 * DAY
        purging.purge(now=now, limit=10)
        sent.append(ask(response, now=now))
    assert sent == [True] * 5 + [False] * 2


def test_opt_in_begins_to_count_again_when_the_address_answers(response: Response) -> None:
    for number in range(5):
        ask(response, now=TUESDAY + 2 * DAY * number)
    confirm(TUESDAY + 9 * DAY)
    sent = [ask(response, now=TUESDAY + 10 * DAY + 2 * DAY * number) for number in range(6)]
    assert sent == [True] * 5 + [False]


def test_opt_in_waits_ten_minutes_whatever_was_ticked(response: Response) -> None:
    assert ask(response, purposes=("tips",)) is True
    assert ask(response, purposes=("contact",), now=TUESDAY + 10 * MINUTE / 2) is False
    assert ask(response, purposes=("contact",), now=TUESDAY + 10 * MINUTE) is True


def test_opt_in_records_the_wording_that_was_shown_not_the_newest(response: Response) -> None:
    shown = permission.get_wordings(language="sv")["tips"]
    ConsentWording.objects.create(
        purpose="tips", language="sv", text="Nya ord.", created_at=TUESDAY + DAY
    )
    enrolment.opt_in(
        response_id=response.pk,
        email="alva@example.se",
        first_name="",
        wordings=[shown],
        language="sv",
        ip=None,
        path="/tips/",
        now=TUESDAY + 2 * DAY,
    )
    assert ConsentEvent.objects.get().wording == shown
    assert list(ConsentOrigin.objects.get().wordings.all()) == [shown]


# --- The breaker: how many confirming mails may leave in an hour ---------------------------


def get_due() -> list[int]:
    """When the confirming mails are due, in minutes from the start."""
    times = Message.objects.order_by("due_at").values_list("due_at", flat=True)
    return [(at - TUESDAY) // MINUTE for at in times]


def test_confirming_mails_wait_when_an_hour_has_its_fill(
    response: Response, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CONFIRMATIONS_PER_HOUR_ALL = 2
    for number in range(7):
        assert ask(response, email=f"p{number}@example.se", now=TUESDAY + number * MINUTE) is True
    assert get_due() == [0, 1, 60, 61, 120, 121, 180]
    assert caplog.text.count("waits for its turn") == 5
    assert "example.se" not in caplog.text


def test_confirming_mails_go_at_once_again_when_the_rush_is_over(
    response: Response, settings: Settings
) -> None:
    settings.CONFIRMATIONS_PER_HOUR_ALL = 2
    for number, minute in enumerate([0, 1, 2, 180]):
        ask(response, email=f"p{number}@example.se", now=TUESDAY + minute * MINUTE)
    assert get_due() == [0, 1, 60, 180]


def test_a_confirming_link_that_waited_is_valid_for_seven_days_from_when_it_left(
    response: Response, settings: Settings
) -> None:
    settings.CONFIRMATIONS_PER_HOUR_ALL = 1
    for number in range(3):
        ask(response, email=f"p{number}@example.se")
    late = TUESDAY + 7 * DAY + 2 * 60 * MINUTE
    purging.purge(now=late, limit=10)
    assert confirm(late).standing == Standing.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_never_fill_an_hour_with_more_than_it_may_hold(
    settings: Settings,
) -> None:
    settings.CONFIRMATIONS_PER_HOUR_ALL = 3
    response = make_response(publish_campaign().campaign.assessment.versions.get())
    at_once(*(partial(ask, response, email=f"p{number}@example.se") for number in range(8)))
    assert get_due() == [0, 0, 0, 60, 60, 60, 120, 120]


# --- Several at once -----------------------------------------------------------------------


def at_once(*calls: Callable[[], object]) -> list[Any]:
    """Each call in a thread of its own, all let go at the same moment."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_with_different_ticks_make_one_mail() -> None:
    response = make_response(publish_campaign().campaign.assessment.versions.get())
    ticks = [("tips",), ("contact",), ("tips", "contact")] * 2
    sent = at_once(*(partial(ask, response, purposes=each) for each in ticks))
    assert sorted(map(str, sent)) == ["False"] * 5 + ["True"]
    assert (Message.objects.count(), ConsentOrigin.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_with_the_same_result_make_one_lead_and_one_enrolment() -> None:
    response = make_response(publish_campaign().campaign.assessment.versions.get())
    at_once(partial(ask, response), partial(ask, response))
    ask(response, now=TUESDAY + 11 * MINUTE)
    first, second = ConsentOrigin.objects.order_by("pk")

    def confirm_in_tab(origin: ConsentOrigin) -> enrolment.Request:
        return enrolment.confirm(origin_id=origin.pk, response_id=response.pk, now=TUESDAY)

    answers = at_once(*(partial(confirm_in_tab, each) for each in (first, second, first, second)))
    assert {answer.standing for answer in answers} == {Standing.CONFIRMED}
    assert sum(answer.has_begun for answer in answers) == 1
    assert (Enrolment.objects.count(), Respondent.objects.count()) == (1, 1)
    person = Respondent.objects.get()
    at_once(*(partial(refresh_lead, respondent_id=person.pk, now=TUESDAY) for _ in range(2)))
    assert Lead.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_asking_while_the_purge_forgets_the_stranger_is_not_lost() -> None:
    response = make_response(publish_campaign().campaign.assessment.versions.get())
    ask(response)
    later = TUESDAY + 8 * DAY
    with transaction.atomic():
        list(profiles.get_people().select_for_update())
        thread = threading.Thread(target=at_once, args=[partial(ask, response, now=later)])
        thread.start()
        thread.join(timeout=0.5)
        profiles.get_people().delete()
    thread.join()
    origin = ConsentOrigin.objects.get()
    assert (origin.asked_at, Message.objects.get().respondent_id) == (later, origin.respondent_id)
