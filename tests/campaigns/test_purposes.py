"""Three purposes, asked for and taken back one by one; and the mail that asks for a yes."""

import re

import pytest
from django.test import Client

from assessments import tokens as test_tokens
from assessments.models import Respondent, Response
from campaigns import enrolment, letters, permission
from campaigns.models import (
    CampaignVersion,
    ConsentEvent,
    ConsentWording,
    Enrolment,
    Message,
    Purpose,
)
from tests.campaigns.panels import ask, confirm, post
from tests.factories import TUESDAY, get_consents, make_response, publish_campaign

pytestmark = pytest.mark.django_db

EVERYTHING = {"email": "alva@example.se", "tips": "on", "contact": "on", "tracking": "on"}


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def response(version: CampaignVersion) -> Response:
    return make_response(version.campaign.assessment.versions.get())


@pytest.fixture
def panel(response: Response) -> str:
    return f"/tips/{test_tokens.make('result', response.pk)}/"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_panel_asks_for_each_purpose_in_words_of_its_own(
    client: Client, panel: str, language: str
) -> None:
    page = client.get(panel if language == "sv" else f"/en{panel}").content.decode()
    boxes = re.findall(r'type="checkbox" name="(\w+)"([^>]*)><span>([^<]+)<', page)
    assert [(name, mark) for name, mark, _ in boxes] == [(each, "") for each in Purpose.values]
    shown = permission.get_wordings(language=language)
    assert [words for *_, words in boxes] == [shown[each].text for each in Purpose.values]


def test_three_ticks_are_three_consents_each_with_its_exact_words(
    client: Client, panel: str
) -> None:
    post(client, panel, EVERYTHING)
    confirm()
    person = Respondent.objects.get()
    assert get_consents(person.pk) == dict.fromkeys(Purpose.values, "confirmed")
    for kind in ("asked", "confirmed"):
        said = ConsentEvent.objects.filter(kind=kind).values_list("purpose", "wording")
        words = ConsentWording.objects.filter(language="sv").values_list("purpose", "pk")
        assert dict(said) == dict(words)


@pytest.mark.parametrize("purpose", Purpose.values)
def test_one_purpose_is_taken_back_and_the_others_stay(response: Response, purpose: str) -> None:
    ask(response, purposes=tuple(Purpose.values))
    confirm()
    person = Respondent.objects.get()
    enrolment.unsubscribe(
        respondent_id=person.pk, purposes=[purpose], source="preferences", now=TUESDAY
    )
    expected = dict.fromkeys(Purpose.values, "confirmed") | {purpose: "withdrawn"}
    assert get_consents(person.pk) == expected
    assert Enrolment.objects.get().state == ("stopped" if purpose == "tips" else "active")
    withdrawn = ConsentEvent.objects.filter(kind="withdrawn")
    assert list(withdrawn.values_list("purpose", "source")) == [(purpose, "preferences")]


def test_measuring_alone_is_no_wish_for_mail(client: Client, panel: str) -> None:
    answer = post(client, panel, {"email": "alva@example.se", "tracking": "on"})
    assert answer.status_code == 422
    assert not Respondent.objects.exists()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_confirming_mail_holds_nothing_that_the_visitor_wrote(
    client: Client, panel: str, language: str
) -> None:
    name = "Free pills at xyz.biz"
    path = panel if language == "sv" else f"/en{panel}"
    post(client, path, EVERYTHING | {"first_name": name})
    message = Message.objects.get()
    assert message.template == permission.CONFIRMATION
    mail = letters.render(message)
    for part in (mail.subject, mail.text, mail.html):
        assert "pills" not in part
        assert "xyz" not in part


def test_the_confirming_mail_says_when_it_was_asked_for_and_how_to_ignore_it(
    response: Response,
) -> None:
    ask(response)
    text = letters.render(Message.objects.get()).text
    assert "15 september 2026 kl. 09.00" in text
    assert "Var det inte du behöver du inte göra något" in " ".join(text.split())
