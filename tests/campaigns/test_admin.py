from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import advancing, permission, publishing
from campaigns.models import (
    Campaign,
    CampaignVersion,
    ConsentWording,
    Enrolment,
    Message,
    Step,
    Suppression,
    Tip,
)
from campaigns.words import PROBLEMS, REASONS
from tests.admin import count_queries, get_status, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

MARKETERS_LISTS = ["campaign", "tip", "campaignversion", "enrolment", "message", "consentwording"]
ADMINISTRATORS_LISTS = ["consent", "consentevent", "consentorigin", "suppression"]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def campaign(version: CampaignVersion) -> Campaign:
    return version.campaign


def get_list(model: str) -> str:
    return reverse(f"admin:campaigns_{model}_changelist")


def get_page(
    row: Campaign | Tip | Message | Enrolment | CampaignVersion, name: str = "change"
) -> str:
    return reverse(f"admin:campaigns_{row._meta.model_name}_{name}", args=[row.pk])


def make_message(version: CampaignVersion, *, first_name: str = "Alva", number: int = 0) -> Message:
    """The result letter of a new person, planned and not yet sent."""
    enrolment = make_enrolment(version, email=f"p{number}@example.se", first_name=first_name)
    advancing.plan_due(now=TUESDAY, limit=10)
    return Message.objects.get(enrolment=enrolment)


def get_form(client: Client, url: str) -> dict[str, object]:
    """What a browser would post back unchanged."""
    context = client.get(url).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    posted: dict[str, object] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                posted[field.html_name] = "on"
            elif value not in (None, False):
                posted[field.html_name] = field.field.prepare_value(value)
    return posted


# --- Who may see what --------------------------------------------------------------------


@pytest.mark.parametrize("model", MARKETERS_LISTS)
def test_a_marketer_sees_the_marketers_lists(model: str) -> None:
    assert get_status(log_in("Marketers"), get_list(model)) == 200


@pytest.mark.parametrize("model", ADMINISTRATORS_LISTS)
def test_evidence_of_consent_is_for_administrators_only(model: str) -> None:
    assert get_status(log_in("Administrators"), get_list(model)) == 200
    assert get_status(log_in("Marketers"), get_list(model)) == 403


@pytest.mark.parametrize("model", MARKETERS_LISTS + ADMINISTRATORS_LISTS)
@pytest.mark.parametrize("group", ["Consultants", ""])
def test_others_see_none_of_the_lists(model: str, group: str) -> None:
    assert get_status(log_in(group), get_list(model)) == 403


@pytest.mark.parametrize("model", MARKETERS_LISTS + ADMINISTRATORS_LISTS)
def test_a_stranger_is_asked_to_log_in(model: str) -> None:
    assert get_status(Client(), get_list(model)) == 302


@pytest.mark.parametrize("group", ["Consultants", ""])
def test_others_reach_no_page_of_a_campaign(version: CampaignVersion, group: str) -> None:
    message, tip = make_message(version), Tip.objects.latest("pk")
    step = version.campaign.steps.get(key="talk")
    client = log_in(group)
    steps = [version.campaign_id, step.pk]
    urls = [
        get_page(version.campaign),
        get_page(version.campaign, "publish"),
        get_page(tip, "preview"),
        get_page(tip, "preview_frame"),
        get_page(message),
        get_page(message, "frame"),
        reverse("admin:campaigns_step_preview", args=steps),
        reverse("admin:campaigns_step_preview_frame", args=steps),
    ]
    assert {get_status(client, url) for url in urls} == {403}


@pytest.mark.parametrize("model", ["message", "enrolment", "consentevent", "consent"])
def test_history_cannot_be_added_to_even_by_an_administrator(model: str) -> None:
    assert get_status(log_in("Administrators"), reverse(f"admin:campaigns_{model}_add")) == 403


def test_history_cannot_be_changed_or_removed(version: CampaignVersion) -> None:
    message, client = make_message(version), log_in("Administrators")
    assert client.post(get_page(message), {"to": "x@example.se"}).status_code == 403
    assert client.post(get_page(message, "delete"), {"post": "yes"}).status_code == 403


# --- Lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["enrolment", "message", *ADMINISTRATORS_LISTS[:3]])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    version: CampaignVersion, model: str
) -> None:
    client = log_in("Administrators")
    make_message(version)
    one = count_queries(client, get_list(model))
    make_message(version, number=1)
    make_message(version, number=2)
    assert count_queries(client, get_list(model)) == one


@pytest.mark.parametrize("model", ["campaign", "tip"])
def test_a_list_of_drafts_takes_a_fixed_number_of_queries(campaign: Campaign, model: str) -> None:
    client = log_in("Marketers")
    Tip.objects.exclude(pk=Tip.objects.latest("pk").pk).delete()
    one = count_queries(client, get_list(model))
    for number in range(2):
        Tip.objects.create(key=f"t{number}", role_key="brobyggare", tier="weak")
        Campaign.objects.create(key=f"c{number}", name="C", assessment=campaign.assessment)
    assert count_queries(client, get_list(model)) == one


def test_lists_have_at_most_eight_columns(campaign: Campaign) -> None:
    client = log_in("Administrators")
    columns = {
        model: len(client.get(get_list(model)).context["cl"].list_display)
        for model in MARKETERS_LISTS + ADMINISTRATORS_LISTS
    }
    assert {model for model, count in columns.items() if count > 9} == set()  # one is the tick box


def test_messages_are_found_by_address_state_and_reason(version: CampaignVersion) -> None:
    client = log_in("Marketers")
    message = make_message(version)
    make_message(version, number=1)
    Message.objects.filter(pk=message.pk).update(state="failed", reason="refused")
    for query in ("q=p0@", "state__exact=failed", "reason=refused"):
        found = client.get(f"{get_list('message')}?{query}").context["cl"].result_list
        assert list(found) == [message]


