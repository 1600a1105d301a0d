import re
from email import message_from_bytes
from email.policy import SMTP

import pytest
from django.test import Client

from assessments import examples
from campaigns import letters, proofs
from campaigns.models import ConsentEvent, Message, Tip
from campaigns.placeholders import PlaceholderError
from tests.factories import TUESDAY, publish_campaign

pytestmark = pytest.mark.django_db

LINK = re.compile(r"https?://[^\s<>\"]+")


def send(language: str = "sv") -> Message:
    publish_campaign()
    kind = ("brobyggare", "weak")
    profile = examples.make_kind(
        assessment_key="pmo", kind=kind, language=language, first_name="Alva", now=TUESDAY
    )
    assert profile is not None
    tip = Tip.objects.filter(role_key="brobyggare", tier="weak").first()
    assert tip is not None
    message_id = proofs.send(row=tip, profile=profile, to="marknad@example.se", now=TUESDAY)
    return Message.objects.get(pk=message_id)


def test_a_test_mail_is_a_whole_mail_with_a_working_way_out() -> None:
    message = send()
    raw = letters.build_mail(message, form="bytes").raw
    assert raw is not None
    mail = message_from_bytes(raw, policy=SMTP)
    assert mail["Subject"].startswith("[Test] ")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["To"] == "marknad@example.se"


def test_its_way_out_works_and_stops_nobody() -> None:
    message = send()
    url = letters.get_all_values(message)["unsubscribe_url"]
    path = url.partition("//")[2].partition("/")[2]
    answer = Client().post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not ConsentEvent.objects.filter(kind="withdrawn").exists()


@pytest.mark.parametrize(("language", "words"), [("sv", "testmejl"), ("en", "test mail")])
def test_its_personal_links_lead_to_a_page_that_explains(language: str, words: str) -> None:
    url = letters.get_all_values(send(language))["result_url"]
    page = Client().get("/" + url.partition("//")[2].partition("/")[2])
    assert page.status_code == 200
    assert words in page.content.decode()


def test_a_text_that_is_no_mail_yet_is_not_sent() -> None:
    publish_campaign()
    tip = Tip.objects.latest("pk")
    tip.body_sv = "{{ nobody }}"  # type: ignore[attr-defined]
    profile = examples.build_grid(assessment_key="pmo", now=TUESDAY)[0]
    assert [each.code for each in proofs.make(row=tip, profile=profile).problems] != []
    with pytest.raises(PlaceholderError):
        proofs.send(row=tip, profile=profile, to="marknad@example.se", now=TUESDAY)
    assert not Message.objects.exists()
