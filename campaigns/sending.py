"""Hand queued messages to the wire: claim, ask permission, send, settle.

The row is the truth. What was perhaps sent becomes *unknown* and is never sent again by
itself, but for system mail (once). Rings no bell and knows no broker.
"""

import logging
import random
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from campaigns import letters, permission
from campaigns.models import Message
from campaigns.signals import message_sent
from campaigns.transport import Accepted, Outcome, Refused, Transport, TryLater, Unknown

logger = logging.getLogger(__name__)

State = Message.State

# After the n-th certain refusal for now; spread by a fifth so that a crowd does not come back
# in one second.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
RESEND_SYSTEM_AFTER = timedelta(minutes=2)

CLAIM = """
    UPDATE campaigns_message
    SET state = 'claimed', claim = %(claim)s,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = ANY(ARRAY(
        SELECT id FROM campaigns_message
        WHERE state = 'queued' AND due_at <= %(now)s
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ))
    RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many messages were claimed, and how many went to each state."""

    claimed: int
    states: Counter[str] = field(default_factory=Counter)


def send_due(*, now: datetime, limit: int, transport: Transport) -> Sent:
    """Send up to `limit` queued messages that are due, window by window.

    One commit settles a window and opens the next, so a killed process leaves at most
    SENDING_WINDOW messages unknown.
    """
    claim = uuid.uuid4()
    claimed = _claim(claim, now=now, limit=limit)
    states: Counter[str] = Counter()
    settled: list[tuple[Message, Outcome]] = []
    for window in _cut(claimed, settings.SENDING_WINDOW):
        with transaction.atomic():
            states.update(_settle(settled, now=now))
            opened, refused = _open(window, claim, now=now)
        states.update(refused)
        settled = [(message, _hand_over(message, transport)) for message in opened]
    with transaction.atomic():
        states.update(_settle(settled, now=now))
    return Sent(claimed=len(claimed), states=states)


def settle_stale(*, now: datetime) -> Counter[str]:
    """Give every message whose worker is gone its honest state. Leases run by the database's
    clock: a claim is free again, a message already handed over is unknown.
    """
    expired = Message.objects.filter(lease_until__lt=Now())
    freed = expired.filter(state=State.CLAIMED).update(
        state=State.QUEUED, claim=None, lease_until=None
    )
    lost = expired.filter(state=State.SENDING).update(
        state=State.UNKNOWN, reason="worker_lost", claim=None, lease_until=None
    )
    resent = Message.objects.filter(
        state=State.UNKNOWN,
        kind=Message.Kind.SYSTEM,
        attempt=1,
        sending_at__lt=now - RESEND_SYSTEM_AFTER,
    ).update(state=State.QUEUED, reason="resent_once", due_at=now)
    return Counter(freed=freed, lost=lost, resent=resent)


def _claim(claim: uuid.UUID, *, now: datetime, limit: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {"claim": claim, "lease": settings.LEASE_SECONDS, "now": now, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def _cut(ids: Iterable[Any], size: int) -> Iterable[list[Any]]:
    rest = iter(ids)
    while window := list(islice(rest, size)):
        yield window


def _open(
    window: Sequence[Any], claim: uuid.UUID, *, now: datetime
) -> tuple[list[Message], Counter[str]]:
    """Ask permission once more, under lock, and mark what may leave as handed over."""
    mine = list(
        Message.objects.filter(
            pk__in=window, state=State.CLAIMED, claim=claim, lease_until__gt=Now()
        )
        .select_related("compiled", "enrolment__campaign")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",))
    )
    refusals = permission.get_refusals(messages=mine, lock=True)
    states: Counter[str] = Counter()
    opened = []
    for message in mine:
        if message.not_after is not None and message.not_after < now:
            _end(message, State.DROPPED, reason="too_late", now=now)
            states[State.DROPPED] += 1
        elif refusal := refusals.get(message.key):
            _end(message, State.SKIPPED, reason=refusal.reason, now=now)
            states[State.SKIPPED] += 1
        else:
            opened.append(message)
    _rows(opened).update(state=State.SENDING, sending_at=now, attempt=F("attempt") + 1)
    for message in opened:
        message.sending_at = now
        message.attempt += 1
    return opened, states


def _hand_over(message: Message, transport: Transport) -> Outcome:
    try:
        mail = letters.build_mail(message)
    except Exception:  # one broken message must not stop the rest
        logger.exception("message %s cannot be made into a mail", message.pk)
        return Refused(phase="render", code=0, evidence="")
    try:
        return transport.send(mail=mail)
    except Exception:  # a transport that breaks its word may have sent it
        logger.exception("message %s: the transport failed", message.pk)
        return Unknown(phase="transport", evidence="")


def _settle(settled: Sequence[tuple[Message, Outcome]], *, now: datetime) -> Counter[str]:
    states: Counter[str] = Counter()
    for message, outcome in settled:
        values = _get_settlement(message, outcome, now)
        # Only the claim that handed it over may say how it went.
        _rows([message]).filter(state=State.SENDING, claim=message.claim).update(
            claim=None, lease_until=None, **values
        )
        states[values["state"]] += 1
        if values["state"] == State.SENT:
            transaction.on_commit(
                partial(message_sent.send_robust, sender=None, message_id=message.pk)
            )
    return states


def _get_settlement(message: Message, outcome: Outcome, now: datetime) -> dict[str, Any]:
    if isinstance(outcome, Accepted):
        return {
            "state": State.SENT,
            "reason": "",
            "sent_at": now,
            "ended_at": now,
            "phase": "",
            "evidence": outcome.evidence,
            "provider_id": outcome.provider_id,
        }
    seen = {"phase": outcome.phase, "evidence": outcome.evidence}
    if isinstance(outcome, TryLater) and message.attempt <= len(RETRY_AFTER):
        wait = RETRY_AFTER[message.attempt - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        return seen | {"state": State.QUEUED, "reason": "try_later", "due_at": now + wait}
    if isinstance(outcome, TryLater | Refused):
        reason = "gave_up" if isinstance(outcome, TryLater) else "refused"
        reason = "unrenderable" if outcome.phase == "render" else reason
        return seen | {"state": State.FAILED, "reason": reason, "ended_at": now}
    return seen | {"state": State.UNKNOWN, "reason": f"lost_after_{outcome.phase}"}


def _end(message: Message, state: State, *, reason: str, now: datetime) -> None:
    _rows([message]).update(state=state, reason=reason, ended_at=now, claim=None, lease_until=None)


def _rows(messages: Sequence[Message]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=[message.pk for message in messages])
