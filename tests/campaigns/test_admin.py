import pytest
from django.test import Client
from django.urls import reverse

from campaigns import advancing
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Message,
    Suppression,
    Tip,
)
from campaigns.words import REASONS
from tests.admin import count_queries, get_page, get_status, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

MARKETERS_LISTS = ["campaign", "tip", "campaignversion", "enrolment", "message", "consentwording"]
ADMINISTRATORS_LISTS = ["consent", "consentevent", "consentorigin", "suppression"]
EVIL = "<script>alert(1)</script>"


def get_list(model: str) -> str:
    return reverse(f"admin:campaigns_{model}_changelist")


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def campaign(version: CampaignVersion) -> Campaign:
    return version.campaign


def make_message(version: CampaignVersion, *, first_name: str = "Alva", number: int = 0) -> Message:
    """The result letter of a new person, planned and not yet sent."""
    enrolment = make_enrolment(version, email=f"p{number}@example.se", first_name=first_name)
    advancing.plan_due(now=TUESDAY, limit=10)
    return Message.objects.get(enrolment=enrolment)


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
    assert [line.day for line in ledger] == [0, 3, 10, 17, 24, 31, 38, 45, 90]
    assert [bool(line.message) for line in ledger] == [True] + 8 * [False]
