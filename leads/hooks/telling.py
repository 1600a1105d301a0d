"""Events become deliveries, and deliveries leave. Rows are the truth: an event waits until it is
dealt, a delivery until it is told or given up, and a dead worker's is free after its lease.

At least once, in order for each person; a receiver knows a repetition by its id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from leads.carrying import get_carried
from leads.hooks import secrets, signing, wire
from leads.models import Delivery, Hook, Kind

State = Delivery.State
TRY_FOR = timedelta(hours=24)
WAITS = tuple(timedelta(seconds=each) for each in (10, 30, 120, 600, 1800, 3600, 7200))
# The circuit breaker: after so many failures in a row the hook is left alone, longer each time.
FAILURES = 5
RESTS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 30, 60))
LEASE_SECONDS = 60
GONE = 410
AGENT = "PMO-portalen (webhooks)"

CLAIM = """
    UPDATE leads_delivery SET state = 'sending',
        leased_until = now() + %(lease)s * interval '1 second'
    WHERE id = (
        SELECT mine.id FROM leads_delivery AS mine
        WHERE mine.hook_id = %(hook)s AND mine.state = 'queued' AND mine.next_at <= %(now)s
        AND NOT EXISTS (
            SELECT 1 FROM leads_delivery AS earlier
            WHERE earlier.hook_id = mine.hook_id AND earlier.respondent_id = mine.respondent_id
            AND earlier.number < mine.number AND earlier.state IN ('queued', 'sending')
        )
        ORDER BY mine.next_at, mine.number LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    tried: int
    is_more: bool


def get_limits() -> wire.Limits:
    return wire.Limits(allowed=settings.WEBHOOK_ALLOWED_PRIVATE, is_production=settings.PRODUCTION)


def get_ready(*, now: datetime) -> list[int]:
    """Hooks for which something waits, and that are not left alone."""
    waiting = Delivery.objects.filter(state=State.QUEUED, next_at__lte=now, hook__is_active=True)
    rested = waiting.exclude(hook__rests_until__gt=now)
    return list(rested.order_by("hook_id").values_list("hook_id", flat=True).distinct())


def settle_stale(*, now: datetime) -> int:
    """Free what a dead worker had, and give up what has been tried for long enough."""
    freed = Delivery.objects.filter(state=State.SENDING, leased_until__lt=Now()).update(
        state=State.QUEUED, leased_until=None
    )
    waiting = Delivery.objects.filter(state=State.QUEUED, until__lt=now)
    return freed + waiting.update(state=State.GIVEN_UP)


def tell(
    *,
    hook_id: int,
    now: datetime,
    limit: int,
    clock: Callable[[], datetime],
    post: Callable[..., wire.Answer] = wire.post,
) -> Told:
    """Send up to `limit` of what waits for one hook, one after the other."""
    for tried in range(limit):
        hook = Hook.objects.filter(pk=hook_id, is_active=True).first()
        if hook is None or (hook.rests_until and hook.rests_until > now):
            return Told(tried=tried, is_more=False)
        delivery = _claim(hook, now)
        if delivery is None:
            return Told(tried=tried, is_more=False)
        _send(hook, delivery, clock(), post)
    return Told(tried=limit, is_more=True)


def try_now(
    *, delivery: Delivery, now: datetime, post: Callable[..., wire.Answer] = wire.post
) -> wire.Answer:
    """Send one that a person waits for, whatever its turn; the queue is left alone."""
    return post(
        url=delivery.hook.url,
        headers=_get_headers(delivery.hook, delivery, now),
        body=delivery.body.encode(),
        limits=get_limits(),
    )


def replay(*, delivery_ids: Sequence[str], now: datetime) -> int:
    """Tell again what was told, refused or given up; how many there are. Same id, same body."""
    settled = Delivery.objects.filter(
        pk__in=delivery_ids, state__in=[State.DELIVERED, State.FAILED, State.GIVEN_UP]
    )
    return settled.update(
        state=State.QUEUED, attempts=0, next_at=now, until=now + TRY_FOR, evidence="", status=None
    )


def let_go_on(*, hook_id: int) -> None:
    """End a hook's rest: somebody has seen to it."""
    Hook.objects.filter(pk=hook_id).update(failures=0, failing_since=None, rests_until=None)


def _claim(hook: Hook, now: datetime) -> Delivery | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"hook": hook.pk, "now": now, "lease": LEASE_SECONDS})
        row = cursor.fetchone()
    return Delivery.objects.get(pk=row[0]) if row else None


def _send(hook: Hook, delivery: Delivery, now: datetime, post: Callable[..., wire.Answer]) -> None:
    if _is_forbidden(delivery):
        _settle(delivery, state=State.GIVEN_UP, evidence="no_consent", leased_until=None)
        return
    answer = post(
        url=hook.url,
        headers=_get_headers(hook, delivery, now),
        body=delivery.body.encode(),
        limits=get_limits(),
    )
    with transaction.atomic():
        _record(delivery, answer, now)
        _judge(hook, answer, now)


def _is_forbidden(delivery: Delivery) -> bool:
    """Leads are carried only while contact is allowed, at the moment of sending."""
    about_lead = delivery.kind in {Kind.CREATED, Kind.GRADED, Kind.TAKEN}
    return about_lead and not get_carried().filter(pk=delivery.lead_id or 0).exists()


def _get_headers(hook: Hook, delivery: Delivery, now: datetime) -> dict[str, str]:
    message_id, timestamp = f"msg_{delivery.pk.hex}", int(now.timestamp())
    signature = signing.sign(
        keys=secrets.get_keys(hook=hook, now=now),
        message_id=message_id,
        timestamp=timestamp,
        body=delivery.body.encode(),
    )
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


def _record(delivery: Delivery, answer: wire.Answer, now: datetime) -> None:
    attempts = delivery.attempts + 1
    next_at = now + WAITS[min(attempts, len(WAITS)) - 1]
    state = State.QUEUED if next_at < delivery.until else State.GIVEN_UP
    if answer.is_taken:
        state = State.DELIVERED
    elif answer.status == GONE:
        state = State.FAILED
    _settle(
        delivery,
        state=state,
        attempts=attempts,
        next_at=next_at,
        tried_at=now,
        leased_until=None,
        status=answer.status,
        evidence=answer.words,
    )


def _settle(delivery: Delivery, **columns: object) -> None:
    """Unless the lease ran out and the delivery is somebody else's by now."""
    Delivery.objects.filter(pk=delivery.pk, state=State.SENDING).update(**columns)


def _judge(hook: Hook, answer: wire.Answer, now: datetime) -> None:
    """What the answer says about the hook itself."""
    rows = Hook.objects.filter(pk=hook.pk)
    if answer.is_taken:
        rows.update(told_at=now, failures=0, failing_since=None, rests_until=None)
        return
    failures = hook.failures + 1
    rests = max(0, failures - FAILURES)
    rests_until = now + RESTS[min(rests, len(RESTS) - 1)] if failures >= FAILURES else None
    rows.update(
        failures=F("failures") + 1,
        failing_since=hook.failing_since or now,
        rests_until=rests_until,
        is_active=answer.status != GONE,
    )
