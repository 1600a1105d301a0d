"""What happens next to one person in one sequence, and why.

Pure: decides, never acts. The caller brings the sequence, what has happened, who the person
is and what time it is; the answer is one of five values, each with its reason.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from campaigns import windows

Kind = Literal["result", "tip", "text"]
FreezeReason = Literal["frozen_asked", "frozen_handover", "frozen_away"]
WaitReason = Literal["campaign_paused", "other_campaign"] | FreezeReason

LONGEST_JITTER = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One mail of the sequence. Delay and usefulness are counted in days of the calendar."""

    key: str
    kind: Kind
    delay_days: int
    useful_days: int
    role_rank: int | None = None


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When mail may leave. `window` None means always; `day` is shorter in a demonstration."""

    window: windows.Window | None
    zone: ZoneInfo
    red_days: Collection[date] = frozenset()
    day: timedelta = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """A published campaign as the planner needs it. `tips` is by (role key, tier), in order."""

    steps: tuple[Step, ...]
    tips: Mapping[tuple[str, str], tuple[str, ...]]
    cap_days: int
    calendar: Calendar


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A time when nothing is to go out; without an end, nobody knows it yet. Delays stand still
    meanwhile, so that nobody is flooded when it ends.
    """

    began_at: datetime
    ended_at: datetime | None
    reason: WaitReason


@dataclass(frozen=True, kw_only=True)
class History:
    """What has happened: when each step's mail left (or was skipped), tips had in any campaign,
    the last campaign mail's time, and whether one of this sequence is still on its way. `waits`
    may overlap, in any order.
    """

    started_at: datetime
    ended_steps: Mapping[str, datetime] = field(default_factory=dict)
    tips: Collection[str] = frozenset()
    last_mail_at: datetime | None = None
    is_mail_open: bool = False
    waits: Collection[Wait] = ()


