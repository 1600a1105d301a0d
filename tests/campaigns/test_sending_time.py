"""Sending when time or the server runs out: clocks, budgets, leases, nights."""

from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as configured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from campaigns import letters, locks, sending, sequences
from campaigns.models import Lane, Message
from campaigns.sending.claiming import claim
from campaigns.sending.handing import hand_over
from campaigns.transport import STOPPED, Mail, Outcome, TryLater
from campaigns.transport.wire import Timeouts
from pmoportal.celery import app
from tests.campaigns.wires import (
    ACCEPTED,
    MINUTE,
    BreakingWire,
    SlowWire,
    Wire,
    make_five,
    make_message,
    read,
    send,
)
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db

NOBODY = TryLater(phase="connect", code=0, evidence="ConnectionRefusedError")
# 23:00 on the Tuesday in Stockholm, and when the window opens after that night.
NIGHT = datetime(2026, 9, 15, 21, 0, tzinfo=UTC)
MORNING = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)


@pytest.fixture
def message() -> Message:
    return make_message()


@pytest.fixture
def five() -> list[Message]:
    return make_five()


@pytest.fixture
def tip(message: Message) -> Message:
    """As `message`, but a tip."""
    Message.objects.update(step_key="tip-1")
    message.refresh_from_db()
    return message


def send_slowly(wire: SlowWire) -> sending.Sent:
    return sending.send_due(now=TUESDAY, limit=100, transport=wire, clock=wire.get_time)


def send_at_night(wire: Wire) -> sending.Sent:
    return sending.send_due(now=NIGHT, limit=100, transport=wire)


def test_send_due_lives_by_the_clock_it_is_given(five: list[Message]) -> None:
    send_slowly(SlowWire())
    assert read("sending_at", "sent_at")[:3] == [
        (TUESDAY, TUESDAY + MINUTE),
        (TUESDAY + MINUTE, TUESDAY + 2 * MINUTE),
        (TUESDAY + 2 * MINUTE, TUESDAY + 3 * MINUTE),
    ]


def test_send_due_dates_each_mail_when_it_leaves(five: list[Message]) -> None:
    wire = SlowWire()
    send_slowly(wire)
    dates = [mail.headers["Date"][-14:-6] for mail in wire.mails]
    assert dates == ["07:00:00", "07:01:00", "07:02:00"]


def test_send_due_drops_what_grew_too_old_while_others_were_sent(five: list[Message]) -> None:
    Message.objects.filter(pk=five[2].pk).update(not_after=TUESDAY + MINUTE)
    send_slowly(SlowWire())
    assert [state for (state,) in read("state")][:4] == ["sent", "sent", "dropped", "sent"]


def test_send_due_counts_the_wait_from_the_refusal(message: Message) -> None:
    send_slowly(SlowWire(outcomes=[TryLater(phase="rcpt", code=451, evidence="451")]))
    message.refresh_from_db()
    assert message.due_at >= TUESDAY + MINUTE + timedelta(seconds=48)


def test_send_due_gives_back_at_once_what_its_time_does_not_last_for(five: list[Message]) -> None:
    wire = SlowWire()
    sent = send_slowly(wire)
    assert len(wire.mails) == 3
    assert sent.states == {"sent": 3, "queued": 2}
    assert read("state", "attempt", "claim", "lease_until", "due_at")[3:] == [
        ("queued", 0, None, None, TUESDAY - 2 * MINUTE),
        ("queued", 0, None, None, TUESDAY - MINUTE),
    ]


def test_send_due_looks_at_the_time_within_a_window_too(
    five: list[Message], settings: Settings
) -> None:
    settings.SENDING_WINDOW = 10
    wire = SlowWire()
    assert send_slowly(wire).states == {"sent": 3, "queued": 2}
    assert read("state", "attempt", "due_at")[4] == ("queued", 0, TUESDAY - MINUTE)


def test_a_batch_has_time_for_one_silence_more_before_the_task_is_stopped() -> None:
    silence = Timeouts().connect + Timeouts().command
    assert sending.BUDGET.total_seconds() + silence < app.conf.task_soft_time_limit
    assert sending.BUDGET.total_seconds() < configured.LEASE_SECONDS


@pytest.mark.parametrize("size", [1, 10])
@pytest.mark.parametrize("phase", ["connect", "starttls", "ehlo", "auth"])
def test_send_due_asks_a_dead_relay_once_for_the_whole_batch(
    five: list[Message], settings: Settings, phase: str, size: int
) -> None:
    settings.SENDING_WINDOW = size
    wire = Wire(outcomes=[TryLater(phase=phase, code=0, evidence="nobody")])
    sent = send(wire)
    assert len(wire.mails) == 1
    assert sent.states == {"queued": 5}
    assert set(read("state", "reason", "phase", "evidence", "claim", "lease_until")) == {
        ("queued", "try_later", phase, "nobody", None, None)
    }
    assert [attempt for (attempt,) in read("attempt")] == [1, 0, 0, 0, 0]
    (tried, *others) = [due - TUESDAY for (due,) in read("due_at")]
    assert timedelta(seconds=48) <= tried <= timedelta(seconds=72)
    assert others == [-4 * MINUTE, -3 * MINUTE, -2 * MINUTE, -MINUTE]
    assert list(Lane.objects.values_list("name", "resumes_at", "evidence")) == [
        ("*", TUESDAY + timedelta(seconds=15), "nobody")
    ]
    assert send(wire).claimed == 0


def test_send_due_goes_on_when_only_one_recipient_is_to_be_tried_later(
    five: list[Message],
) -> None:
    wire = Wire(outcomes=[TryLater(phase="rcpt", code=451, evidence="")])
    assert send(wire).states == {"queued": 1, "sent": 4}


