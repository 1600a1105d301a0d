from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Message, Tip
from tests.admin import get_page, get_status, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

LETTERS = ("result", "talk", "retake")


@pytest.fixture
def campaign(db: None) -> Campaign:
    return publish_campaign().campaign


def get_url(campaign: Campaign, key: str = "result", page: str = "", **query: str) -> str:
    step = campaign.steps.get(key=key)
    return reverse(
        f"admin:campaigns_step_preview{page}", args=[campaign.pk, step.pk], query=query or None
    )


def log_in_with_address(address: str = "marknad@example.se") -> Client:
    client = log_in("Marketers")
    User.objects.update(email=address)
    return client


def test_a_letter_is_shown_as_the_kind_that_was_chosen(campaign: Campaign) -> None:
    url = get_url(
        campaign, language="sv", view="text", weakest="brobyggare", tier="developing", name="on"
    )
    page = log_in("Marketers").get(url)
    assert page.context["profile"].weakest[0] == "brobyggare"
    assert page.context["profile"].get_role("brobyggare").tier == "developing"
    assert "Hej Alva" in page.content.decode()


@pytest.mark.parametrize(("weakest", "scored"), [("alike", 4), ("unscored", 0)])
def test_a_letter_is_shown_to_whom_no_role_is_the_weakest(
    campaign: Campaign, weakest: str, scored: int
) -> None:
    url = get_url(campaign, language="sv", weakest=weakest, tier="weak")
    profile = log_in("Marketers").get(url).context["profile"]
    assert len(profile.weakest) == scored
    assert len({role.points for role in profile.roles}) == 1


def test_a_letter_is_shown_as_a_real_person_would_get_it(campaign: Campaign) -> None:
    version = campaign.versions.get()
    make_enrolment(version, email="bo@example.se", first_name="Bo", language="en")
    url = get_url(campaign, language="sv", view="text", person="Bo@example.se")
    page = log_in("Marketers").get(url)
    assert page.context["profile"].first_name == "Bo"
    assert page.context["profile"].language == "en"


def test_somebody_unknown_is_not_shown_and_it_says_so(campaign: Campaign) -> None:
    page = log_in("Marketers").get(get_url(campaign, language="sv", person="x@example.se"))
    assert "Nobody with this address" in page.content.decode()


@pytest.mark.parametrize(("view", "rule"), [("dark", "@media all"), ("desktop", "@media not all")])
def test_dark_is_shown_when_it_is_asked_for_and_only_then(
    campaign: Campaign, view: str, rule: str
) -> None:
    frame = log_in("Marketers").get(get_url(campaign, page="_frame", language="sv", view=view))
    assert rule in frame.content.decode()
    assert "prefers-color-scheme" not in frame.content.decode()


def test_the_wall_shows_every_kind_of_respondent_once(campaign: Campaign) -> None:
    page = log_in("Marketers").get(get_url(campaign, page="_wall", language="sv"))
    words = [words for _url, _frame, words in page.context["thumbnails"]]
    # Four roles and all alike, in three tiers, and nobody scored; with and without a name.
    assert len(words) == len(set(words)) == (5 * 3 + 1) * 2


def test_the_wall_of_a_tip_shows_those_who_get_it(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    page = log_in("Marketers").get(get_page(tip, "preview_wall"))
    assert len(page.context["thumbnails"]) == 2


def test_every_thumbnail_leads_to_what_it_shows(campaign: Campaign) -> None:
    client = log_in("Marketers")
    page = client.get(get_url(campaign, page="_wall", language="en"))
    for url, frame, _words in page.context["thumbnails"][:6]:
        assert client.get(url).context["mail"].html[-200:] in client.get(frame).content.decode()


def test_a_test_goes_to_the_authors_own_address_marked_and_in_no_sequence(
    campaign: Campaign,
) -> None:
    client = log_in_with_address()
    url = get_url(campaign, page="_send", language="sv", name="on")
    assert client.post(url, {"to": "somebody@example.se"}).status_code == 302
    message = Message.objects.get()
    assert (message.to, message.kind) == ("marknad@example.se", "test")
    assert (message.enrolment, message.respondent, message.state) == (None, None, "queued")
    assert message.compiled is not None
    assert message.compiled.subject.startswith("[Test] ")


def test_looking_at_the_address_of_the_test_sends_nothing(campaign: Campaign) -> None:
    assert get_status(log_in_with_address(), get_url(campaign, page="_send")) == 405
    assert not Message.objects.exists()


def test_whoever_has_no_address_is_told(campaign: Campaign) -> None:
    page = log_in("Marketers").post(get_url(campaign, page="_send", language="sv"), follow=True)
    assert "no e-mail address" in page.content.decode()
    assert not Message.objects.exists()


def test_a_broken_text_is_not_sent(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(body_sv="{{ nobody }}")
    page = log_in_with_address().post(
        get_url(campaign, "talk", page="_send", language="sv"), follow=True
    )
    assert "cannot be made into a mail" in page.content.decode()
    assert not Message.objects.exists()


def test_tests_are_limited(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.admin.previews.MOST_TESTS", 1)
    client = log_in_with_address()
    for _ in range(3):
        client.post(get_url(campaign, page="_send", language="sv"))
    assert Message.objects.count() == 1


@pytest.mark.parametrize("key", LETTERS)
def test_the_page_takes_as_many_queries_for_each_letter(
    campaign: Campaign, key: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = log_in("Marketers")
    client.get(get_url(campaign, key))
    with django_assert_max_num_queries(12):
        client.get(get_url(campaign, key, language="sv"))


def test_a_test_is_in_no_figure(campaign: Campaign) -> None:
    client = log_in_with_address()
    client.post(get_url(campaign, page="_send", language="sv"))
    Message.objects.update(state="sent", sent_at=TUESDAY + timedelta(days=1))
    page = client.get(reverse("admin:campaigns_campaign_figures", args=[campaign.pk]))
    assert page.status_code == 200
    ledger = client.get(reverse("admin:campaigns_campaign_ledger", args=[campaign.pk]))
    assert ledger.context["total"].planned == 0
