"""Write down how it went: one outcome, one state, one reason; and what a lost worker left."""

import json
import logging
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from campaigns.models import Message
from campaigns.signals import message_sent
from campaigns.transport import Accepted, Outcome, Refused, TryLater, get_evidence

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
# What is asked again by its key must be on its way before the key is forgotten.
KEY_MARGIN = timedelta(minutes=2)

LONGEST_NAME = 200  # of a provider for a mail, as its column has it

# Only the claim that has a message may say what became of it. NULL: as it is.
WRITE = """
    UPDATE campaigns_message AS message SET
        state = new.state,
        reason = new.reason,
        due_at = coalesce(new.due_at, message.due_at),
        sent_at = coalesce(new.sent_at, message.sent_at),
        ended_at = coalesce(new.ended_at, message.ended_at),
        attempt = message.attempt + new.attempts,
        phase = coalesce(new.phase, message.phase),
        evidence = coalesce(new.evidence, message.evidence),
        provider_id = coalesce(new.provider_id, message.provider_id),
        claim = NULL,
        lease_until = NULL
    -- As in permission.FACTS, the limit only tells how few there are.
    FROM (SELECT * FROM jsonb_to_recordset(%(changes)s::jsonb) AS row (
        id uuid, state text, reason text, due_at timestamptz, sent_at timestamptz,
        ended_at timestamptz, attempts int, phase text, evidence text, provider_id text
    ) LIMIT %(changes_count)s) AS new
    WHERE message.id = new.id AND message.claim = %(claim)s
    RETURNING message.id, message.state
"""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of a claimed message. None leaves a column as it is."""

    state: State
    reason: str = ""
    due_at: datetime | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    phase: str | None = None
    evidence: str | None = None
    provider_id: str | None = None


Changes = Sequence[tuple[Message, Change]]


def write(changes: Changes, *, claim: uuid.UUID) -> Counter[str]:
    """All changes in one statement; how many messages went to each state."""
    if not changes:
        return Counter()
    with connection.cursor() as cursor:
        cursor.execute(WRITE, get_values(changes) | {"claim": claim})
        written = dict(cursor.fetchall())
    tell(changes, written)
    return Counter(written.values())


def get_values(changes: Changes) -> dict[str, Any]:
    """What WRITE is to write."""
    rows = [{"id": message.pk, **vars(_keep_doubt(message, change))} for message, change in changes]
    return {"changes": json.dumps(rows, default=str), "changes_count": len(rows)}


def tell(changes: Changes, written: Mapping[uuid.UUID, str]) -> None:
    """Announce what was sent; `written` is what the database has written, by id."""
    for message, _ in changes:
        if message.pk not in written:
            logger.warning("message %s was settled by somebody else", message.pk)
        elif written[message.pk] == State.SENT:
            transaction.on_commit(
                partial(message_sent.send_robust, sender=None, message_id=message.pk)
            )


def _keep_doubt(message: Message, change: Change) -> Change:
    """What befalls a later try says nothing about the one that may have arrived."""
    if message.doubted_at is None or change.state in {State.QUEUED, State.SENT, State.UNKNOWN}:
        return change
    return replace(change, state=State.UNKNOWN, reason="key_expired", ended_at=None)


def get_settlement(
    message: Message, outcome: Outcome | None, *, trouble: TryLater | None, now: datetime
) -> Change:
    """What an outcome means for a message that was handed over; None was not tried after all,
    perhaps because of `trouble` with the server.
    """
    if outcome is None:
        return replace(get_return(trouble), attempts=-1)
    if isinstance(outcome, Accepted):
        return Change(
            state=State.SENT,
            sent_at=now,
            ended_at=now,
            phase="",
            evidence=get_evidence(outcome.evidence),
            provider_id=get_evidence(outcome.provider_id)[:LONGEST_NAME],
        )
    seen = partial(Change, phase=outcome.phase, evidence=get_evidence(outcome.evidence))
    if isinstance(outcome, TryLater) and message.attempt <= len(RETRY_AFTER):
        due_at = now + _get_wait(message.attempt)
        return seen(state=State.QUEUED, reason="try_later", due_at=due_at)
    if isinstance(outcome, TryLater | Refused):
        reason = "gave_up" if isinstance(outcome, TryLater) else "refused"
        reason = "unrenderable" if outcome.phase == "render" else reason
        return seen(state=State.FAILED, reason=reason, ended_at=now)
    return seen(state=State.UNKNOWN, reason=f"lost_after_{outcome.phase}")


def get_return(trouble: TryLater | None) -> Change:
    """Back into the queue as it was; with `trouble`, saying why it did not leave."""
    if trouble is None:
        return Change(state=State.QUEUED)
    return Change(
        state=State.QUEUED, reason="try_later", phase=trouble.phase, evidence=trouble.evidence
    )


def settle_stale(*, now: datetime, key_life: timedelta = timedelta(0)) -> Counter[str]:
    """Give every message whose worker is gone its honest state. Leases run by the database's
    clock: a claim is free again, a message already handed over is unknown. What waited in the
    queue past its use is dropped.

    A provider that knows a repeated mail by its key, for `key_life`, is given it once more.
    """
    expired = Message.objects.filter(lease_until__lt=Now())
    freed = expired.filter(state=State.CLAIMED).update(
        state=State.QUEUED, claim=None, lease_until=None
    )
    lost = expired.filter(state=State.SENDING).update(
        state=State.UNKNOWN, reason="worker_lost", claim=None, lease_until=None
    )
    late = sum(
        Message.objects.filter(
            # One by one, as their two indexes are.
            is_urgent=is_urgent,
            state=State.QUEUED,
            due_at__lte=now,
            not_after__lt=now,
            doubted_at=None,
        ).update(state=State.DROPPED, reason="too_late", ended_at=now)
        for is_urgent in (True, False)
    )
    first = Coalesce("doubted_at", "sending_at")
    unknown = Message.objects.filter(state=State.UNKNOWN)
    keyed = (
        unknown.alias(first=first)
        .filter(first__gt=now - key_life + KEY_MARGIN)
        .update(state=State.QUEUED, reason="resent_with_key", due_at=now, doubted_at=first)
    )
    resent = unknown.filter(
        kind=Message.Kind.SYSTEM, resent_at=None, sending_at__lt=now - RESEND_SYSTEM_AFTER
    ).update(state=State.QUEUED, reason="resent_once", due_at=now, resent_at=now)
    return Counter(freed=freed, lost=lost, late=late, keyed=keyed, resent=resent)


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
    return bool(unknown.update(not_after=None, doubted_at=None, **values))


def _get_wait(tries: int) -> timedelta:
    wait = RETRY_AFTER[min(tries, len(RETRY_AFTER)) - 1]
    return wait * random.uniform(0.8, 1.2)  # noqa: S311  # spreads load, guards nothing
