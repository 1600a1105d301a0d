"""When a consultant is to be told something. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(7, 30)


def has_crossed(*, before: str, grade: str, marks: str) -> bool:
    """Whether a grade such as A1 came into one of `marks` (letters and digits, such as A12) on
    an axis that was in none of them. A lead without a grade before was in none.
    """
    was = [*before, "", ""][:2]
    return any(
        new in marks and not (old and old in marks) for new, old in zip(grade, was, strict=True)
    )


def get_morning(*, now: datetime, zone: ZoneInfo) -> datetime:
    """Half past seven on the day that it is there at `now`."""
    return _get_moment(now.astimezone(zone), MORNING)


def get_next_morning(*, now: datetime, zone: ZoneInfo) -> datetime:
    return _get_moment(now.astimezone(zone) + timedelta(days=1), MORNING)


def leave_quiet(
    *, at: datetime, quiet_from: time | None, quiet_until: time | None, zone: ZoneInfo
) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into: from the one time up to,
    and without, the other, over midnight when that comes first. Two equal times are no hours.
    """
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return at
    local = at.astimezone(zone)
    clock = local.time()
    if quiet_from < quiet_until:
        is_quiet, is_tomorrow = quiet_from <= clock < quiet_until, False
    else:
        is_quiet, is_tomorrow = clock >= quiet_from or clock < quiet_until, clock >= quiet_from
    if not is_quiet:
        return at
    return max(at, _get_moment(local + timedelta(days=is_tomorrow), quiet_until))


def _get_moment(day: datetime, clock: time) -> datetime:
    """That time by the clock on the wall of that day, whatever was done to the clock."""
    return datetime.combine(day.date(), clock, tzinfo=day.tzinfo)
