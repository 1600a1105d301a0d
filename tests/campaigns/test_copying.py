"""A campaign copied on its own page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import drafts, pausing, porting
from campaigns.models import Campaign, CampaignVersion, Enrolment, Tip
from tests.admin import log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def get_url(version: CampaignVersion) -> str:
    return reverse("admin:campaigns_campaign_copy", args=[version.campaign_id])


def get_names(campaign: Campaign) -> tuple[str, str, str]:
    return campaign.key, campaign.name_sv, campaign.name_en


def test_a_copy_is_the_same_draft_under_another_key_and_name(version: CampaignVersion) -> None:
    copy = porting.copy(campaign=version.campaign)
    assert get_names(copy) == (
        "utvecklingsmotorn-copy",
        "Utvecklingsmotorn (kopia)",
        "The development engine (copy)",
    )
    before = drafts.build_campaign(Campaign.objects.get(key="utvecklingsmotorn"))
    after = drafts.build_campaign(Campaign.objects.get(pk=copy.pk))
    assert before | {"key": "", "name": ""} == after | {"key": "", "name": ""}
    assert len(after["steps"]) == len(version.document["campaign"]["steps"])


def test_copying_again_and_copying_a_copy_count_on(version: CampaignVersion) -> None:
    first = porting.copy(campaign=version.campaign)
    second = porting.copy(campaign=version.campaign)
    third = porting.copy(campaign=first)
    assert [get_names(each) for each in (second, third)] == [
        (
            f"utvecklingsmotorn-copy-{number}",
            f"Utvecklingsmotorn (kopia {number})",
            f"The development engine (copy {number})",
        )
        for number in (2, 3)
    ]


def test_the_longest_key_and_name_can_be_copied(version: CampaignVersion) -> None:
    Campaign.objects.update(key="k" * 50, name_sv="n" * 120, name_en="")
    copy = porting.copy(campaign=Campaign.objects.get())
    again = porting.copy(campaign=Campaign.objects.get(key="k" * 50))
    assert get_names(copy) == (f"{'k' * 40}-copy", f"{'n' * 112} (kopia)", "")
    assert again.key == f"{'k' * 40}-copy-2"


def test_a_copy_is_a_draft_with_nobody_in_it_that_neither_rests_nor_is_closed(
    version: CampaignVersion,
) -> None:
    make_enrolment(version)
    pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=TUESDAY)
    pausing.close(campaign_id=version.campaign_id, now=TUESDAY)
    tips = Tip.objects.count()
    copy = porting.copy(campaign=Campaign.objects.get())
    copy.refresh_from_db()
    assert (copy.paused_at, copy.closed_at, copy.versions.count()) == (None, None, 0)
    assert (Enrolment.objects.filter(campaign=copy).count(), Tip.objects.count()) == (0, tips)


@pytest.mark.parametrize("group", ["Marketers", "Administrators"])
def test_a_press_of_the_button_copies_it_and_opens_the_copy(
    version: CampaignVersion, group: str
) -> None:
    client = log_in(group)
    page = reverse("admin:campaigns_campaign_change", args=[version.campaign_id])
    assert f'action="{get_url(version)}"' in client.get(page).content.decode()
    answer = client.post(get_url(version), follow=True)
    copy = Campaign.objects.get(key="utvecklingsmotorn-copy")
    assert answer.redirect_chain == [
        (reverse("admin:campaigns_campaign_change", args=[copy.pk]), 302)
    ]
    assert "This is a copy of “The development engine”, as a draft." in answer.content.decode()
    assert LogEntry.objects.get().object_id == str(copy.pk)


@pytest.mark.parametrize("group", ["Consultants", ""])
def test_others_copy_nothing(version: CampaignVersion, group: str) -> None:
    assert log_in(group).post(get_url(version)).status_code == 403
    assert Campaign.objects.count() == 1


def test_looking_copies_nothing(version: CampaignVersion) -> None:
    assert log_in("Marketers").get(get_url(version)).status_code == 405
    assert Campaign.objects.count() == 1
