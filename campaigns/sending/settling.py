"""Write down how it went: one outcome, one state, one reason; and what a lost worker left."""

import logging
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from campaigns.models import Message
from campaigns.signals import message_sent
from campaigns.transport import Accepted, Outcome, Refused, TryLater

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
UNKNOWN_REST = timedelta(minutes=15)
RESEND_SYSTEM_AFTER = timedelta(minutes=2)
REQUEUED = ("state", "reason", "due_at", "phase", "evidence", "claim", "lease_until")


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
        resent_at=None,
        sending_at__lt=now - RESEND_SYSTEM_AFTER,
    ).update(state=State.QUEUED, reason="resent_once", due_at=now, resent_at=now)
    return Counter(freed=freed, lost=lost, resent=resent)


def decide(*, message_id: uuid.UUID, is_sent: bool, now: datetime) -> bool:
    """A person says what became of an unknown message: it counts as sent, or leaves once more
    under the same Message-ID. Whether it was still theirs to say.

    Not before UNKNOWN_REST: until then the worker that was lost, or the provider, may yet tell.
    """
    unknown = Message.objects.filter(
        pk=message_id, state=State.UNKNOWN, sending_at__lte=now - UNKNOWN_REST
    )
    if is_sent:
        values = {"state": State.SENT, "reason": "assumed_sent", "ended_at": now}
        return bool(unknown.update(sent_at=F("sending_at"), **values))
    values = {"state": State.QUEUED, "reason": "sent_again", "due_at": now, "resent_at": now}
    return bool(unknown.update(not_after=None, **values))


def settle(
    outcomes: Mapping[Message, Outcome | None], *, trouble: TryLater | None, now: datetime
) -> Counter[str]:
    """How each opened message went. None was not tried, perhaps for `trouble` at the server."""
    states: Counter[str] = Counter()
    for message, outcome in outcomes.items():
        if outcome is None:
            tries = message.attempt - 1
            values = _get_return(tries, trouble, now) | {"attempt": tries}
        else:
            values = _get_settlement(message, outcome, now)
        # Only the claim that handed it over may say how it went.
        mine = get_rows([message]).filter(state=State.SENDING, claim=message.claim)
        if not mine.update(claim=None, lease_until=None, **values):
            logger.warning("message %s was settled by somebody else", message.pk)
            continue
        states[values["state"]] += 1
        if values["state"] == State.SENT:
            transaction.on_commit(
                partial(message_sent.send_robust, sender=None, message_id=message.pk)
            )
    return states


def release(
    ids: Sequence[Any], *, claim: uuid.UUID, trouble: TryLater | None, now: datetime
) -> Counter[str]:
    """Give back what was claimed and never opened."""
    rows = Message.objects.filter(pk__in=ids, state=State.CLAIMED, claim=claim)
    messages = list(rows.order_by("pk").select_for_update())
    for message in messages:
        for name, value in _get_return(message.attempt, trouble, now).items():
            setattr(message, name, value)
    return requeue(messages)


def requeue(messages: Sequence[Message]) -> Counter[str]:
    """Into the queue as they now are, in one statement. The caller holds the rows' locks."""
    for message in messages:
        message.state, message.claim, message.lease_until = State.QUEUED, None, None
    Message.objects.bulk_update(messages, REQUEUED)
    return Counter({State.QUEUED.value: len(messages)})


def end(message: Message, state: State, *, reason: str, now: datetime) -> None:
    get_rows([message]).update(
        state=state, reason=reason, ended_at=now, claim=None, lease_until=None
    )


def get_rows(messages: Sequence[Message]) -> QuerySet[Message]:
    return Message.objects.filter(pk__in=[message.pk for message in messages])


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
        due_at = now + _get_wait(message.attempt)
        return seen | {"state": State.QUEUED, "reason": "try_later", "due_at": due_at}
    if isinstance(outcome, TryLater | Refused):
        reason = "gave_up" if isinstance(outcome, TryLater) else "refused"
        reason = "unrenderable" if outcome.phase == "render" else reason
        return seen | {"state": State.FAILED, "reason": reason, "ended_at": now}
    return seen | {"state": State.UNKNOWN, "reason": f"lost_after_{outcome.phase}"}


def _get_return(tries: int, trouble: TryLater | None, now: datetime) -> dict[str, Any]:
    """Back as it was; with `trouble`, after the wait of a try that met it, but not counted."""
    if trouble is None:
        return {"state": State.QUEUED}
    return {
        "state": State.QUEUED,
        "reason": "try_later",
        "phase": trouble.phase,
        "evidence": trouble.evidence,
        "due_at": now + _get_wait(tries + 1),
    }


def _get_wait(tries: int) -> timedelta:
    wait = RETRY_AFTER[min(tries, len(RETRY_AFTER)) - 1]
    return wait * random.uniform(0.8, 1.2)  # noqa: S311
