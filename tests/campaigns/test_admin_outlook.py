"""What goes out on Tuesday, to whom and why, as a marketer meets it."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from campaigns import advancing, pausing
from campaigns.admin.outlooks import DAYS
from campaigns.forecasting import outlook
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message
from tests.admin import count_queries, get_status, log_in, make_user
from tests.chaos.people import enrol
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_tuesday() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_url(version: CampaignVersion, day: str) -> str:
    return reverse("admin:campaigns_campaign_outlook", args=[version.campaign_id, day])


def read(version: CampaignVersion, day: str, client: Client | None = None, **asked: str) -> str:
    client = client or log_in("Marketers")
    page = client.get(get_url(version, day), asked).content.decode()
    return re.sub(r"\s+", " ", page)


def test_every_day_of_the_forecast_leads_to_its_mails(version: CampaignVersion) -> None:
    make_enrolment(version)
    page = log_in("Marketers").get(
        reverse("admin:campaigns_campaign_forecast", args=[version.campaign_id])
    )
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', page.content.decode())
    assert links == [
        get_url(version, f"2026-{day}")
        for day in [
            *(f"09-{number}" for number in range(15, 31)),
            *(f"10-{number:02}" for number in range(1, DAYS - 15)),
        ]
    ]


def test_a_day_says_which_mails_to_whom_and_why(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    page = read(version, "2026-09-18")
    assert "Friday 18 September: 1 mail" in page
    assert "Day 3: Tip: the weakest role" in page
    assert "alva@example.se" in page
    assert "3 days after the step before it, 15 September." in page
    assert "1 mail comes before it; if that is late, so is this." in page
    line = reverse("admin:campaigns_enrolment_change", args=[enrolment.pk])
    assert f'href="{line}#step-tip-1"' in page
    assert 'id="step-tip-1"' in log_in("Administrators").get(line).content.decode()
    assert not Message.objects.exists()


def test_a_planned_mail_leads_to_itself(version: CampaignVersion) -> None:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=1)
    page = read(version, "2026-09-15")
    mail = reverse("admin:campaigns_message_change", args=[Message.objects.get().pk])
    assert f'href="{mail}"' in page
    assert "Planned 15 September 09:00, when the step was due." in page


def test_a_closed_day_says_why(version: CampaignVersion) -> None:
    page = read(version, "2026-09-19")
    assert "On this day nothing leaves but result letters." in page
    assert "Nobody is to get a mail on this day." in page


def test_a_paused_campaign_says_so_and_lists_nobody(version: CampaignVersion) -> None:
    make_enrolment(version)
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY)
    page = read(version, "2026-09-15")
    assert "Nothing leaves until the campaign goes on." in page
    assert "alva@example.se" not in page


def test_long_lists_come_in_parts(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlook, "LISTED", 2)
    enrol(version, [f"p{number}@example.se" for number in range(3)], now=TUESDAY)
    client = log_in("Marketers")
    first = read(version, "2026-09-15", client)
    (after,) = re.findall(r'href="\?after=([0-9-]+)#people"', first)
    second = read(version, "2026-09-15", client, after=after)
    assert re.findall(r"p\d@example.se", first + second) == [
        f"p{number}@example.se" for number in (2, 1, 0)
    ]
    assert "?after=" not in second


@pytest.mark.parametrize("after", ["x", "-", "99999999999999999999-1", "1-1'", "\0"])
def test_a_place_that_cannot_be_read_is_the_beginning(version: CampaignVersion, after: str) -> None:
    make_enrolment(version)
    assert "alva@example.se" in read(version, "2026-09-15", after=after)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-09-14", "That day is over. The ledger says what became of each mail."),
        ("2026-10-15", "The forecast reaches 30 days ahead."),
        ("9999-12-31", "The forecast reaches 30 days ahead."),
        ("0001-01-01", "That day is over."),
    ],
)
def test_a_day_outside_the_forecast_is_said_to_be(
    version: CampaignVersion, day: str, said: str
) -> None:
    assert said in read(version, day)


@pytest.mark.parametrize("day", ["tuesday", "2026-02-30"])
def test_what_is_no_day_is_not_found(version: CampaignVersion, day: str) -> None:
    assert get_status(log_in("Marketers"), get_url(version, day)) == 404


def test_a_campaign_without_steps_has_nothing_to_say(version: CampaignVersion) -> None:
    other = Campaign.objects.create(key="new", name="New", assessment=version.campaign.assessment)
    url = reverse("admin:campaigns_campaign_outlook", args=[other.pk, "2026-09-15"])
    assert "The campaign has no steps yet." in log_in("Marketers").get(url).content.decode()


def test_consultants_do_not_see_it(version: CampaignVersion) -> None:
    assert get_status(log_in("Consultants"), get_url(version, "2026-09-15")) == 403


def test_who_may_not_see_people_sees_only_how_many(version: CampaignVersion) -> None:
    make_enrolment(version)
    user = make_user(name="counter")
    user.user_permissions.add(Permission.objects.get(codename="view_campaign"))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page = read(version, "2026-09-15", client)
    assert "Tuesday 15 September: 1 mail" in page
    assert "alva@example.se" not in page


@pytest.mark.parametrize("day", ["2026-09-15", "2026-09-18"])
def test_a_day_asks_as_often_for_five_people_as_for_one(version: CampaignVersion, day: str) -> None:
    client = log_in("Marketers")
    make_enrolment(version)
    before = count_queries(client, get_url(version, day))
    enrol(version, [f"p{number}@example.se" for number in range(4)], now=TUESDAY)
    assert count_queries(client, get_url(version, day)) == before
    assert Enrolment.objects.count() == 5
