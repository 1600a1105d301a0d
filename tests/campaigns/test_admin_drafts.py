"""What a marketer writes and publishes: refused where it is wrong, previewed, then frozen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import permission, publishing
from campaigns.faults import PROBLEMS
from campaigns.models import (
    Campaign,
    CampaignVersion,
    ConsentWording,
    Step,
    Suppression,
    Tip,
)
from tests.admin import get_form, get_list, get_page, get_status, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def campaign(version: CampaignVersion) -> Campaign:
    return version.campaign


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hi\n{{ fist_name | you }}", "Line 2, column 1: “fist_name” is not a placeholder"),
        ("Hi {{ fist_name | you }}", "Did you mean “first_name”?"),
        ("{{ settings.SECRET_KEY }}", "Names have no dots"),
        ("{% load admin %}", "{% … %} has no meaning here"),
        ("Hi {{ first_name", "“{{” without “}}” after it."),
        ("Hi {{ first_name }}", "may be missing for some people"),
    ],
)
def test_a_tip_with_a_wrong_placeholder_is_not_saved(
    campaign: Campaign, text: str, sentence: str
) -> None:
    tip, client = Tip.objects.latest("pk"), log_in("Marketers")
    before = tip.body_en
    response = client.post(get_page(tip), get_form(client, get_page(tip)) | {"body_en": text})
    errors = " ".join(response.context["adminform"].form.errors["body_en"])
    assert sentence in errors
    tip.refresh_from_db()
    assert tip.body_en == before


@pytest.mark.parametrize("subject", ["One\r\nBcc: x@example.se", "One\u2028two"])
def test_a_subject_of_several_lines_is_not_saved(campaign: Campaign, subject: str) -> None:
    tip, client = Tip.objects.latest("pk"), log_in("Marketers")
    response = client.post(get_page(tip), get_form(client, get_page(tip)) | {"subject_sv": subject})
    assert "Must be one line" in str(response.context["adminform"].form.errors["subject_sv"])


def test_a_tip_is_saved(campaign: Campaign) -> None:
    tip, client = Tip.objects.latest("pk"), log_in("Marketers")
    client.post(get_page(tip), get_form(client, get_page(tip)) | {"subject_sv": "Nytt ämne"})
    tip.refresh_from_db()
    assert tip.subject_sv == "Nytt ämne"


def test_a_step_with_a_wrong_placeholder_is_not_saved(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    response = client.post(
        url, get_form(client, url) | {"steps-7-body_sv": "{{ sekond_role | x }}"}
    )
    assert "Did you mean “second_role”?" in response.content.decode()


def test_a_folded_part_that_holds_an_error_is_unfolded(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    before = client.get(url).content.decode().count("<summary>")
    wrong = get_form(client, url) | {"steps-7-body_sv": "{{ sekond_role | x }}"}
    assert client.post(url, wrong).content.decode().count("<summary>") == before - 1


def test_steps_are_saved_in_their_new_order(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    client.post(url, get_form(client, url) | {"steps-7-position": 9, "steps-8-position": 8})
    keys = campaign.steps.order_by("position").values_list("key", flat=True)
    assert list(keys)[-3:] == ["tip-6", "retake", "talk"]


def test_window_and_days_without_mail_are_saved_from_ordinary_fields(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    days = {"weekdays": ["2", "4"], "blackout_dates": "2026-12-28\n\n2026-12-23"}
    client.post(url, get_form(client, url) | days)
    campaign.refresh_from_db()
    assert campaign.weekdays == [2, 4]
    assert campaign.blackout_dates == ["2026-12-23", "2026-12-28"]


def test_a_day_that_is_no_date_is_not_saved(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    response = client.post(url, get_form(client, url) | {"blackout_dates": "2026-12-28\n24/12"})
    assert "Line 2 is not a date" in response.content.decode()


def test_a_tip_without_a_role_rank_is_not_saved(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    response = client.post(url, get_form(client, url) | {"steps-1-role_rank": ""})
    assert "Say for which of the person" in response.content.decode()


def test_new_words_of_consent_become_a_new_row(campaign: Campaign) -> None:
    client = log_in("Administrators")
    url = reverse("admin:campaigns_consentwording_add")
    client.post(url, {"purpose": "tips", "language": "en", "text": "New words"})
    assert permission.get_wordings(language="en")["tips"].text == "New words"
    row = ConsentWording.objects.latest("pk")
    page = reverse("admin:campaigns_consentwording_change", args=[row.pk])
    assert client.post(page, {"text": "Other"}).status_code == 403


def test_a_suppression_is_lifted_by_removing_it() -> None:
    permission.suppress(email="a@example.se", reason=Suppression.Reason.MANUAL, now=TUESDAY)
    row, client = Suppression.objects.get(), log_in("Administrators")
    found = client.get(f"{get_list(Suppression)}?q=a@example.se").context["cl"].result_list
    assert list(found) == [row]
    client.post(reverse("admin:campaigns_suppression_delete", args=[row.pk]), {"post": "yes"})
    assert not Suppression.objects.exists()


# --- Previews ----------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "role"), [("sv", "Brobyggare"), ("en", "Bridge-builder")])
def test_a_tip_is_previewed_in_each_language(campaign: Campaign, language: str, role: str) -> None:
    tip = Tip.objects.filter(role_key="brobyggare").latest("pk")
    Tip.objects.filter(pk=tip.pk).update(body_sv="{{ role_name }}!", body_en="{{ role_name }}!")
    client = log_in("Marketers")
    page = client.get(f"{get_page(tip, 'preview')}?language={language}")
    assert f"{role}!" in page.context["mail"].text
    frame = client.get(f"{get_page(tip, 'preview_frame')}?language={language}")
    assert f"{role}!" in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"]


def test_a_preview_of_a_broken_text_says_what_is_wrong(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    Tip.objects.filter(pk=tip.pk).update(body_sv="{{ x }}")
    page = log_in("Marketers").get(f"{get_page(tip, 'preview')}?language=sv")
    assert "“x” is not a placeholder" in page.content.decode()


def test_a_preview_of_a_tip_for_nobody_says_so(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    Tip.objects.filter(pk=tip.pk).update(role_key="gone")
    assert "There is nobody" in log_in("Marketers").get(get_page(tip, "preview")).content.decode()


def test_a_script_in_a_text_is_text_in_the_preview(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    Tip.objects.filter(pk=tip.pk).update(body_sv=f"Hej {EVIL} [x](https://example.se)")
    frame = log_in("Marketers").get(f"{get_page(tip, 'preview_frame')}?language=sv")
    assert EVIL not in frame.content.decode()


def test_a_step_is_previewed(campaign: Campaign) -> None:
    step = campaign.steps.get(key="result")
    client = log_in("Marketers")
    for name in ("campaigns_step_preview", "campaigns_step_preview_frame"):
        url = reverse(f"admin:{name}", args=[campaign.pk, step.pk])
        assert "Takthållare" in client.get(f"{url}?language=sv&view=text").content.decode()


def test_a_tip_step_has_no_preview_of_its_own(campaign: Campaign) -> None:
    step = campaign.steps.get(key="tip-1")
    url = reverse("admin:campaigns_step_preview", args=[campaign.pk, step.pk])
    assert get_status(log_in("Marketers"), url) == 404


# --- Publishing --------------------------------------------------------------------------


def test_get_publishes_nothing_and_says_what_would_change(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(delay_days=30)
    page = log_in("Marketers").get(get_page(campaign, "publish"))
    assert [change.place for change in page.context["changes"]] == [
        "Steps · Day 68: Half an hour about your PMO? · days after the step before"
    ]
    assert CampaignVersion.objects.count() == 1


def test_post_publishes(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(delay_days=30)
    client = log_in("Marketers")
    page = client.post(get_page(campaign, "publish"), follow=True)
    assert "Version 2 is published." in page.content.decode()
    assert publishing.get_published(key=campaign.key).published_by.username == "marketers"


def test_the_page_says_how_many_are_under_way(version: CampaignVersion) -> None:
    version.campaign.steps.filter(key="talk").update(delay_days=30)
    make_enrolment(version)
    page = log_in("Marketers").get(get_page(version.campaign, "publish")).content.decode()
    assert "1 person is under way" in page


def test_publishing_is_refused_with_every_place(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    Tip.objects.filter(pk=tip.pk).update(body_sv="{{ fist_name | du }}")
    Tip.objects.filter(role_key="brobyggare", tier="strong").update(is_active=False)
    page = log_in("Marketers").post(get_page(campaign, "publish"))
    faults = {fault.place: fault for fault in page.context["faults"]}
    assert set(faults) == {
        f"“{tip.subject_en}” · text · Swedish",
        "Tips · Bridge-builder · Strong",
    }
    assert faults[f"“{tip.subject_en}” · text · Swedish"].url == f"{get_page(tip)}#id_body_sv"
    assert CampaignVersion.objects.count() == 1


def test_an_unchanged_draft_is_not_published_twice(campaign: Campaign) -> None:
    page = log_in("Marketers").post(get_page(campaign, "publish"), follow=True)
    assert "Nothing has changed since version 1" in page.content.decode()


def test_publishing_what_is_not_there_is_not_found() -> None:
    url = reverse("admin:campaigns_campaign_publish", args=[404])
    assert get_status(log_in("Marketers"), url) == 404


def test_every_problem_of_a_campaign_has_a_sentence() -> None:
    codes = {"no_steps", "no_weekday", "no_tip", "never_published", "cannot_be_filled", "too_large"}
    assert codes <= set(PROBLEMS)


def test_a_version_says_what_it_changed(campaign: Campaign) -> None:
    Step.objects.filter(key="talk").update(delay_days=30)
    later = TUESDAY + timedelta(days=1)
    version = publishing.publish(campaign=campaign, by=None, now=later)
    page = log_in("Marketers").get(get_page(version)).content.decode()
    assert "Day 68: Half an hour about your PMO? · days after the step before" in page
