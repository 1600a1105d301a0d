"""Pausing a campaign in the admin, and what mail waits for."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from campaigns import permit
from campaigns.models import Campaign, CampaignVersion, Enrolment, Lane
from tests.admin import count_queries, get_status, log_in
from tests.factories import make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(
        "campaigns.admin.pauses.ring", lambda task, **_: heard.append(task.__name__)
    )
    return heard


def get_url(version: CampaignVersion) -> str:
    return reverse("admin:campaigns_campaign_pause", args=[version.campaign_id])


def is_paused() -> bool:
    return Campaign.objects.get().paused_at is not None


def test_looking_at_the_page_pauses_nothing(version: CampaignVersion) -> None:
    make_enrolment(version)
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "1 person is under way in it." in page
    assert not is_paused()


def test_a_marketer_pauses_a_campaign_and_lets_it_go_on(
    version: CampaignVersion, rings: list[str]
) -> None:
    client = log_in("Marketers")
    page = client.post(get_url(version), {"act": "pause"}, follow=True).content.decode()
    assert is_paused()
    assert "The campaign is paused. Nothing of it leaves." in page
    assert "Paused by marketers " in page
    client.post(get_url(version), {"act": "resume"})
    assert "by marketers</li>" in client.get(get_url(version)).content.decode()
    assert not is_paused()
    assert LogEntry.objects.count() == 2
    assert rings == ["plan_due_messages"] * 2


def test_a_closed_campaign_takes_in_nobody_new_until_it_is_opened(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    page = client.post(get_url(version), {"act": "close"}, follow=True).content.decode()
    assert "Takes in nobody new since" in page
    assert Campaign.objects.get().closed_at is not None
    client.post(get_url(version), {"act": "reopen"})
    assert Campaign.objects.get().closed_at is None


def test_stopping_says_for_how_many_and_ends_it_for_them(version: CampaignVersion) -> None:
    make_enrolment(version)
    client = log_in("Marketers")
    assert "It is over for 1 person, for good" in client.get(get_url(version)).content.decode()
    page = client.post(get_url(version), {"act": "stop"}, follow=True).content.decode()
    assert "The campaign is stopped. It is over for 1 person." in page
    assert Enrolment.objects.values_list("state", "reason").get() == ("stopped", "campaign_stopped")


@pytest.mark.parametrize("act", ["", "resume", "reopen", "nonsense"])
def test_an_act_that_changes_nothing_says_so(
    version: CampaignVersion, act: str, rings: list[str]
) -> None:
    page = log_in("Marketers").post(get_url(version), {"act": act}, follow=True).content.decode()
    assert "Nothing was changed: it is so already." in page
    assert (LogEntry.objects.count(), rings) == (0, [])


def test_a_guard_that_paused_it_says_why(version: CampaignVersion) -> None:
    Campaign.objects.update(paused_at=timezone.now(), pause_reason="complaints")
    client = log_in("Marketers")
    for url in (get_url(version), reverse("admin:index")):
        assert "Too many people reported its mail as spam" in client.get(url).content.decode()


def test_consultants_pause_nothing(version: CampaignVersion) -> None:
    assert log_in("Consultants").post(get_url(version), {"act": "pause"}).status_code == 403
    assert not is_paused()


def test_a_campaign_that_is_not_there_is_not_found(version: CampaignVersion) -> None:
    assert get_status(log_in("Marketers"), "/admin/campaigns/campaign/999999/pause/") == 404


def test_marketers_see_who_takes_no_mail_and_until_when() -> None:
    Lane.objects.create(name="*", used=12, day=timezone.localdate())
    Lane.objects.create(
        name="gmail.example",
        refusals=2,
        resumes_at=timezone.now() + timedelta(minutes=5),
        evidence="450 4.7.28 too much",
    )
    client = log_in("Marketers")
    page = client.get(reverse("admin:campaigns_lane_changelist")).content.decode()
    assert "everybody" in page
    assert "rests until" in page
    assert "450 4.7.28 too much" in page
    assert "gmail.example takes no mail for now" in client.get("/admin/").content.decode()


def test_the_list_of_lanes_asks_as_often_for_many_as_for_one() -> None:
    client, url = log_in("Marketers"), reverse("admin:campaigns_lane_changelist")
    Lane.objects.create(name="a.se")
    one = count_queries(client, url)
    Lane.objects.bulk_create(Lane(name=f"{number}.se") for number in range(30))
    assert count_queries(client, url) == one


def test_administrators_see_which_hosts_may_send(version: CampaignVersion) -> None:
    client, url = log_in("Administrators"), reverse("admin:campaigns_permit_changelist")
    assert "mail leaves" in client.get(url).content.decode()
    permit.revoke(now=timezone.now())
    assert "revoked" in client.get(url).content.decode()
    assert "the permit to send was revoked" in client.get("/admin/").content.decode()


def test_marketers_do_not_see_permits() -> None:
    url = reverse("admin:campaigns_permit_changelist")
    assert get_status(log_in("Marketers"), url) == 403
