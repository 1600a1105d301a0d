"""Hand queued messages to the wire: claim, ask permission, send, settle.

The row is the truth. What was perhaps sent becomes *unknown* and is never sent again by
itself, but for system mail (once) and where the provider knows a repeated mail by its key.
Rings no bell and knows no broker.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError, connection

from campaigns import letters, pacing, permission, sequences
from campaigns.models import Message
from campaigns.sending import lanes, settling
from campaigns.sending.claiming import Claim, Waiting, claim
from campaigns.sending.handing import hand_over, keep_plans
from campaigns.sending.settling import UNKNOWN_REST, Change, State, decide, settle_stale
from campaigns.transport import (
    Form,
    Outcome,
    Parcel,
    Refused,
    Transport,
    TryLater,
    get_key_life,
)
from pmoportal import crashing

__all__ = ["BUDGET", "UNKNOWN_REST", "Sent", "decide", "send_due", "settle_stale"]

logger = logging.getLogger(__name__)

# A batch opens nothing more after this, so that the task's time limit finds no mail on the wire.
BUDGET = timedelta(seconds=150)
# A mail that comes this late to its slot has lost it.
GRACE = timedelta(milliseconds=50)
LOOK_AGAIN_WHEN_PAUSED = timedelta(minutes=15)
# Seconds between attempts to write down what was sent, when the database is gone.
RECONNECT_AFTER = (0, 1, 2, 4, 8, 15)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many messages were claimed, how many went to each state, and whether more may follow
    at once.
    """

    claimed: int
    states: Counter[str] = field(default_factory=Counter)
    is_more: bool = False


