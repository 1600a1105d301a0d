"""The commit before the wire: the mails before it are settled, and the next are handed over."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns import locks, permission
from campaigns.models import Message
from campaigns.sending import settling
from campaigns.sending.claiming import Claim
from campaigns.sending.settling import Changes

HAND_OVER = f"""
    WITH settled AS ({settling.WRITE}),
    judged AS (SELECT asked.id, {permission.REASON} AS reason FROM {permission.FACTS}),
    opened AS (
        UPDATE campaigns_message AS message SET
            state = 'sending',
            sending_at = %(now)s,
            attempt = message.attempt + 1,
            -- A mail that its provider is to know again must be the same mail.
            is_tracked = CASE WHEN message.doubted_at IS NOT NULL THEN message.is_tracked
                ELSE message.kind = 'campaign' AND EXISTS (
                    SELECT 1 FROM campaigns_consent AS measuring
                    WHERE measuring.respondent_id = message.respondent_id
                        AND measuring.purpose = 'tracking' AND measuring.state = 'confirmed'
                )
            END,
            -- Anew: what is left of the claim's may be less than a mail takes.
            lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
        FROM judged
        WHERE message.id = judged.id AND judged.reason = ''
            -- The empty word keeps the planner from walking through all that is leased.
            AND message.state || '' = 'claimed' AND message.claim = %(claim)s
            AND message.lease_until > clock_timestamp()
            AND EXISTS (
                SELECT 1 FROM campaigns_permit WHERE token = %(permit)s AND revoked_at IS NULL
            )
        RETURNING message.id, message.is_tracked
    )
    SELECT id, state, 'settled' FROM settled
    UNION ALL SELECT id, CASE WHEN is_tracked THEN 'tracked' ELSE '' END, 'opened' FROM opened
    UNION ALL SELECT id, reason, 'refused' FROM judged WHERE reason <> ''
"""  # noqa: S608  # all are constants


def keep_plans(*, is_kept: bool) -> None:
    """For the length of a batch the server makes no new plan for each window: that takes as long
    as the window itself. Not for other queries: a plan without values uses no partial index.
    """
    mode = "force_generic_plan" if is_kept else "auto"
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = %s" % mode)  # noqa: UP031  # two fixed words


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What was settled, by state; what is on its way; and why the rest must not leave. What is in
    neither is no longer ours, or the permit has ended.
    """

    states: Counter[str] = field(default_factory=Counter)
    opened: list[Message] = field(default_factory=list)
    refusals: dict[uuid.UUID, permission.Refusal] = field(default_factory=dict)


def hand_over(
    messages: Sequence[Message], changes: Changes, *, claim: Claim, now: datetime
) -> Handed:
    """Settle `changes` and mark as handed over those of `messages` that may leave, in one commit.

    Locks and judgement travel together. Each has a view of its own (READ COMMITTED), so the
    judgement sees what those who held the locks have committed.
    """
    values: dict[str, Any] = permission.get_questions(messages) | settling.get_values(changes)
    values |= {
        "claim": claim.token,
        "permit": claim.permit,
        "now": now,
        "lease": settings.LEASE_SECONDS,
    }
    # Outside a transaction, what a pipeline holds is one.
    with connection.cursor() as cursor, connection.connection.pipeline():
        locks.lock_messages(messages=messages)
        cursor.execute(HAND_OVER, values)
        rows = cursor.fetchall()
    written = {pk: state for pk, state, what in rows if what == "settled"}
    opened = {pk: word == "tracked" for pk, word, what in rows if what == "opened"}
    for message in messages:
        if message.pk in opened:
            message.is_tracked = opened[message.pk]
            message.sending_at = now
            message.attempt += 1
    settling.tell(changes, written)
    return Handed(
        states=Counter(written.values()),
        opened=[message for message in messages if message.pk in opened],
        refusals={
            pk: permission.Refusal(reason=reason) for pk, reason, what in rows if what == "refused"
        },
    )