# --- Mails as sent -----------------------------------------------------------------------


def test_a_message_is_shown_as_sent(version: CampaignVersion) -> None:
    page = log_in("Marketers").get(get_page(make_message(version))).content.decode()
    assert "Ditt resultat" in page
    assert "List-Unsubscribe-Post" in page
    assert "sandbox" in page


def test_the_frame_runs_and_loads_nothing(version: CampaignVersion) -> None:
    response = log_in("Marketers").get(get_page(make_message(version), "frame"))
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
        "frame-ancestors 'self'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_marketer_cannot_act_with_the_links_of_another_person(version: CampaignVersion) -> None:
    message = make_message(version)
    client = log_in("Marketers")
    for name in ("change", "frame"):
        page = client.get(get_page(message, name)).content.decode()
        assert "/resultat/•••/" in page or "/m/unsubscribe/•••/" in page
        assert "/resultat/ey" not in page
        assert "/m/unsubscribe/W" not in page


def test_an_administrator_sees_the_mail_to_the_letter(version: CampaignVersion) -> None:
    page = log_in("Administrators").get(get_page(make_message(version))).content.decode()
    assert "•••" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"values": {}}, "has been removed"),
        ({"compiled": None, "state": "skipped", "reason": "no_unread_tip"}, "never written"),
    ],
)
def test_a_mail_that_cannot_be_shown_says_why(
    version: CampaignVersion, change: dict[str, object], sentence: str
) -> None:
    message = make_message(version)
    Message.objects.filter(pk=message.pk).update(**change)
    client = log_in("Marketers")
    assert sentence in client.get(get_page(message)).content.decode()
    assert get_status(client, get_page(message, "frame")) == 404
    assert get_status(client, get_list("message")) == 200


def test_a_script_in_a_name_is_text_everywhere(version: CampaignVersion) -> None:
    message = make_message(version, first_name=EVIL)
    client = log_in("Administrators")
    pages = [get_page(message), get_page(message, "frame"), get_page(message.enrolment)]
    pages += [get_list("enrolment"), get_list("message"), get_list("consentorigin")]
    pages += [reverse("admin:assessments_respondent_changelist")]
    for url in pages:
        assert EVIL not in client.get(url).content.decode()
    assert "&lt;script&gt;" in client.get(get_page(message, "frame")).content.decode()


def test_marks_that_turn_the_reading_direction_are_left_out_of_lists(
    version: CampaignVersion,
) -> None:
    make_message(version, first_name="Al\u202eav")
    assert "\u202e" not in log_in("Marketers").get(get_list("enrolment")).content.decode()


def test_the_reasons_of_messages_are_sentences() -> None:
    codes = {*Suppression.Reason.values, "too_late", "refused", "gave_up", "worker_lost"}
    assert codes <= set(REASONS)


def test_the_ledger_shows_every_step(version: CampaignVersion) -> None:
    message = make_message(version)
    response = log_in("Marketers").get(get_page(message.enrolment))
    ledger = response.context["ledger"]
    assert [line.day for line in ledger] == [0, 3, 10, 45, 90]
    assert [bool(line.message) for line in ledger] == [True, False, False, False, False]


# --- Writing -----------------------------------------------------------------------------


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
        url, get_form(client, url) | {"steps-3-body_sv": "{{ sekond_role | x }}"}
    )
    assert "Did you mean “second_role”?" in response.content.decode()


def test_steps_are_saved_in_their_new_order(campaign: Campaign) -> None:
    client, url = log_in("Marketers"), get_page(campaign)
    client.post(url, get_form(client, url) | {"steps-3-position": 5, "steps-4-position": 4})
    keys = campaign.steps.order_by("position").values_list("key", flat=True)
    assert list(keys) == ["result", "tip-1", "tip-2", "retake", "talk"]


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
    found = client.get(f"{get_list('suppression')}?q=a@example.se").context["cl"].result_list
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
    assert f"{role}!" in page.context["preview"].mail.text
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
        assert "Takthållare" in client.get(f"{url}?language=sv").content.decode()


def test_a_tip_step_has_no_preview_of_its_own(campaign: Campaign) -> None:
    step = campaign.steps.get(key="tip-1")
    url = reverse("admin:campaigns_step_preview", args=[campaign.pk, step.pk])
    assert get_status(log_in("Marketers"), url) == 404


# --- Publishing --------------------------------------------------------------------------


def test_get_publishes_nothing_and_says_what_would_change(campaign: Campaign) -> None:
    campaign.steps.filter(key="talk").update(delay_days=30)
    page = log_in("Marketers").get(get_page(campaign, "publish"))
    assert [change.place for change in page.context["changes"]] == [
        "campaign.steps.talk.delay_days"
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
    make_message(version)
    page = log_in("Marketers").get(get_page(version.campaign, "publish")).content.decode()
    assert "1 person is under way" in page


def test_publishing_is_refused_with_every_place(campaign: Campaign) -> None:
    tip = Tip.objects.latest("pk")
    Tip.objects.filter(pk=tip.pk).update(body_sv="{{ fist_name | du }}")
    Tip.objects.filter(role_key="brobyggare", tier="strong").update(is_active=False)
    page = log_in("Marketers").post(get_page(campaign, "publish"))
    faults = {fault.place: fault for fault in page.context["faults"]}
    assert set(faults) == {f"Tip {tip.key} · text · Swedish", "Tips · Brobyggare · Strong"} or set(
        faults
    ) == {f"Tip {tip.key} · text · Swedish", "Tips · Bridge-builder · Strong"}
    assert faults[f"Tip {tip.key} · text · Swedish"].url == get_page(tip)
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
    assert "campaign.steps.talk.delay_days" in page
