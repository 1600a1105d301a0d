"""The history of a campaign's versions, in words, and the way back to one."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import drafts, publishing
from campaigns.models import Campaign, CampaignVersion, Step, Tip
from tests.admin import get_page, get_status, log_in
from tests.factories import TUESDAY, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_url(version: CampaignVersion) -> str:
    return reverse("admin:campaigns_campaignversion_draft", args=[version.pk])


def change_draft() -> Campaign:
    Step.objects.filter(key="talk").update(delay_days=9, subject_en="Half an hour about you?")
    Step.objects.filter(key="retake").delete()
    Tip.objects.create(
        key="new", role_key="brobyggare", tier="weak", position=99,
        subject_sv="Nytt", subject_en="A new one", preview_sv="x", preview_en="x",
        body_sv="x", body_en="x",
    )  # fmt: skip
    return Campaign.objects.get()


def test_what_a_version_changed_is_told_in_words(version: CampaignVersion) -> None:
    newest = publishing.publish(campaign=change_draft(), by=None, now=TUESDAY)
    page = log_in("Marketers").get(get_page(newest)).content.decode()
    talk = "Steps · Day 47: Half an hour about you?"
    assert f"{talk} · days after the step before" in page
    assert f"{talk} · subject · English" in page
    assert "<del>your PMO?</del><ins>you?</ins>" in page
    assert "Tips · “A new one”" in page
    assert "campaign.steps" not in page


def test_a_version_becomes_the_draft_again(version: CampaignVersion) -> None:
    change_draft()
    client = log_in("Marketers")
    page = client.get(get_url(version)).content.decode()
    assert "The draft becomes what version 1 was." in page
    assert Step.objects.get(key="talk").delay_days == 9
    page = client.post(get_url(version), follow=True).content.decode()
    assert "Version 1 is the draft again." in page
    campaign = Campaign.objects.get()
    assert drafts.build_document(campaign=campaign) == version.document
    assert not Tip.objects.get(key="new").is_active
    assert publishing.publish(campaign=campaign, by=None, now=TUESDAY) == version
    assert LogEntry.objects.count() == 1


def test_a_version_that_the_draft_holds_already_says_so(version: CampaignVersion) -> None:
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "Nothing: the draft holds exactly this." in page


def test_consultants_make_nothing_the_draft(version: CampaignVersion) -> None:
    assert get_status(log_in("Consultants"), get_url(version)) == 403


def test_a_version_that_is_not_there_is_not_found(version: CampaignVersion) -> None:
    assert get_status(log_in("Marketers"), get_url(version).replace("1", "999999")) == 404


def test_a_version_that_was_taken_back_says_so(version: CampaignVersion) -> None:
    newest = publishing.publish(campaign=change_draft(), by=None, now=TUESDAY)
    CampaignVersion.objects.filter(pk=newest.pk).update(withdrawn_at=TUESDAY)
    assert "Taken back" in log_in("Marketers").get(get_page(newest)).content.decode()
