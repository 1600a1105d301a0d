"""When mail may leave: weekdays and hours on the recipient's own clock.

Pure. Red days are handed in as dates; which they are is somebody else's knowledge.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SEARCHED_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Window:
    """Hours [opens, closes) on some weekdays (1 = Monday … 7 = Sunday), by the wall clock."""

    weekdays: frozenset[int]
    opens: time
    closes: time


class NeverOpen(ValueError):
    """No hour within a year: every weekday is closed, or every day is red."""


def next_open(
    *, after: datetime, window: Window, zone: ZoneInfo, red_days: Collection[date]
) -> datetime:
    """The first moment not before `after` (aware) at which `window` is open, in UTC.

    `after` itself is returned when it lies inside an open hour. The window follows the wall
    clock, so it opens at the same local hour on both sides of a change to or from summer
    time. Raises NeverOpen when a whole year holds no open hour.
    """
    local = after.astimezone(zone)
    for days in range(SEARCHED_DAYS):
        day = local.date() + timedelta(days=days)
        if day.isoweekday() not in window.weekdays or day in red_days:
            continue
        opens = _get_moment(day, window.opens, zone)
        closes = _get_moment(day, window.closes, zone)
        if after < closes:
            return max(after.astimezone(UTC), opens)
    raise NeverOpen


def get_end(*, at: datetime, window: Window, zone: ZoneInfo) -> datetime:
    """When the window that is open at `at` closes, in UTC."""
    return _get_moment(at.astimezone(zone).date(), window.closes, zone)


def _get_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    # By way of UTC: a wall time in the gap of a spring night becomes the hour that exists.
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
