"""A mail that came in: whose it is, what follows from it, and how that is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from campaigns import advancing, permission, receiving, tokens
from campaigns.models import (
    CampaignVersion,
    Consent,
    DeliveryEvent,
    Enrolment,
    Freeze,
    Message,
    Reply,
    Suppression,
)
from campaigns.signals import reply_received
from tests.campaigns.corpus import OURS, build
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
AWAY = {"subject": "Frånvaro", "headers": {"Auto-Submitted": "auto-replied"}}
GONE = {"want": "", "body": "Alva har slutat.", "headers": {"Auto-Submitted": "auto-replied"}}


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def message(version: CampaignVersion) -> Message:
    """A tip-bearing sequence whose first mail has just left."""
    return make_sent(version, "alva@example.se")


def make_sent(version: CampaignVersion, email: str) -> Message:
    enrolment = make_enrolment(version, email=email)
    advancing.plan_due(now=TUESDAY, limit=10)
    message = Message.objects.get(enrolment=enrolment)
    Message.objects.filter(pk=message.pk).update(sending_at=TUESDAY, sent_at=TUESDAY, state="sent")
    return Message.objects.get(pk=message.pk)


def write(message: Message | None, body: str, **row: Any) -> bytes:
    """A mail from Alva that answers `message`, or answers nothing."""
    raw = build({"body": body, "fresh": message is None, **row})
    return raw.replace(OURS.encode(), str(message.pk).encode()) if message else raw


def take(raw: bytes, *, now: datetime = TUESDAY + HOUR, to: str = "") -> Reply | None:
    pk = receiving.take(raw=raw, received_at=now, envelope_to=to)
    return Reply.objects.get(pk=pk) if pk else None


def get_state(message: Message) -> tuple[str, str]:
    enrolment = Enrolment.objects.get(pk=message.enrolment_id)
    return enrolment.state, enrolment.reason


def get_suppression(message: Message) -> str:
    rows = Suppression.objects.filter(subject_key=permission.get_subject_key(message.to))
    return rows.values_list("reason", flat=True).first() or ""


def test_a_persons_answer_stops_the_sequence_and_is_told(
    message: Message, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard: list[dict[str, Any]] = []

    def listen(**said: Any) -> None:
        heard.append({name: said[name] for name in ("respondent_id", "reply_id")})

    reply_received.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        reply = take(write(message, "Kan vi höras i veckan?"))
    reply_received.disconnect(listen)
    assert reply is not None
    assert (reply.verdict, reply.matched_by) == ("human", "reference")
    assert (reply.message_id, reply.text) == (message.pk, "Kan vi höras i veckan?")
    assert get_state(message) == ("stopped", "replied")
    assert heard == [{"respondent_id": message.respondent_id, "reply_id": reply.pk}]
    assert Message.objects.count() == 1  # and nothing is ever answered


def test_a_mail_is_taken_once_by_whatever_road_it_comes(message: Message) -> None:
    raw = write(message, "Hej")
    assert take(raw) is not None
    assert take(raw, now=TUESDAY + 2 * HOUR) is None
    assert take(b"Received: from elsewhere\r\n" + raw, now=TUESDAY + 3 * HOUR) is None
    assert Reply.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_comes_four_times_at_once_is_taken_once(message: Message) -> None:
    raw = write(message, "Hej")

    def work(number: int) -> bool:
        try:
            return take(raw, now=TUESDAY + number * HOUR) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(4))) == [False, False, False, True]
    assert Reply.objects.count() == 1


def test_an_answer_to_the_address_of_one_mail_is_known_by_it(message: Message) -> None:
    token = tokens.make_for_address(message.pk)
    raw = write(None, "Hej", **{"from": "Alva <alva@home.example>"})
    reply = take(raw, to=f"SVAR+{token.upper()}@example.com")
    assert reply is not None
    assert (reply.matched_by, reply.message_id) == ("token", message.pk)


def test_an_answer_from_a_known_address_is_known_by_it(message: Message) -> None:
    reply = take(write(None, "Hej", **{"from": "Alva <ALVA@example.se>"}))
    assert reply is not None
    assert (reply.matched_by, reply.respondent_id) == ("sender", message.respondent_id)


def test_a_stranger_is_shown_and_changes_nothing(message: Message) -> None:
    reply = take(write(None, "Hej, vad kostar det?", **{"from": "bo@example.org"}))
    assert reply is not None
    assert (reply.respondent_id, reply.matched_by, reply.sender) == (None, "", "bo@example.org")
    assert get_state(message) == ("active", "")


def test_a_program_that_nobody_knows_is_not_kept(message: Message) -> None:
    robot = {"from": "noreply@example.org", "subject": "Kvitto"}
    assert take(write(None, "Tack för din order", **robot)) is None
    assert Reply.objects.count() == 0


def test_a_mail_that_was_never_sent_is_answered_by_nobody(message: Message) -> None:
    Message.objects.update(sending_at=None)
    reply = take(write(message, "Hej", **{"from": "bo@example.org"}))
    assert reply is not None
    assert reply.respondent_id is None


def test_somebody_away_is_left_alone_until_the_morning_after(message: Message) -> None:
    reply = take(write(message, "Åter den 5 oktober.", **AWAY))
    freeze = Freeze.objects.get()
    assert reply is not None
    assert (reply.verdict, reply.until) == ("away", date(2026, 10, 5))
    assert (freeze.reason, freeze.until) == ("away", datetime.fromisoformat("2026-10-06T06:00Z"))
    assert get_state(message) == ("active", "")


def test_somebody_away_without_a_day_is_left_alone_for_a_week(message: Message) -> None:
    take(write(message, "Jag är sjukskriven.", **AWAY))
    assert Freeze.objects.get().until == datetime.fromisoformat("2026-09-22T06:00Z")


def test_a_colleague_who_is_away_says_nothing_about_the_person(message: Message) -> None:
    reply = take(write(message, "Åter den 5 oktober.", **AWAY, **{"from": "bo@other.example"}))
    assert reply is not None
    assert (reply.said, reply.verdict) == ("away", "auto_reply")
    assert Freeze.objects.count() == 0


def test_somebody_gone_gets_no_more_mail(message: Message) -> None:
    reply = take(write(message, **GONE))
    assert reply is not None
    assert reply.verdict == "gone"
    assert (get_suppression(message), get_state(message)) == ("gone", ("stopped", "gone"))


@pytest.mark.parametrize("sender", ["bo@other.example", "alva@example.se"])
def test_gone_is_for_a_person_to_judge_when_anybody_may_have_said_it(
    message: Message, sender: str
) -> None:
    """By somebody else; or from an address that anybody can write above a mail."""
    answered = message if sender.startswith("bo") else None
    reply = take(write(answered, **GONE, **{"from": sender}))
    assert reply is not None
    assert (reply.said, reply.verdict) == ("gone", "unsure")
    assert (get_suppression(message), get_state(message)) == ("", ("stopped", "replied"))


def test_whoever_wants_no_more_mail_gets_none(message: Message) -> None:
    reply = take(write(message, "Ta bort mig från listan", quote="gmail-sv"))
    assert reply is not None
    assert reply.verdict == "remove_me"
    assert get_suppression(message) == "remove_me"
    assert get_state(message) == ("stopped", "remove_me")


def test_a_wish_to_be_removed_is_heard_from_a_bare_address(message: Message) -> None:
    """It may be forged, and then it only stops mail."""
    take(write(None, "Ta bort mig från listan", **{"from": "alva@example.se"}))
    assert get_suppression(message) == "remove_me"


def test_an_automatic_receipt_changes_nothing(message: Message) -> None:
    receipt = {"subject": "Ärende 7", "headers": {"Auto-Submitted": "auto-replied"}}
    reply = take(write(message, "Vi har tagit emot ditt ärende.", **receipt))
    assert reply is not None
    assert reply.verdict == "auto_reply"
    assert (get_suppression(message), get_state(message)) == ("", ("active", ""))
    assert Consent.objects.filter(state="confirmed").count() == 1


def report(message: Message, **row: Any) -> bytes:
    row = {"dsn": "postfix", "code": "5.1.1", "said": "smtp; 550 5.1.1 unknown", **row}
    raw = build(row, number=message.pk.int)
    return raw.replace(OURS.encode(), str(message.pk).encode())


@pytest.mark.parametrize(
    ("row", "kind", "suppressed"),
    [
        ({}, "hard_bounce", "bounce"),
        ({"dsn": "exchange-sv", "code": "5.1.10", "said": "x"}, "hard_bounce", "bounce"),
        ({"dsn": "qmail", "said": "no mailbox (#5.1.1)"}, "hard_bounce", "bounce"),
        ({"code": "5.2.2", "said": "smtp; 552 5.2.2 full"}, "soft_bounce", ""),
        ({"code": "5.7.1", "said": "smtp; 550 5.7.1 policy"}, "policy_bounce", ""),
        ({"code": "4.4.1", "action": "delayed", "said": "later"}, "deferred", ""),
        ({"code": "2.0.0", "action": "delivered", "said": "ok"}, "delivered", ""),
        ({"dsn": "arf"}, "complaint", "complaint"),
    ],
)
def test_a_servers_report_is_as_a_providers(
    message: Message, row: dict[str, Any], kind: str, suppressed: str
) -> None:
    assert take(report(message, **row)) is None
    event = DeliveryEvent.objects.get()
    assert (event.kind, event.message_id, event.provider) == (kind, message.pk, "mail")
    assert get_suppression(message) == suppressed
    assert Reply.objects.count() == 0


def test_a_report_counts_once(message: Message) -> None:
    for hours in (1, 2, 3):
        take(report(message), now=TUESDAY + hours * HOUR)
    assert DeliveryEvent.objects.count() == 1


def test_a_report_about_mail_that_is_not_ours_has_no_consequence(message: Message) -> None:
    take(build({"dsn": "postfix", "code": "5.1.1", "said": "550"}))
    assert DeliveryEvent.objects.get().message is None
    assert get_suppression(message) == ""


def test_a_report_without_our_mail_is_known_by_the_address_it_came_to(message: Message) -> None:
    raw = build({"dsn": "postfix", "code": "5.1.1", "said": "550"}).replace(OURS.encode(), b"x")
    take(raw, to=f"svar+{tokens.make_for_address(message.pk)}@example.com")
    assert get_suppression(message) == "bounce"


def test_an_unknown_mail_that_comes_back_is_known_to_have_left(message: Message) -> None:
    Message.objects.update(state="unknown", reason="worker_lost", ended_at=None, sent_at=None)
    take(report(message, code="5.2.2", said="552 5.2.2 full"))
    assert Message.objects.get().state == "sent"


def test_nul_and_huge_texts_fit_into_the_database(message: Message) -> None:
    reply = take(write(message, "a\x00b " + "x" * 300_000, subject="y" * 3_000))
    assert reply is not None
    assert (reply.text[:3], len(reply.text), len(reply.subject)) == ("ab ", 20_000, 300)


@pytest.fixture
def colleague() -> User:
    return User.objects.create_user("konsult")


def correct(reply: Reply | None, verdict: str, by: User, until: date | None = None) -> Reply | None:
    assert reply is not None
    return receiving.correct(
        reply_id=reply.pk, verdict=verdict, until=until, by=by, now=TUESDAY + 5 * HOUR
    )


def test_an_answer_that_was_none_lets_the_sequence_go_on(message: Message, colleague: User) -> None:
    reply = take(write(message, "Noterat."))
    correct(reply, "auto_reply", colleague)
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.next_due_at) == ("active", TUESDAY + 5 * HOUR)
    kept = Reply.objects.get()
    assert (kept.said, kept.verdict, kept.corrected_by) == ("human", "auto_reply", colleague)


def test_somebody_not_away_after_all_is_free_again(message: Message, colleague: User) -> None:
    reply = take(write(message, "Åter den 5 oktober.", **AWAY))
    correct(reply, "human", colleague)
    assert Freeze.objects.get().until == TUESDAY + 5 * HOUR
    assert get_state(message) == ("stopped", "replied")


def test_a_wrong_day_is_put_right(message: Message, colleague: User) -> None:
    reply = take(write(message, "Åter den 5 oktober.", **AWAY))
    correct(reply, "away", colleague, until=date(2026, 9, 28))
    on = Freeze.objects.filter(until__gt=TUESDAY + 5 * HOUR)
    assert [each.until for each in on] == [datetime.fromisoformat("2026-09-29T06:00Z")]


@pytest.mark.parametrize("body", ["Ta bort mig från listan", "Alva har slutat."])
def test_a_suppression_by_mistake_is_lifted(message: Message, colleague: User, body: str) -> None:
    row = {} if body.startswith("Ta") else {"headers": {"Auto-Submitted": "auto-replied"}}
    reply = take(write(message, body, **row))
    assert get_suppression(message) != ""
    correct(reply, "human", colleague)
    assert (get_suppression(message), get_state(message)) == ("", ("stopped", "replied"))
    correct(reply, "auto_reply", colleague)
    assert get_state(message) == ("active", "")


def test_a_suppression_that_was_there_before_stays(message: Message, colleague: User) -> None:
    manual = Suppression.Reason.MANUAL
    permission.suppress(email=message.to, reason=manual, now=TUESDAY)
    reply = take(write(message, "Ta bort mig från listan"))
    correct(reply, "human", colleague)
    assert get_suppression(message) == "manual"


def test_correcting_does_not_bring_back_who_unsubscribed(message: Message, colleague: User) -> None:
    reply = take(write(message, "Hej"))
    assert message.respondent_id is not None
    permission.withdraw(
        respondent_id=message.respondent_id, purposes=["tips"], source="page", now=TUESDAY
    )
    correct(reply, "auto_reply", colleague)
    assert get_state(message) == ("stopped", "replied")


def test_the_same_verdict_again_changes_nothing(message: Message, colleague: User) -> None:
    reply = take(write(message, "Hej"))
    assert correct(reply, "human", colleague) is None
    assert Reply.objects.get().corrected_by is None