@dataclass(frozen=True, kw_only=True)
class Person:
    """`seed` spreads people over the window; `weakest` lists scored roles, lowest first. `cap_days`
    is what the person asked for; 0 leaves it to the sequence.
    """

    seed: str
    weakest: tuple[str, ...]
    tiers: Mapping[str, str]
    cap_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Send:
    step: Step
    at: datetime
    not_after: datetime
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Nothing yet. An empty reason: the step is simply not due before `until`."""

    until: datetime
    reason: Literal["", "mail_under_way", "cap", "own_cap", "window"] | WaitReason


@dataclass(frozen=True, kw_only=True)
class Skip:
    step: Step
    reason: Literal["no_unread_tip", "no_scored_role"]


@dataclass(frozen=True, kw_only=True)
class Drop:
    step: Step
    reason: Literal["too_late"]


@dataclass(frozen=True, kw_only=True)
class Finish:
    reason: Literal["completed"] = "completed"


Decision = Send | Hold | Skip | Drop | Finish


def plan_next(  # noqa: PLR0911  # one return per kind of decision
    *, sequence: Sequence, history: History, person: Person, now: datetime
) -> Decision:
    """The next decision. All times are aware; `Send.at` is never before `now`.

    The result letter answers something the person just did, so neither window nor cap nor jitter
    nor another campaign nor a freeze holds it, only a pause; it still counts as a mail when the
    cap asks for the last one.
    """
    if history.is_mail_open:
        # One at a time: a mail that is being retried must not be overtaken by the next.
        return Hold(until=now + sequence.calendar.day / (24 * 60), reason="mail_under_way")
    step = get_next_step(sequence=sequence, history=history)
    if step is None:
        return Finish()
    over = [wait for wait in history.waits if not _is_on(wait, now)]
    due = _get_due(step, sequence, history, over)
    useful = step.useful_days * sequence.calendar.day
    not_after = _stretch(due, due + useful, step, over)
    if now < due:
        return Hold(until=due, reason="")
    if (wait := _get_wait(step, history.waits, now)) is not None:
        tomorrow = now + sequence.calendar.day
        return Hold(until=min(wait.ended_at or tomorrow, tomorrow), reason=wait.reason)
    not_after = _extend(not_after, useful, sequence, history, person)
    if now > not_after:
        return Drop(step=step, reason="too_late")
    tip = _choose_tip(step, sequence, history, person)
    if isinstance(tip, Skip):
        return tip
    if step.kind == "result":
        return Send(step=step, at=now, not_after=not_after, tip=tip)
    hold = _get_hold(sequence, history, person, now)
    if hold is not None:
        return hold
    at = _spread(step, sequence.calendar, person, now)
    return Send(step=step, at=at, not_after=not_after, tip=tip)


def is_closed(*, calendar: Calendar, day: date) -> bool:
    """Whether nothing leaves on that day but what no window holds."""
    window = calendar.window
    return window is not None and (
        day in calendar.red_days or day.isoweekday() not in window.weekdays
    )


def get_next_step(*, sequence: Sequence, history: History) -> Step | None:
    """The first step that has not come to its end; None after the last."""
    return next((step for step in sequence.steps if step.key not in history.ended_steps), None)


def get_next_due(*, sequence: Sequence, history: History) -> datetime | None:
    """When the next step is due by its delay, and by the waits whose end is known; None after the
    last step.
    """
    step = get_next_step(sequence=sequence, history=history)
    return None if step is None else _get_due(step, sequence, history, history.waits)


def get_opening(*, sequence: Sequence, step_key: str, now: datetime) -> datetime | None:
    """When the mail of a step may leave by the calendar: `now`, or when the window next opens;
    None when it never does. No window holds the result letter.
    """
    is_result = any(step.key == step_key and step.kind == "result" for step in sequence.steps)
    try:
        return now if is_result else _get_next_open(sequence.calendar, now)
    except windows.NeverOpen:
        return None


def _get_due(step: Step, sequence: Sequence, history: History, waits: Collection[Wait]) -> datetime:
    base = max(history.ended_steps.values(), default=history.started_at)
    due = _add_days(base, step.delay_days, sequence.calendar)
    return _stretch(base, due, step, waits)


def _stretch(start: datetime, end: datetime, step: Step, waits: Collection[Wait]) -> datetime:
    """`end`, as much later as time stood still since `start`; waits without an end are not over."""
    for wait in sorted(waits, key=lambda wait: wait.began_at):
        began = max(wait.began_at, start)
        if wait.ended_at is not None and began <= min(end, wait.ended_at) and _holds(wait, step):
            end += wait.ended_at - began
            start = wait.ended_at
    return end


def _get_wait(step: Step, waits: Collection[Wait], now: datetime) -> Wait | None:
    """The one that holds the step now; of several, whose end is last or unknown."""
    on = [each for each in waits if _is_on(each, now) and _holds(each, step)]
    return max(on, key=lambda each: (each.ended_at is None, each.ended_at), default=None)


def _is_on(wait: Wait, now: datetime) -> bool:
    return wait.ended_at is None or wait.ended_at > now


def _holds(wait: Wait, step: Step) -> bool:
    return wait.reason == "campaign_paused" or step.kind != "result"


def _add_days(base: datetime, days: int, calendar: Calendar) -> datetime:
    if calendar.day != timedelta(days=1):
        return base + days * calendar.day
    # On the wall clock: nine in the morning stays nine in the morning over a DST night.
    local = base.astimezone(calendar.zone) + timedelta(days=days)
    return local.astimezone(base.tzinfo)


def _choose_tip(step: Step, sequence: Sequence, history: History, person: Person) -> str | Skip:
    if step.role_rank is None:
        return ""
    if step.role_rank > len(person.weakest):
        return Skip(step=step, reason="no_scored_role")
    role = person.weakest[step.role_rank - 1]
    tips = sequence.tips.get((role, person.tiers[role]), ())
    unread = next((tip for tip in tips if tip not in history.tips), None)
    return Skip(step=step, reason="no_unread_tip") if unread is None else unread


def _extend(
    not_after: datetime,
    useful: timedelta,
    sequence: Sequence,
    history: History,
    person: Person,
) -> datetime:
    """Later, when the person asked for fewer mails: nobody loses a mail by that wish."""
    if history.last_mail_at is None or person.cap_days <= sequence.cap_days:
        return not_after
    return max(not_after, history.last_mail_at + person.cap_days * sequence.calendar.day + useful)


def _get_hold(sequence: Sequence, history: History, person: Person, now: datetime) -> Hold | None:
    """The longer of both caps holds."""
    calendar = sequence.calendar
    if history.last_mail_at is not None:
        days = max(sequence.cap_days, person.cap_days)
        free = history.last_mail_at + days * calendar.day
        if now < free:
            return Hold(until=free, reason="own_cap" if days > sequence.cap_days else "cap")
    opens = _get_next_open(calendar, now)
    return Hold(until=opens, reason="window") if now < opens else None


def _get_next_open(calendar: Calendar, now: datetime) -> datetime:
    if calendar.window is None:
        return now
    return windows.next_open(
        after=now, window=calendar.window, zone=calendar.zone, red_days=calendar.red_days
    )


def _spread(step: Step, calendar: Calendar, person: Person, now: datetime) -> datetime:
    """A moment of the open window that is this person's own, so that crowds do not collide."""
    if calendar.window is None:
        return now
    closes = windows.get_end(at=now, window=calendar.window, zone=calendar.zone)
    room = min(LONGEST_JITTER, closes - now)
    digest = hashlib.sha256(f"{person.seed}:{step.key}".encode()).digest()
    return now + room * (int.from_bytes(digest[:4], "big") / 2**32)
