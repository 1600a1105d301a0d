from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, forecasting, pausing
from campaigns.forecasting import outlook
from campaigns.forecasting.departures import Departure
from campaigns.models import Campaign, CampaignVersion, Enrolment, Freeze
from tests.chaos.people import enrol
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate(TUESDAY)
FRIDAY = date(2026, 9, 18)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_outlook(version: CampaignVersion, day: date) -> outlook.Outlook:
    campaign = Campaign.objects.get(pk=version.campaign_id)
    return outlook.get_outlook(campaign=campaign, document=version.document, now=TUESDAY, day=day)


def list_all(version: CampaignVersion, day: date) -> list[Departure]:
    """All parts, one after the other."""
    campaign = Campaign.objects.get(pk=version.campaign_id)
    found: list[Departure] = []
    after = None
    while True:
        part = outlook.list_part(campaign=campaign, now=TUESDAY, day=day, after=after)
        found += part.departures
        after = part.next
        if after is None:
            return found


def describe(departure: Departure) -> tuple[str, str, list[str], bool]:
    waits = [wait.reason for wait in departure.waits]
    return departure.step.key, departure.certainty, waits, departure.stood_still


def test_each_day_counts_what_the_forecast_counts_for_it(version: CampaignVersion) -> None:
    enrol(version, [f"p{number}@example.se" for number in range(3)], now=TUESDAY)
    make_enrolment(version, now=TUESDAY)
    advancing.plan_due(now=TUESDAY, limit=2)
    campaign = Campaign.objects.get()
    days = forecasting.forecast(
        campaign=campaign, document=version.document, now=TUESDAY, days=30
    ).days
    assert {day.date: day.mails for day in days} == {
        day.date: get_outlook(version, day.date).mails for day in days
    }
    assert [day.newcomers for day in days] == pytest.approx(
        [get_outlook(version, day.date).newcomers for day in days]
    )


def test_what_is_planned_already_is_told_from_what_is_foreseen(version: CampaignVersion) -> None:
    enrol(version, ["a@example.se", "b@example.se"], now=TUESDAY)
    advancing.plan_due(now=TUESDAY, limit=1)
    found = get_outlook(version, TODAY)
    assert (found.planned, found.foreseen) == ({"result": 1}, {"result": 1})
    assert (found.mails, found.people, found.asked, found.is_estimate) == (2, 1, 1, False)


def test_the_people_are_listed_with_what_put_them_on_that_day(version: CampaignVersion) -> None:
    make_enrolment(version)
    (first,) = list_all(version, TODAY)
    assert describe(first) == ("result", "expected", [], False)
    (second,) = list_all(version, FRIDAY)
    assert describe(second) == ("tip-1", "likely", [], False)
    assert (timezone.localdate(second.since), second.ahead) == (TODAY, 1)
    assert second.tip


def test_a_mail_whose_day_is_closed_says_that_it_waits_for_the_window(
    version: CampaignVersion,
) -> None:
    wednesday = TUESDAY + timedelta(days=1)
    make_enrolment(version, now=wednesday)
    assert list_all(version, date(2026, 9, 19)) == []
    (found,) = list_all(version, date(2026, 9, 21))
    assert describe(found) == ("tip-1", "likely", ["window"], False)


def test_a_mail_that_a_pause_made_later_says_that_time_stood_still(
    version: CampaignVersion,
) -> None:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=1)
    Freeze.objects.create(
        respondent=Enrolment.objects.get().respondent,
        reason="asked",
        began_at=TUESDAY + timedelta(hours=1),
        until=TUESDAY + timedelta(days=2),
    )
    assert list_all(version, FRIDAY) == []
    (later,) = [each for day in range(4, 8) for each in list_all(version, TODAY + timedelta(day))]
    assert describe(later) == ("tip-1", "likely", ["window"], True)


def test_a_mail_whose_day_has_passed_says_so(version: CampaignVersion) -> None:
    make_enrolment(version)
    assert [each.is_overdue for each in list_all(version, TODAY)] == [False]
    Enrolment.objects.update(started_at=TUESDAY - timedelta(days=2))
    assert [each.is_overdue for each in list_all(version, TODAY)] == [True]


def test_a_mail_that_waits_for_monday_is_not_overdue(version: CampaignVersion) -> None:
    make_enrolment(version, now=TUESDAY + timedelta(days=1))
    assert [each.is_overdue for each in list_all(version, date(2026, 9, 21))] == [False]


def test_nobody_is_led_on_whose_next_look_comes_after_the_day(version: CampaignVersion) -> None:
    make_enrolment(version)
    Enrolment.objects.update(next_due_at=TUESDAY + timedelta(days=20))
    assert get_outlook(version, FRIDAY).people == 0
    assert list_all(version, FRIDAY) == []


def test_a_paused_campaign_sends_nothing_to_anybody(version: CampaignVersion) -> None:
    make_enrolment(version)
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY)
    found = get_outlook(version, TODAY)
    assert (found.mails, found.newcomers, list_all(version, TODAY)) == (0, 0.0, [])


def test_parts_together_list_everybody_once(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "LISTED", 3)
    monkeypatch.setattr(outlook, "LOOKED_AT", 4)
    enrol(version, [f"p{number}@example.se" for number in range(10)], now=TUESDAY)
    people = [each.enrolment.pk for each in list_all(version, TODAY)]
    assert sorted(people) == sorted(Enrolment.objects.values_list("pk", flat=True))


def test_a_part_looks_at_no_more_people_than_allowed(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "LOOKED_AT", 4)
    enrol(version, [f"p{number}@example.se" for number in range(10)], now=TUESDAY)
    campaign = Campaign.objects.get()
    part = outlook.list_part(campaign=campaign, now=TUESDAY, day=TODAY + timedelta(days=1))
    last = Enrolment.objects.order_by("-pk")[3]
    assert (part.departures, part.looked_at, part.next) == ([], 4, (TUESDAY, last.pk))


def test_of_a_crowd_a_sample_is_asked(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "LARGEST_CROWD", 20)
    enrol(version, [f"p{number}@example.se" for number in range(100)], now=TUESDAY)
    found = get_outlook(version, TODAY)
    assert (found.people, found.asked, found.is_estimate) == (100, 20, True)
    assert found.foreseen == {"result": 100}


def test_a_sample_asks_each_day_as_much_as_its_share(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By lot, the days of a sample of twenty would hardly ever be told as evenly as they are."""
    monkeypatch.setattr(forecasting, "LARGEST_CROWD", 20)
    enrol(version, [f"p{number}@example.se" for number in range(100)], now=TUESDAY)
    for number, person in enumerate(Enrolment.objects.order_by("pk")):
        at = TUESDAY + timedelta(days=number % 4)
        Enrolment.objects.filter(pk=person.pk).update(started_at=at, next_due_at=at)
    days = forecasting.forecast(
        campaign=Campaign.objects.get(), document=version.document, now=TUESDAY, days=3
    ).days
    assert [day.mails for day in days] == [25, 25, 25]


@pytest.mark.parametrize("count", [1, 5])
def test_an_outlook_asks_as_often_for_five_people_as_for_one(
    version: CampaignVersion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    enrol(version, [f"p{number}@example.se" for number in range(count)], now=TUESDAY)
    get_outlook(version, FRIDAY)
    campaign = Campaign.objects.get()
    with django_assert_num_queries(12):
        outlook.get_outlook(campaign=campaign, document=version.document, now=TUESDAY, day=FRIDAY)
    with django_assert_num_queries(8):
        outlook.list_part(campaign=campaign, now=TUESDAY, day=FRIDAY)
