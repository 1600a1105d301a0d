from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.test import override_settings

from assessments import examples
from campaigns import advancing, enrolment, letters, permission, tokens
from campaigns.models import CampaignVersion, Message
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def message(version: CampaignVersion) -> Message:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(sending_at=TUESDAY)
    return Message.objects.get()


def test_build_mail_is_the_same_to_the_byte_every_time(message: Message) -> None:
    again = Message.objects.get(pk=message.pk)
    assert (
        letters.build_mail(message, form="bytes").raw == letters.build_mail(again, form="bytes").raw
    )


def test_build_mail_can_be_read_by_the_standard_library(message: Message) -> None:
    parsed = message_from_bytes(
        letters.build_mail(message, form="bytes").raw, policy=policy.default
    )
    plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert parsed["To"] == "alva@example.se"
    assert parsed["Subject"] == letters.render(message).subject
    assert plain.get_content().startswith("Hej Alva,")
    assert "Takthållare" in html.get_content()


@override_settings(SITE_URL="https://pmo.example.se", DEFAULT_FROM_EMAIL="PMO <tips@example.se>")
def test_campaign_mail_can_be_stopped_with_one_click(message: Message) -> None:
    headers = letters.build_mail(message, form="bytes").headers
    assert headers["List-Unsubscribe"].startswith("<https://pmo.example.se/m/unsubscribe/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Message-ID"] == f"<{message.pk}@example.se>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["List-Id"] == "PMO-testet <tips.example.se>"


def test_build_mail_keeps_its_identity_when_it_is_tried_again(message: Message) -> None:
    first = letters.build_mail(message, form="bytes").message_id
    message.sending_at = TUESDAY + timedelta(hours=1)
    assert letters.build_mail(message, form="bytes").message_id == first


def test_confirming_mail_holds_nothing_a_visitor_typed(version: CampaignVersion) -> None:
    response = make_response(version.campaign.assessment.versions.get())
    enrolment.opt_in(
        response_id=response.pk,
        email="victim@example.se",
        first_name="Free pills at xyz.biz",
        wordings=[permission.get_wordings(language="sv")["tips"]],
        language="sv",
        ip="192.0.2.1",
        path="/tips/",
        now=TUESDAY,
    )
    mail = letters.build_mail(Message.objects.get(), form="parts")
    assert "pills" not in mail.text + mail.html + mail.subject
    assert "/m/confirm/" in mail.text
    assert "List-Unsubscribe" not in mail.headers


def test_signed_links_are_not_stored(message: Message) -> None:
    stored = str(message.values)
    assert "/m/" not in stored
    assert "/resultat/" not in stored


def test_markup_in_a_name_is_text_in_the_mail(version: CampaignVersion) -> None:
    make_enrolment(version, first_name='<script>alert(1)</script>"><img onerror=x>{{ 7*7 }}')
    advancing.plan_due(now=TUESDAY, limit=10)
    rendered = letters.render(Message.objects.get())
    assert "<script>" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered.html
    assert "{{ 7*7 }}" in rendered.text


def test_build_values_are_empty_where_too_little_was_answered(version: CampaignVersion) -> None:
    nobody = examples.build_grid(assessment_key="pmo", now=TUESDAY)[0]
    values = letters.build_values(profile=nobody, step={"kind": "result"}, tip=None)
    assert (values["weakest_role"], values["verdict"], values["role_1_score"]) == ("", "", "")


def test_a_message_without_content_says_so() -> None:
    with pytest.raises(ValueError, match="no content"):
        letters.render(Message(kind="campaign"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "15 september 2026 kl. 09.00"), ("en", "15 September 2026 at 09:00")],
)
def test_get_moment_is_written_as_the_language_writes_it(language: str, words: str) -> None:
    assert letters.get_moment(TUESDAY, language) == words


@override_settings(INBOUND_ADDRESS="svar@example.se")
def test_each_mail_asks_to_be_answered_to_an_address_of_its_own(message: Message) -> None:
    mail = letters.build_mail(message, form="bytes")
    parsed = message_from_bytes(mail.raw, policy=policy.default)
    local, _at, domain = mail.envelope_from.rpartition("@")
    assert parsed["Reply-To"] == mail.envelope_from
    assert (domain, len(local) <= 64) == ("example.se", True)
    assert tokens.read_from_address(local.removeprefix("svar+")) == message.pk
    assert parsed["Message-ID"] == f"<{message.pk}@example.com>"


def test_without_an_inbox_answers_go_to_the_sender(message: Message) -> None:
    mail = letters.build_mail(message, form="bytes")
    assert (mail.envelope_from, "Reply-To" in mail.headers) == ("pmo@example.com", False)
