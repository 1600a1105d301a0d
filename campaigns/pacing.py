"""How fast mail may leave. Pure: lanes in, moments and lanes out.

A lane leads to one domain, or to everybody (`*`). Slots on a lane follow each other at equal
distances (the generic cell rate algorithm, ITU-T I.371, without burst), so that no span of time
ever holds more than its share, whoever asks. A server that says "slow down" makes its lane rest.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

ALL = "*"
# Of the pace that is allowed, this much is used: a mail may leave a moment after its slot.
SHARE = 0.98

# After the n-th refusal in a row, and as long again from then on. People wait for a server that
# lets nobody in, so that one is asked again sooner.
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
RESTS_OF_ALL = tuple(timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300))
# A new sending domain's mails per day; it earns its name before it uses it.
WARM_UP = (50, 100, 200, 400, 800, 1_500, 3_000, 6_000, 12_000, 25_000, 50_000, 100_000)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What may leave: per second in all, per minute to one domain, per day (UTC); None is all."""

    per_second: float | None = None
    domain_per_minute: float | None = None
    per_day: int | None = None
    warm_up_from: date | None = None


@dataclass(frozen=True, kw_only=True)
class Lane:
    """`free_at` is the next slot, `resumes_at` the end of a rest; `used` counts `day`'s mails."""

    free_at: datetime | None = None
    resumes_at: datetime | None = None
    refusals: int = 0
    day: date | None = None
    used: int = 0


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """Mail -> its slot, for those that have one within the horizon; mail -> when to ask again,
    for the others; and the lanes as they are now.
    """

    slots: dict[object, datetime] = field(default_factory=dict)
    later: dict[object, datetime] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)


def get_quota(pace: Pace, day: date) -> int | None:
    """How many mails may leave on this day (UTC), in all; None for any number."""
    step = (day - pace.warm_up_from).days if pace.warm_up_from else len(WARM_UP)
    if step < 0:
        return 0
    ramp = [WARM_UP[step]] if step < len(WARM_UP) else []
    return min([*ramp, *([] if pace.per_day is None else [pace.per_day])], default=None)


def is_unlimited(pace: Pace, day: date) -> bool:
    return pace.per_second is None and get_quota(pace, day) is None


def get_room(lane: Lane, *, pace: Pace, now: datetime, horizon: timedelta) -> int | None:
    """How many mails may have a slot before `now + horizon`; None for any number."""
    if _get_resumption(lane, now) > now:
        return 0
    quota = get_quota(pace, now.date())
    rooms = [] if quota is None else [max(0, quota - _get_used(lane, now))]
    if pace.per_second:
        first = _get_free(lane, now, horizon)
        span = (now + horizon - first).total_seconds()
        rooms.append(int(span * SHARE * pace.per_second) + 1 if span >= 0 else 0)
    return min(rooms, default=None)


def reserve(
    *,
    lanes: Mapping[str, Lane],
    pace: Pace,
    mails: Sequence[tuple[object, str]],
    now: datetime,
    horizon: timedelta,
) -> Reservation:
    """A slot for each (mail, domain), in order as far as the domains let them. Of `lanes`, those
    come back that have changed.
    """
    whole = lanes.get(ALL, Lane())
    at = _get_free(whole, now, horizon)
    step = timedelta(seconds=1 / (SHARE * pace.per_second)) if pace.per_second else timedelta(0)
    minutes = 1 / (SHARE * pace.domain_per_minute) if pace.domain_per_minute else 0
    domain_step = timedelta(minutes=minutes)
    free = {name: _get_start(lanes.get(name, Lane()), now, horizon) for _, name in mails}
    waiting = [(free[name], place, mail, name) for place, (mail, name) in enumerate(mails)]
    heapq.heapify(waiting)
    found = Reservation()
    while waiting:
        opens, place, mail, name = heapq.heappop(waiting)
        if opens < free[name]:  # the one before it has taken that slot
            heapq.heappush(waiting, (free[name], place, mail, name))
            continue
        slot = max(at, opens)
        free[name] = slot + domain_step
        if slot > now + horizon:
            found.later[mail] = slot
            continue
        found.slots[mail] = slot
        at = slot + step
        if domain_step:
            found.lanes[name] = replace(lanes.get(name, Lane()), free_at=free[name])
    if found.slots and not is_unlimited(pace, now.date()):
        used = _get_used(whole, now) + len(found.slots)
        found.lanes[ALL] = replace(whole, free_at=at, day=now.date(), used=used)
    return found


def rest(lane: Lane, *, name: str, now: datetime) -> Lane:
    """The server said "slow down" once more."""
    rests = RESTS_OF_ALL if name == ALL else RESTS
    wait = rests[min(lane.refusals, len(rests) - 1)]
    return replace(lane, refusals=lane.refusals + 1, resumes_at=now + wait)


def _get_used(lane: Lane, now: datetime) -> int:
    return lane.used if lane.day == now.date() else 0


def _get_free(lane: Lane, now: datetime, horizon: timedelta) -> datetime:
    """The lane's next slot. Nobody reserves beyond the horizon, so what lies far behind it was
    written by a clock that has been put back since.
    """
    if lane.free_at is None or lane.free_at > now + 10 * horizon:
        return now
    return max(now, lane.free_at)


def _get_start(lane: Lane, now: datetime, horizon: timedelta) -> datetime:
    return max(_get_free(lane, now, horizon), _get_resumption(lane, now))


def _get_resumption(lane: Lane, now: datetime) -> datetime:
    """The end of the lane's rest; one that is too long to be true was set by another clock."""
    is_true = lane.resumes_at is not None and lane.resumes_at <= now + RESTS[-1]
    return max(now, lane.resumes_at) if is_true and lane.resumes_at else now