@pytest.mark.parametrize("size", [1, 10])
def test_a_time_limit_on_the_wire_is_passed_on_and_leaves_one_mail_unknown(
    five: list[Message], settings: Settings, size: int
) -> None:
    settings.SENDING_WINDOW = size
    with pytest.raises(SoftTimeLimitExceeded):
        send(BreakingWire())
    assert read("state", "reason", "attempt") == [
        ("sent", "", 1),
        ("unknown", "lost_after_transport", 1),
        *[("queued", "", 0)] * 3,
    ]


def test_a_time_limit_before_the_dot_leaves_no_mail_unknown(five: list[Message]) -> None:
    with pytest.raises(SoftTimeLimitExceeded):
        send(BreakingWire(certain=STOPPED))
    assert read("state", "reason", "phase")[:3] == [
        ("sent", "", ""),
        ("queued", "try_later", "stopped"),
        ("queued", "", ""),
    ]


def test_a_time_limit_while_a_mail_is_made_says_nothing_about_the_mail(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(_: Message, **__: object) -> Mail:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(letters, "build_mail", strike)
    with pytest.raises(SoftTimeLimitExceeded):
        send(Wire())
    assert read("state", "reason", "attempt") == [("queued", "", 0)]


def test_send_due_remembers_what_was_accepted_when_the_next_window_cannot_be_opened(
    five: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = locks.lock_messages

    def strike(*, messages: list[Message]) -> None:
        if messages[0].to == "person1@example.se":
            raise SoftTimeLimitExceeded
        lock(messages=messages)

    monkeypatch.setattr(locks, "lock_messages", strike)
    with pytest.raises(SoftTimeLimitExceeded):
        send(Wire())
    assert [state for (state,) in read("state")] == ["sent", *["queued"] * 4]


def test_handing_over_begins_a_lease_of_its_own(message: Message) -> None:
    """A claim's last second must not make a mail on the wire look lost."""
    claimed = claim(now=TUESDAY, limit=10)
    Message.objects.update(lease_until=timezone.now() + timedelta(seconds=2))
    hand_over([each.message for each in claimed.mails], [], claim=claimed, now=TUESDAY)
    message.refresh_from_db()
    assert message.lease_until
    lease = message.lease_until - timezone.now()
    assert configured.LEASE_SECONDS - 5 < lease.total_seconds() <= configured.LEASE_SECONDS + 1


def test_what_the_reaper_settled_first_is_neither_counted_nor_announced(
    message: Message, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    class Reaped(Wire):
        def take(self, mail: Mail) -> Outcome:
            Message.objects.update(
                state="unknown", reason="worker_lost", claim=None, lease_until=None
            )
            return ACCEPTED

    with django_capture_on_commit_callbacks() as callbacks:
        sent = send(Reaped())
    assert (sent.claimed, sent.states, callbacks) == (1, {}, [])
    assert read("state", "reason") == [("unknown", "worker_lost")]


def test_a_tip_that_comes_to_its_turn_at_night_waits_for_the_morning(tip: Message) -> None:
    wire = Wire()
    sent = send_at_night(wire)
    assert (wire.mails, sent.states) == ([], {"queued": 1})
    assert read("state", "reason", "due_at", "attempt", "claim", "lease_until") == [
        ("queued", "window", MORNING, 0, None, None)
    ]
    sending.send_due(now=MORNING, limit=10, transport=wire)
    assert read("state", "reason") == [("sent", "")]


def test_a_tip_that_is_tried_again_on_a_red_day_waits_for_the_next_working_day(
    tip: Message,
) -> None:
    midsummer_eve = datetime(2026, 6, 19, 10, 0, tzinfo=UTC)
    Message.objects.update(due_at=midsummer_eve, not_after=midsummer_eve + timedelta(days=9))
    sending.send_due(now=midsummer_eve, limit=10, transport=Wire())
    assert read("due_at") == [(datetime(2026, 6, 22, 6, 30, tzinfo=UTC),)]


def test_a_tip_that_would_be_too_old_when_the_window_opens_is_dropped(tip: Message) -> None:
    Message.objects.update(not_after=MORNING - timedelta(seconds=1))
    send_at_night(Wire())
    assert read("state", "reason") == [("dropped", "too_late")]


def test_a_tip_that_lost_its_permission_at_night_is_skipped_in_the_morning(tip: Message) -> None:
    tip.respondent.consents.update(state="withdrawn", withdrawn_at=TUESDAY)
    send_at_night(Wire())
    sending.send_due(now=MORNING, limit=10, transport=Wire())
    assert read("state", "reason") == [("skipped", "no_consent")]


@pytest.mark.parametrize("kind", ["campaign", "system", "staff", "test"])
def test_result_letters_and_mail_of_no_campaign_leave_at_any_hour(
    message: Message, kind: str
) -> None:
    Message.objects.update(kind=kind)
    send_at_night(Wire())
    assert read("state") == [("sent",)]


def test_a_demonstration_knows_no_night(tip: Message, settings: Settings) -> None:
    settings.DEMO_DAY_SECONDS = 5
    sequences.get_sequence.cache_clear()
    try:
        send_at_night(Wire())
    finally:
        sequences.get_sequence.cache_clear()
    assert read("state") == [("sent",)]


def test_send_due_asks_as_often_for_five_tips_at_night_as_for_one(
    five: list[Message], settings: Settings
) -> None:
    settings.SENDING_WINDOW = 10
    Message.objects.update(step_key="tip-1", state="sent")
    counts = []
    for messages in (five[:1], five[1:]):
        Message.objects.filter(pk__in=[each.pk for each in messages]).update(state="queued")
        with CaptureQueriesContext(connection) as queries:
            send_at_night(Wire())
        counts.append(len(queries))
    assert counts[0] == counts[1]
