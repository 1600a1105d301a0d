"""The publish page: what it means for those under way, and taking it back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from campaigns import advancing, permit
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message, Step
from tests.admin import count_queries, get_status, log_in
from tests.chaos.people import enrol
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(
        "campaigns.admin.publications.ring", lambda task, **_: heard.append(task.__name__)
    )
    return heard


def get_url(version: CampaignVersion, name: str = "publish") -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[version.campaign_id])


def change_draft() -> None:
    Step.objects.filter(key="talk").update(delay_days=9)


def test_the_page_says_who_would_wait_where(version: CampaignVersion) -> None:
    make_enrolment(version)
    change_draft()
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "1 person is under way" in page
    assert "1 would wait before" in page
    assert "and 1 of them would get it at once" in page
    assert page.count('type="radio" name="people"') == 3


def test_nothing_is_asked_when_nobody_is_under_way(version: CampaignVersion) -> None:
    change_draft()
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "Nobody is under way, so nobody notices the change." in page
    assert 'name="people"' not in page


@pytest.mark.parametrize(
    ("choice", "number", "state"),
    [
        ("move", 2, "active"),
        ("keep", 1, "active"),
        ("finish", 1, "stopped"),
        ("nonsense", 2, "active"),
        ("", 2, "active"),
    ],
)
def test_publishing_does_with_those_under_way_as_was_chosen(
    version: CampaignVersion, choice: str, number: int, state: str
) -> None:
    make_enrolment(version)
    change_draft()
    log_in("Marketers").post(get_url(version), {"people": choice})
    assert CampaignVersion.objects.count() == 2
    enrolment = Enrolment.objects.select_related("version").get()
    assert (enrolment.version.number, enrolment.state) == (number, state)


def test_a_published_version_can_be_taken_back_until_its_first_mail_has_left(
    version: CampaignVersion, rings: list[str]
) -> None:
    make_enrolment(version)
    change_draft()
    client = log_in("Marketers")
    client.post(get_url(version))
    form = reverse("admin:campaigns_campaign_change", args=[version.campaign_id])
    assert "Take it back…" in client.get(form).content.decode()
    assert (
        "No mail of version 2 has left yet" in client.get(get_url(version, "undo")).content.decode()
    )
    page = client.post(get_url(version, "undo"), follow=True).content.decode()
    assert "Version 2 is taken back. Everybody is where they were." in page
    assert Enrolment.objects.get().version == version
    assert LogEntry.objects.count() == 2
    assert rings == ["plan_due_messages"] * 2


def test_what_has_left_cannot_be_taken_back(version: CampaignVersion, rings: list[str]) -> None:
    make_enrolment(version)
    change_draft()
    client = log_in("Marketers")
    client.post(get_url(version))
    advancing.plan_due(now=TUESDAY.replace(year=2030), limit=10)
    Message.objects.update(state="sent", sending_at=TUESDAY, sent_at=TUESDAY)
    assert (
        "There is nothing that can be taken back"
        in client.get(get_url(version, "undo")).content.decode()
    )
    page = client.post(get_url(version, "undo"), follow=True).content.decode()
    assert "Nothing was taken back" in page
    assert Enrolment.objects.get().version.number == 2


def test_looking_takes_nothing_back(version: CampaignVersion) -> None:
    change_draft()
    client = log_in("Marketers")
    client.post(get_url(version))
    client.get(get_url(version, "undo"))
    assert not CampaignVersion.objects.exclude(withdrawn_at=None).exists()


def test_what_is_worth_a_second_look_is_not_in_the_way(version: CampaignVersion) -> None:
    Step.objects.filter(key="talk").update(subject_sv="Vinn!!", subject_en="Win!!")
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "Worth a second look" in page
    assert "“vinn” is a word that spam filters know." in page
    assert "Ready to publish" in page


def test_what_holds_all_mail_is_said_where_one_publishes(version: CampaignVersion) -> None:
    permit.revoke(now=TUESDAY, everywhere=True)
    Campaign.objects.update(paused_at=TUESDAY, pause_reason="complaints")
    change_draft()
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "the permit to send was revoked" in page
    assert "Too many people reported its mail as spam" in page


@pytest.mark.parametrize("name", ["publish", "undo"])
def test_consultants_may_not(version: CampaignVersion, name: str) -> None:
    assert get_status(log_in("Consultants"), get_url(version, name)) == 403


def test_the_page_asks_as_often_for_five_people_as_for_one(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    change_draft()
    enrol(version, ["a@example.se"], now=TUESDAY)
    before = count_queries(client, get_url(version))
    enrol(version, [f"p{number}@example.se" for number in range(4)], now=TUESDAY)
    assert count_queries(client, get_url(version)) == before
