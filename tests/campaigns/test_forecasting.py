from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, forecasting, pausing
from campaigns.forecasting import Forecast
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message
from tests.chaos.people import enrol
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def forecast(version: CampaignVersion, days: int = 30) -> Forecast:
    campaign = Campaign.objects.get(pk=version.campaign_id)
    return forecasting.forecast(
        campaign=campaign, document=version.document, now=TUESDAY, days=days
    )


def get_days(found: Forecast) -> dict[str, int]:
    return {f"{day.date:%m-%d}": day.mails for day in found.days if day.mails}


def test_each_mail_of_somebody_under_way_is_counted_on_its_day(version: CampaignVersion) -> None:
    make_enrolment(version)
    found = forecast(version)
    assert get_days(found) == {"09-15": 1, "09-18": 1, "09-25": 1, "10-02": 1, "10-09": 1}
    assert found.steps == {"result": 1, "tip-1": 1, "tip-2": 1, "tip-3": 1, "tip-4": 1}
    assert (found.people, found.asked, found.is_estimate) == (1, 1, False)


def test_what_is_planned_already_is_counted_once(version: CampaignVersion) -> None:
    make_enrolment(version)
    before = get_days(forecast(version))
    advancing.plan_due(now=TUESDAY, limit=10)
    assert Message.objects.get().state == "queued"
    assert get_days(forecast(version)) == before


def test_a_paused_campaign_sends_nothing(version: CampaignVersion) -> None:
    make_enrolment(version)
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY)
    found = forecast(version)
    assert (get_days(found), sum(day.newcomers for day in found.days)) == ({}, 0)


def test_newcomers_come_as_they_did_in_the_last_four_weeks(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version, now=TUESDAY - DAY)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="stopped", reason="bounce", ended_at=TUESDAY, next_due_at=None
    )
    found = forecast(version)
    assert found.newcomers_a_day == pytest.approx(1 / 28)
    assert found.days[0].newcomers == pytest.approx(1 / 28)
    # From the third day on, on a working day, the first tip of those who came before too.
    assert found.days[3].newcomers > found.days[0].newcomers
    assert get_days(found) == {}


def test_nobody_new_comes_into_a_closed_campaign(version: CampaignVersion) -> None:
    make_enrolment(version)
    pausing.close(campaign_id=version.campaign_id, now=TUESDAY)
    assert {day.newcomers for day in forecast(version).days} == {0}


def test_weekends_and_red_days_are_closed(version: CampaignVersion) -> None:
    days = {f"{day.date:%m-%d}": day.is_closed for day in forecast(version, days=120).days}
    assert [days[each] for each in ("09-15", "09-19", "12-24", "12-25", "12-28")] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_of_a_crowd_a_sample_is_asked_and_the_counts_are_scaled_up(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasting, "LARGEST_CROWD", 20)
    enrol(version, [f"p{number}@example.se" for number in range(100)], now=TUESDAY)
    found = forecast(version)
    assert (found.people, found.asked, found.is_estimate) == (100, 20, True)
    assert get_days(found)["09-15"] == 100


@pytest.mark.parametrize("count", [1, 5])
def test_a_forecast_asks_as_often_for_five_people_as_for_one(
    version: CampaignVersion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    enrol(version, [f"p{number}@example.se" for number in range(count)], now=TUESDAY)
    forecast(version)
    campaign = Campaign.objects.get()
    with django_assert_num_queries(12):
        forecasting.forecast(campaign=campaign, document=version.document, now=TUESDAY, days=30)


def test_the_days_are_those_of_the_sites_clock(version: CampaignVersion) -> None:
    found = forecast(version, days=3)
    assert [day.date for day in found.days] == [
        timezone.localdate(TUESDAY) + ahead * DAY for ahead in range(3)
    ]