@dataclass(kw_only=True)
class Opened:
    """A message that is marked as handed over. What cannot be made into a parcel has a flaw."""

    message: Message
    parcel: Parcel | None = None
    flaw: Refused | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What is certain by now; None was not tried."""
        return self.parcel.outcome if self.parcel else self.flaw


@dataclass(kw_only=True)
class Batch:
    """What one worker has claimed: `waiting` to be opened, what is `open` on the wire, and in
    `changes` what became of others and is not yet written.

    `trouble` is what the server said when it would hear of no mail at all; `resting` the domains
    that want none for now.
    """

    claim: Claim
    transport: Transport
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    ends_at: datetime
    key_life: timedelta
    waiting: list[Waiting]
    open: list[Opened] = field(default_factory=list)
    changes: list[tuple[Message, Change]] = field(default_factory=list)
    trouble: TryLater | None = None
    resting: dict[str, datetime] = field(default_factory=dict)
    states: Counter[str] = field(default_factory=Counter)

    def is_over(self) -> bool:
        return self.trouble is not None or self.clock() >= self.ends_at


def send_due(
    *,
    now: datetime,
    limit: int,
    transport: Transport,
    clock: Callable[[], datetime] | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Sent:
    """Send up to `limit` queued messages that are due at `now`, window by window.

    One commit settles a window and opens the next, so a killed process leaves at most
    SENDING_WINDOW messages unknown. `clock` tells the time as the batch goes on; without one
    it stands still at `now`. `wait` lets seconds pass until the next slot.
    """
    claimed = claim(now=now, limit=limit)
    if claimed.mails:
        crashing.reach("after_claim")
    batch = Batch(
        claim=claimed,
        transport=transport,
        clock=clock or (lambda: now),
        wait=wait,
        # What is not open when the lease ends belongs to nobody, so nothing is kept that long.
        ends_at=now + min(BUDGET, timedelta(seconds=settings.LEASE_SECONDS)),
        key_life=get_key_life(email=settings.EMAIL),
        waiting=claimed.mails,
    )
    try:
        keep_plans(is_kept=bool(batch.waiting))
        while batch.waiting and not batch.is_over():
            _wait_for_slot(batch)
            _open_next(batch)
            _put_on_wire(batch)
    finally:  # also when the task is stopped: what is known is kept, the rest given back
        _close(batch)
    return Sent(
        claimed=len(claimed.mails),
        states=batch.states,
        is_more=claimed.is_more and batch.trouble is None,
    )


def _wait_for_slot(batch: Batch) -> None:
    slot = batch.waiting[0].slot
    if slot is not None and (seconds := (slot - batch.clock()).total_seconds()) > 0:
        batch.wait(seconds)


def _open_next(batch: Batch) -> None:
    """One commit says how the window before went and that the next is on its way."""
    now = batch.clock()
    window, rest = _take_window(batch.waiting, now)
    changes = _settle(batch, now)
    ready = []
    for each in window:
        if change := _get_hindrance(each, batch, now):
            changes.append((each.message, change))
        else:
            ready.append(each.message)
    handed = hand_over(ready, changes, claim=batch.claim, now=now)
    crashing.reach("after_commit")
    batch.waiting, batch.changes, batch.states = rest, [], batch.states + handed.states
    batch.open = [Opened(message=message) for message in handed.opened]
    opened = {message.pk for message in handed.opened}
    for message in ready:
        if refusal := handed.refusals.get(message.pk):
            batch.changes.append((message, _get_refusal(refusal, now)))
        elif message.pk not in opened:
            batch.changes.append((message, settling.get_return(None)))


def _close(batch: Batch) -> None:
    """Write down what is known, also on a new connection when the old one broke."""
    changes = _settle(batch, batch.clock())
    back = settling.get_return(batch.trouble)
    changes += [(each.message, back) for each in batch.waiting]
    if not changes:
        return
    for wait in RECONNECT_AFTER:
        try:
            batch.states += settling.write(changes, claim=batch.claim.token)
            crashing.reach("after_commit")
        except OperationalError:
            if connection.in_atomic_block:
                raise
            connection.close()
            batch.wait(wait)
        else:
            keep_plans(is_kept=False)
            return
    logger.error("%d mails could not be settled: the database is gone", len(changes))


def _settle(batch: Batch, now: datetime) -> list[tuple[Message, Change]]:
    """What has become of everything that was opened, or refused, and is not yet written."""
    outcomes = [(each.message, each.outcome) for each in batch.open]
    batch.resting |= lanes.follow(outcomes, tired=batch.claim.tired, now=now)
    changes = [
        (message, settling.get_settlement(message, outcome, trouble=batch.trouble, now=now))
        for message, outcome in outcomes
    ]
    return [*changes, *batch.changes]


def _take_window(waiting: list[Waiting], now: datetime) -> tuple[list[Waiting], list[Waiting]]:
    """The next mails that may leave together: those without a slot, or whose slot has come."""
    most = waiting[: settings.SENDING_WINDOW]
    ready = [each for each in most if each.slot is None or each.slot <= now]
    size = max(1, len(ready))  # slots ascend
    return waiting[:size], waiting[size:]


def _get_hindrance(  # one return per reason
    waiting: Waiting, batch: Batch, now: datetime
) -> Change | None:
    """What time and pace make of a message that is about to leave; None when it may."""
    message = waiting.message
    opens = _get_opening(message, now)
    if opens is None or (message.not_after is not None and message.not_after < opens):
        return Change(state=State.DROPPED, reason="too_late", ended_at=now)
    if message.doubted_at is not None and now - message.doubted_at > batch.key_life:
        return Change(state=State.UNKNOWN, reason="key_expired")
    if opens > now:
        return _hold("window", opens)
    if resumes_at := batch.resting.get(lanes.get_domain(message)):
        return _hold("pace", resumes_at)
    if waiting.slot is not None and now - waiting.slot > GRACE:
        return _hold("pace", now)
    return None


def _get_refusal(refusal: permission.Refusal, now: datetime) -> Change:
    if refusal.is_for_now:
        return _hold(refusal.reason, now + LOOK_AGAIN_WHEN_PAUSED)
    return Change(state=State.SKIPPED, reason=refusal.reason, ended_at=now)


def _hold(reason: str, due_at: datetime) -> Change:
    return Change(state=State.QUEUED, reason=reason, due_at=due_at)


def _get_opening(message: Message, now: datetime) -> datetime | None:
    """When the hours of its campaign let the message leave, perhaps `now`; None for never."""
    if message.kind != Message.Kind.CAMPAIGN or message.enrolment is None:
        return now
    return sequences.get_opening(
        version_id=message.enrolment.version_id, step_key=message.step_key, now=now
    )


def _put_on_wire(batch: Batch) -> None:
    """Make mails of what is open, and send them until time or the server says that it is enough."""
    for each in batch.open:
        _pack(each, batch.transport.takes)
    parcels = [each.parcel for each in batch.open if each.parcel]
    if parcels:
        crashing.reach("before_wire")
    try:
        batch.transport.send(parcels=parcels, is_over=batch.is_over)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # a transport that breaks its word: its parcels say what may have been sent
        logger.exception("the transport failed")
    for each in batch.open:
        if lanes.get_resting_lane(each.message, each.outcome) == pacing.ALL:
            assert isinstance(each.outcome, TryLater)
            batch.trouble = each.outcome


def _pack(opened: Opened, form: Form) -> None:
    try:
        opened.parcel = Parcel(mail=letters.build_mail(opened.message, form=form))
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # one broken message must not stop the rest
        logger.exception("message %s cannot be made into a mail", opened.message.pk)
        opened.flaw = Refused(phase="render", code=0, evidence="")
