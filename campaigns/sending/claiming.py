"""What a worker may send now: messages claimed for it alone, each with its slot."""

import logging
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from campaigns import permit
from campaigns.models import Message
from campaigns.sending import lanes, settling
from campaigns.sending.settling import Change, State

logger = logging.getLogger(__name__)

CLAIM = """
    UPDATE campaigns_message
    SET state = 'claimed', claim = %(claim)s,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = ANY(ARRAY(
        SELECT id FROM (
            SELECT id FROM campaigns_message
            WHERE state = 'queued' AND is_urgent AND due_at <= %(now)s
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        ) AS urgent
        UNION ALL
        SELECT id FROM (
            SELECT id FROM campaigns_message
            WHERE state = 'queued' AND NOT is_urgent AND due_at <= %(now)s
            ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        ) AS others
        LIMIT %(limit)s
    ))
    RETURNING id
"""
READ = (
    "id", "key", "kind", "enrolment_id", "respondent_id", "step_key", "tip_key", "template", "to",
    "language", "compiled_id", "values", "is_urgent", "is_tracked", "due_at", "not_after",
    "attempt", "claim", "sending_at", "doubted_at", "created_at", "enrolment__version_id",
    "enrolment__response_id", "enrolment__campaign_id", "enrolment__campaign__purpose",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A claimed message. `slot` is the moment it has to keep; None is any."""

    message: Message
    slot: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """`mails` in the order in which they leave, by which permit; `tired` lanes had refusals. There
    `is_more` when the limit or the pace, and not the queue, ended the claim.
    """

    token: uuid.UUID
    mails: list[Waiting] = field(default_factory=list)
    permit: uuid.UUID | None = None
    tired: set[str] = field(default_factory=set)
    is_more: bool = False


def claim(*, now: datetime, limit: int) -> Claim:
    """Up to `limit` messages that are due at `now`, urgent ones first, as far as the permit and
    the pace let them leave.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        pace = lanes.get_pace()
        room = lanes.get_room(pace=pace, now=now)
        most = limit if room is None else min(limit, room)
        ids = _claim(token, now=now, limit=most)
        note = permit.take() if ids else None
        if note is None:
            transaction.set_rollback(bool(ids))
        else:
            messages = _read(ids)
            reserved = lanes.reserve(messages, pace=pace, now=now)
            _give_back(messages, reserved, token)
    if note is None:
        if ids:
            logger.error("no mail leaves: %s", permit.get_standing().reason)
        return Claim(token=token)
    permit.remember(note)
    mails = [
        Waiting(message=message, slot=reserved.slots.get(message.pk))
        for message in messages
        if message.pk not in reserved.later
    ]
    in_turn = sorted(mails, key=lambda each: each.slot or now)
    return Claim(
        token=token,
        mails=in_turn,
        permit=note.token,
        tired=reserved.tired,
        is_more=len(ids) == most,
    )


def _claim(token: uuid.UUID, *, now: datetime, limit: int) -> list[Any]:
    if limit <= 0:
        return []
    values: dict[str, Any] = {"claim": token, "now": now, "limit": limit}
    values["lease"] = settings.LEASE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return [pk for (pk,) in cursor.fetchall()]


def _read(ids: list[Any]) -> list[Message]:
    rows = Message.objects.filter(pk__in=ids).select_related("enrolment__campaign").only(*READ)
    return sorted(rows, key=lambda each: (not each.is_urgent, each.due_at, each.pk))


def _give_back(messages: list[Message], reserved: lanes.Reserved, token: uuid.UUID) -> None:
    """Those without a slot in reach, until they may have one."""
    later = [
        (message, Change(state=State.QUEUED, reason="pace", due_at=reserved.later[message.pk]))
        for message in messages
        if message.pk in reserved.later
    ]
    settling.write(later, claim=token)
