"""The page that a tip links to: three buttons, a few words, and a consent that is asked for."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client

from campaigns import advancing, answering, engagement, letters, permission
from campaigns.models import (
    CampaignVersion,
    Consent,
    ConsentEvent,
    Message,
    Suppression,
    TipAnswer,
)
from campaigns.tokens import make
from tests.factories import TUESDAY, get_consents, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def send_tip(version: CampaignVersion, *, language: str = "sv") -> Message:
    """The first tip of the sequence, sent."""
    make_enrolment(version, language=language)
    for day in (0, 3):
        advancing.plan_due(now=TUESDAY + timedelta(days=day), limit=10)
        Message.objects.filter(sending_at=None).update(
            state="sent", sending_at=TUESDAY, sent_at=TUESDAY
        )
    return Message.objects.exclude(tip_key="").get()


@pytest.fixture
def tip(version: CampaignVersion) -> Message:
    return send_tip(version)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(TUESDAY + timedelta(days=4), tick=False):
        yield


def get_path(message: Message) -> str:
    found = re.search(r"/m/answer/\S+", letters.render(message).text)
    assert found
    return found[0]


def tell(client: Client, message: Message, choice: str = "done", **said: str) -> Any:
    return client.post(get_path(message), {"choice": choice, "text": "", **said})


def get_answers() -> list[tuple[str, str]]:
    return list(TipAnswer.objects.order_by("pk").values_list("choice", "text"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("sv", "Gjorde du det? Säg hur det gick"), ("en", "Did you do it? Tell us how it went")],
)
def test_a_tip_ends_with_the_way_to_tell(
    version: CampaignVersion, language: str, words: str
) -> None:
    message = send_tip(version, language=language)
    mail = letters.render(message)
    path = get_path(message)
    assert f"{words}:" in mail.text
    assert (mail.html.count(path), mail.text.count(path), mail.html.count(words)) == (1, 1, 1)


def test_no_other_mail_asks_how_it_went(tip: Message) -> None:
    result = letters.render(Message.objects.get(step_key="result"))
    assert "/m/answer/" not in result.text + result.html


def test_looking_at_the_page_records_nothing(client: Client, tip: Message) -> None:
    for look in (client.get, client.head, client.options):
        look(get_path(tip))
    page = client.get(get_path(tip)).content.decode()
    assert TipAnswer.objects.count() == 0
    assert letters.render(tip).subject in page
    assert not client.cookies


@pytest.mark.parametrize(
    ("choice", "words"),
    [("done", "Well done!"), ("not_yet", "There is no hurry"), ("talk", "Good, let us talk")],
)
def test_each_button_is_an_answer(
    client: Client, version: CampaignVersion, choice: str, words: str
) -> None:
    tip = send_tip(version, language="en")
    page = tell(client, tip, choice, text="  It went\r\nwell\u202e ").content.decode()
    assert get_answers() == [(choice, "It went\nwell")]
    assert words in page


def test_the_last_answer_counts_and_none_is_lost(client: Client, tip: Message) -> None:
    for choice in ("not_yet", "done", "done"):
        tell(client, tip, choice)
    assert get_answers() == [("not_yet", ""), ("done", "")]
    standing = engagement.get_standing(respondent_id=tip.respondent_id or 0)
    assert standing is not None
    assert [fact.kind for fact in standing.facts] == ["confirmed", "answered"]


def test_an_answer_never_becomes_another_but_its_words_are_forgotten(
    client: Client, tip: Message
) -> None:
    tell(client, tip, "done", text="Bra")
    for change in ({"choice": "talk"}, {"text": "Dåligt"}, {"answered_at": TUESDAY}):
        with pytest.raises(DatabaseError, match="never becomes another"), transaction.atomic():
            TipAnswer.objects.update(**change)
    TipAnswer.objects.update(text="")
    assert get_answers() == [("done", "")]


def test_a_program_at_play_is_stopped(tip: Message) -> None:
    said = {"message_id": tip.pk, "now": TUESDAY}
    recorded = [answering.record(choice="done", text=str(n), **said) for n in range(40)]
    assert (sum(recorded), TipAnswer.objects.count()) == (answering.MOST, answering.MOST)


@pytest.mark.parametrize("said", [{}, {"choice": "x"}, {"choice": ""}, {"choice": "DONE"}])
def test_an_answer_that_is_none_says_what_to_do(
    client: Client, tip: Message, said: dict[str, str]
) -> None:
    response = client.post(get_path(tip), said)
    assert (response.status_code, TipAnswer.objects.count()) == (422, 0)
    assert 'role="alert"' in response.content.decode()


def test_words_that_are_too_long_come_back_with_what_to_do(client: Client, tip: Message) -> None:
    response = tell(client, tip, text="x" * 1_001)
    assert (response.status_code, TipAnswer.objects.count()) == (422, 0)
    assert "x" * 1_001 in response.content.decode()


def test_words_are_text_and_not_markup(client: Client, tip: Message) -> None:
    page = tell(client, tip, "x", text="<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in page


def test_a_forwarded_mail_does_not_show_what_was_told(client: Client, tip: Message) -> None:
    tell(client, tip, "talk", text="Min chef förstår inte")
    assert "Min chef" not in client.get(get_path(tip)).content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/m/answer/nonsense/",
        f"/m/answer/{make('unsubscribe', uuid.uuid4().hex)}/",
        f"/m/answer/{make('answer', uuid.uuid4().hex)}x/",
    ],
)
def test_a_link_that_is_not_ours_leads_nowhere(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, {"choice": "done"}).status_code == 404


def test_a_link_to_a_mail_that_was_erased_says_so(client: Client, tip: Message) -> None:
    path = get_path(tip)
    Message.objects.all().delete()
    assert client.get(path).status_code == 410
    assert client.post(path, {"choice": "done"}).status_code == 410


def test_a_link_with_a_slash_works_too(client: Client, tip: Message) -> None:
    assert client.get(get_path(tip) + "/").status_code == 200


def test_a_mail_whose_values_are_forgotten_can_still_be_answered(
    client: Client, tip: Message
) -> None:
    path = get_path(tip)
    Message.objects.update(values={})
    assert client.post(path, {"choice": "done"}).status_code == 200
    assert get_answers() == [("done", "")]


def agree(client: Client, message: Message, **said: str) -> Any:
    wording = permission.get_wordings(language="sv")["contact"]
    posted = {"contact": "on", "wording": str(wording.pk), **said}
    return client.post(get_path(message), {name: value for name, value in posted.items() if value})


def test_wanting_to_talk_is_no_consent(client: Client, tip: Message) -> None:
    page = tell(client, tip, "talk").content.decode()
    assert get_consents(tip.respondent_id or 0) == {"tips": "confirmed"}
    assert permission.get_wordings(language="sv")["contact"].text in page
    assert " checked" not in page


def test_a_tick_beside_the_words_is_a_consent_with_its_evidence(
    client: Client, tip: Message
) -> None:
    tell(client, tip, "talk")
    assert agree(client, tip).status_code == 200
    assert get_consents(tip.respondent_id or 0) == {"tips": "confirmed", "contact": "confirmed"}
    events = ConsentEvent.objects.filter(purpose="contact").order_by("pk")
    assert [(each.kind, each.source) for each in events] == [
        ("asked", "answer form"),
        ("confirmed", "answer form"),
    ]
    assert {each.wording for each in events} == {permission.get_wordings(language="sv")["contact"]}
    page = tell(client, tip, "talk").content.decode()
    assert 'name="contact"' not in page


@pytest.mark.parametrize("said", [{"contact": ""}, {"wording": "999"}, {"wording": "x\x00"}])
def test_without_a_tick_or_other_words_nothing_is_agreed(
    client: Client, tip: Message, said: dict[str, str]
) -> None:
    assert agree(client, tip, **said).status_code == 422
    assert get_consents(tip.respondent_id or 0) == {"tips": "confirmed"}
    assert TipAnswer.objects.count() == 0


def test_to_be_contacted_does_not_start_mail_that_was_stopped(client: Client, tip: Message) -> None:
    reason = Suppression.Reason.REMOVE_ME
    permission.suppress(email=tip.to, reason=reason, now=TUESDAY)
    agree(client, tip)
    assert Suppression.objects.get().reason == "remove_me"
    assert Consent.objects.get(purpose="contact").state == "confirmed"


def test_agreeing_twice_is_agreeing_once(client: Client, tip: Message) -> None:
    agree(client, tip)
    agree(client, tip)
    assert ConsentEvent.objects.filter(purpose="contact").count() == 2
