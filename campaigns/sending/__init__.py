"""Hand queued messages to the wire: claim, ask permission, send, settle.

The row is the truth. What was perhaps sent becomes *unknown* and is never sent again by
itself, but for system mail (once). Rings no bell and knows no broker.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from campaigns import letters, permission, sequences
from campaigns.models import Message
from campaigns.sending import settling
from campaigns.sending.settling import UNKNOWN_REST, decide, settle_stale
from campaigns.transport import (
    CONNECTING,
    Outcome,
    Refused,
    Stopped,
    Transport,
    TryLater,
    Unknown,
)

__all__ = ["BUDGET", "UNKNOWN_REST", "Sent", "decide", "send_due", "settle_stale"]

logger = logging.getLogger(__name__)

State = Message.State

# A batch opens nothing more after this, so that the task's time limit finds no mail on the wire.
BUDGET = timedelta(seconds=150)

OUT_OF_TIME = TryLater(phase="stopped", code=0, evidence="the task ran out of time")
LOST = Unknown(phase="transport", evidence="")

CLAIM = """
    UPDATE campaigns_message
    SET state = 'claimed', claim = %(claim)s,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = ANY(ARRAY(
        SELECT id FROM campaigns_message
        WHERE state = 'queued' AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ))
    RETURNING due_at, id
"""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many messages were claimed, and how many went to each state."""

    claimed: int
    states: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Batch:
    """What one worker has claimed: `waiting` to be opened, and what is open, in `outcomes`.

    `outcomes` says at every moment what is certain by then; None is a message not yet tried.
    `trouble` is what the server said when it would hear of no mail at all.
    """

    claim: uuid.UUID
    transport: Transport
    clock: Callable[[], datetime]
    ends_at: datetime
    waiting: Sequence[Any]
    outcomes: dict[Message, Outcome | None] = field(default_factory=dict)
    trouble: TryLater | None = None
    states: Counter[str] = field(default_factory=Counter)

    def is_over(self) -> bool:
        return self.trouble is not None or self.clock() >= self.ends_at


def send_due(
    *,
    now: datetime,
    limit: int,
    transport: Transport,
    clock: Callable[[], datetime] | None = None,
) -> Sent:
    """Send up to `limit` queued messages that are due at `now`, window by window.

    One commit settles a window and opens the next, so a killed process leaves at most
    SENDING_WINDOW messages unknown. `clock` tells the time as the batch goes on; without one
    it stands still at `now`.
    """
    claim = uuid.uuid4()
    ids = _claim(claim, now=now, limit=limit)
    batch = Batch(
        claim=claim,
        transport=transport,
        clock=clock or (lambda: now),
        ends_at=now + BUDGET,
        waiting=ids,
    )
    try:
        while batch.waiting and not batch.is_over():
            _open_next(batch)
            _hand_over(batch)
    finally:  # also when the task is stopped: what is known is kept, the rest given back
        _close(batch)
    return Sent(claimed=len(ids), states=batch.states)


def _claim(claim: uuid.UUID, *, now: datetime, limit: int) -> list[Any]:
    """The ids of what this worker may send now, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {"claim": claim, "lease": settings.LEASE_SECONDS, "now": now, "limit": limit},
        )
        return [pk for _, pk in sorted(cursor.fetchall())]


def _open_next(batch: Batch) -> None:
    """One commit says how the window before went and that the next is on its way."""
    now = batch.clock()
    window = batch.waiting[: settings.SENDING_WINDOW]
    with transaction.atomic():
        states = settling.settle(batch.outcomes, trouble=batch.trouble, now=now)
        opened, ended = _open(window, batch.claim, now=now)
    batch.outcomes = dict.fromkeys(opened)
    batch.waiting = batch.waiting[len(window) :]
    batch.states += states + ended


def _close(batch: Batch) -> None:
    if not batch.outcomes and not batch.waiting:
        return
    now, trouble = batch.clock(), batch.trouble
    with transaction.atomic():
        states = settling.settle(batch.outcomes, trouble=trouble, now=now)
        states += settling.release(batch.waiting, claim=batch.claim, trouble=trouble, now=now)
    batch.states += states


def _open(
    window: Sequence[Any], claim: uuid.UUID, *, now: datetime
) -> tuple[list[Message], Counter[str]]:
    """Ask permission once more, under lock, and mark what may leave as handed over."""
    mine = _lock(window, claim)
    refusals = permission.get_refusals(messages=mine, lock=True)
    states: Counter[str] = Counter()
    opened, early = [], []
    for message in mine:
        opens = _get_opening(message, now)
        if opens is None or (message.not_after is not None and message.not_after < opens):
            settling.end(message, State.DROPPED, reason="too_late", now=now)
            states[State.DROPPED] += 1
        elif refusal := refusals.get(message.key):
            settling.end(message, State.SKIPPED, reason=refusal.reason, now=now)
            states[State.SKIPPED] += 1
        elif opens > now:
            message.due_at, message.reason = opens, "window"
            early.append(message)
        else:
            opened.append(message)
    _mark_sending(opened, now=now)
    return opened, states + settling.requeue(early)


def _lock(window: Sequence[Any], claim: uuid.UUID) -> list[Message]:
    return list(
        Message.objects.filter(
            pk__in=window, state=State.CLAIMED, claim=claim, lease_until__gt=Now()
        )
        .select_related("compiled", "enrolment__campaign")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",))
    )


def _get_opening(message: Message, now: datetime) -> datetime | None:
    """When the hours of its campaign let the message leave, perhaps `now`; None for never."""
    if message.kind != Message.Kind.CAMPAIGN or message.enrolment is None:
        return now
    return sequences.get_opening(
        version_id=message.enrolment.version_id, step_key=message.step_key, now=now
    )


def _mark_sending(opened: Sequence[Message], *, now: datetime) -> None:
    settling.get_rows(opened).update(
        state=State.SENDING,
        sending_at=now,
        attempt=F("attempt") + 1,
        # Anew: what is left of the claim's may be less than a mail takes.
        lease_until=Now() + timedelta(seconds=settings.LEASE_SECONDS),
    )
    for message in opened:
        message.sending_at = now
        message.attempt += 1


def _hand_over(batch: Batch) -> None:
    """Try what is open, one by one, until time or the server says that it is enough."""
    for message in batch.outcomes:
        if batch.is_over():
            return
        outcome = _try(message, batch)
        batch.outcomes[message] = outcome
        if isinstance(outcome, TryLater) and outcome.phase in CONNECTING:
            batch.trouble = outcome


def _try(message: Message, batch: Batch) -> Outcome:
    """Before each step, `outcomes` is told what to believe if the task is stopped in it."""
    batch.outcomes[message] = OUT_OF_TIME
    try:
        mail = letters.build_mail(message)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # one broken message must not stop the rest
        logger.exception("message %s cannot be made into a mail", message.pk)
        return Refused(phase="render", code=0, evidence="")
    batch.outcomes[message] = LOST
    try:
        return batch.transport.send(mail=mail)
    except Stopped:
        batch.outcomes[message] = OUT_OF_TIME
        raise
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # a transport that breaks its word may have sent it
        logger.exception("message %s: the transport failed", message.pk)
        return LOST
