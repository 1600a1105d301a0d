"""The time machine and the forecast, as a marketer meets them."""

import pytest
from django.urls import reverse

from campaigns import pausing
from campaigns.admin.forecasts import build_bars
from campaigns.forecasting import Day
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message, Step
from tests.admin import count_queries, get_status, log_in
from tests.chaos.people import enrol
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_url(name: str, version: CampaignVersion, *more: int) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[version.campaign_id, *more])


def walk(version: CampaignVersion, **asked: str) -> str:
    return log_in("Marketers").get(get_url("walk", version), asked).content.decode()


def test_the_time_machine_starts_with_somebody_made_up(version: CampaignVersion) -> None:
    page = walk(version)
    assert "9 mails in 120 days" in page
    assert page.count("<iframe") == 9
    assert not Message.objects.exists()


def test_it_shows_each_wait_with_its_reason_and_the_holiday(version: CampaignVersion) -> None:
    page = walk(version, weakest="brobyggare", start="2026-12-21", language="sv")
    assert "Christmas Eve" in page
    assert "Waits for a working day and working hours. Until Monday 28 December" in page


def test_it_chooses_tips_by_the_roles_and_the_tier_asked_for(version: CampaignVersion) -> None:
    page = walk(version, weakest="brobyggare", second="takthallare", tier="strong", language="en")
    tips = [tip for tip in version.document["tips"] if tip["tier"] == "strong"]
    shown = [tip["role"] for tip in tips if tip["subject"]["en"].replace("'", "&#x27;") in page]
    assert sorted(set(shown)) == ["brobyggare", "takthallare"]


def test_each_mail_is_shown_in_a_frame_that_runs_and_loads_nothing(
    version: CampaignVersion,
) -> None:
    answer = log_in("Marketers").get(get_url("walk_mail", version, 0))
    assert answer.status_code == 200
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "<table" in answer.content.decode()


@pytest.mark.parametrize("number", [9, 500])
def test_a_stop_without_a_mail_is_not_found(version: CampaignVersion, number: int) -> None:
    url = get_url("walk_mail", version, number) + "?start=2026-09-15"
    assert get_status(log_in("Marketers"), url) == 404


def test_somebody_under_way_is_led_on_from_where_they_are(version: CampaignVersion) -> None:
    make_enrolment(version)
    page = walk(version, person="ALVA@example.se")
    assert "What is still to come for this person" in page
    assert "https://testserver/resultat/" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"person": "nobody@example.se"}, "Nobody with this address has entered the campaign."),
        ({"person": "no address"}, "Enter a valid email address."),
        ({"weakest": "x"}, "Select a valid choice."),
        ({"start": "9999-12-31"}, "Choose a day nearer to now."),
        ({"start": "soon"}, "Enter a valid date."),
        ({"tier": "\0"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_read_is_said(
    version: CampaignVersion, asked: dict[str, str], said: str
) -> None:
    assert said in walk(version, **asked)


def test_somebody_whose_way_is_over_is_said_to_be(version: CampaignVersion) -> None:
    make_enrolment(version)
    Enrolment.objects.update(
        state="stopped", reason="unsubscribed", ended_at=TUESDAY, next_due_at=None
    )
    page = walk(version, person="alva@example.se")
    assert "Nothing more is to come for this person: The person unsubscribed." in page


def test_a_draft_with_a_broken_text_is_walked_all_the_same(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").update(body_sv="{{ nonsense }}")
    client = log_in("Marketers")
    page = client.get(get_url("walk", version), {"language": "sv"}).content.decode()
    assert "This text cannot be made into a mail yet." in page
    assert page.count("<iframe") == 8
    published = {"language": "sv", "edition": "published"}
    page = client.get(get_url("walk", version), published).content.decode()
    assert page.count("<iframe") == 9


def test_what_was_never_published_cannot_be_walked(version: CampaignVersion) -> None:
    other = Campaign.objects.create(key="new", name="New", assessment=version.campaign.assessment)
    url = reverse("admin:campaigns_campaign_walk", args=[other.pk])
    client = log_in("Marketers")
    assert "Nothing happens" not in client.get(url).content.decode()
    page = client.get(url, {"edition": "published"}).content.decode()
    assert "There is nobody to lead yet" in page


@pytest.mark.parametrize("name", ["walk", "forecast"])
def test_consultants_see_neither(version: CampaignVersion, name: str) -> None:
    assert get_status(log_in("Consultants"), get_url(name, version)) == 403


def test_the_forecast_says_how_many_leave_and_to_whom(version: CampaignVersion) -> None:
    enrol(version, ["a@example.se", "b@example.se"], now=TUESDAY)
    page = log_in("Marketers").get(get_url("forecast", version)).content.decode()
    assert "To 2 people under way." in page
    assert '<svg class="bars"' in page
    assert page.count('class="bar') >= 30


def test_the_forecast_of_a_paused_campaign_says_so(version: CampaignVersion) -> None:
    make_enrolment(version)
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY)
    page = log_in("Marketers").get(get_url("forecast", version)).content.decode()
    assert "Nothing leaves until the campaign goes on." in page


def test_the_forecast_of_a_campaign_without_steps_says_so(version: CampaignVersion) -> None:
    other = Campaign.objects.create(key="new", name="New", assessment=version.campaign.assessment)
    url = reverse("admin:campaigns_campaign_forecast", args=[other.pk])
    assert "nothing to foretell" in log_in("Marketers").get(url).content.decode()


def test_the_forecast_asks_as_often_for_five_people_as_for_one(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    make_enrolment(version)
    before = count_queries(client, get_url("forecast", version))
    enrol(version, [f"p{number}@example.se" for number in range(4)], now=TUESDAY)
    assert count_queries(client, get_url("forecast", version)) == before


def test_the_tallest_bar_fills_the_picture_and_newcomers_stand_on_the_others() -> None:
    days = [
        Day(date=TUESDAY.date(), mails=3, newcomers=1, is_closed=False),
        Day(date=TUESDAY.date(), mails=2, newcomers=0, is_closed=False),
    ]
    first, second = build_bars(days, Campaign(pk=1))
    assert (first.new_top, first.new_height, first.top, first.height) == (0, 30, 30, 90)
    assert (second.top, second.height, second.new_height) == (60, 60, 0)
    assert second.x - first.x == 20
