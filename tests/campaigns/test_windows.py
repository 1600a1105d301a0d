from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.windows import NeverOpen, Window, get_end, next_open

STOCKHOLM = ZoneInfo("Europe/Stockholm")
OFFICE = Window(weekdays=frozenset({1, 2, 3, 4, 5}), opens=time(8, 30), closes=time(16))
EVERY_DAY = Window(weekdays=frozenset(range(1, 8)), opens=time(8, 30), closes=time(16))
NIGHT = Window(weekdays=frozenset(range(1, 8)), opens=time(2, 30), closes=time(4))


def find(after: datetime, window: Window = OFFICE, red_days: tuple[date, ...] = ()) -> datetime:
    return next_open(after=after, window=window, zone=STOCKHOLM, red_days=red_days)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=STOCKHOLM)


def test_next_open_is_now_inside_the_window() -> None:
    assert find(local(2026, 9, 15, 9, 12)) == local(2026, 9, 15, 9, 12)


def test_next_open_waits_for_the_morning() -> None:
    assert find(local(2026, 9, 15, 4)) == local(2026, 9, 15, 8, 30)


def test_next_open_is_closed_at_the_closing_minute() -> None:
    assert find(local(2026, 9, 15, 16)) == local(2026, 9, 16, 8, 30)


def test_next_open_waits_until_monday_when_friday_has_closed() -> None:
    assert find(local(2026, 9, 18, 17)) == local(2026, 9, 21, 8, 30)


def test_next_open_passes_over_a_red_day() -> None:
    midsummer = (date(2026, 6, 19),)
    assert find(local(2026, 6, 18, 18), red_days=midsummer) == local(2026, 6, 22, 8, 30)


def test_next_open_keeps_the_local_hour_when_summer_time_begins() -> None:
    before, after = (find(local(2026, 3, day, 7), EVERY_DAY) for day in (28, 29))
    assert (before, after) == (
        datetime(2026, 3, 28, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 6, 30, tzinfo=UTC),
    )


def test_next_open_keeps_the_local_hour_when_summer_time_ends() -> None:
    before, after = (find(local(2026, 10, day, 7), EVERY_DAY) for day in (24, 25))
    assert (before, after) == (
        datetime(2026, 10, 24, 6, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 7, 30, tzinfo=UTC),
    )


def test_next_open_in_the_hour_that_does_not_exist_is_the_hour_that_does() -> None:
    assert find(local(2026, 3, 29, 0), NIGHT) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_next_open_says_when_there_is_no_open_hour() -> None:
    closed = Window(weekdays=frozenset(), opens=time(8), closes=time(16))
    with pytest.raises(NeverOpen):
        find(local(2026, 9, 15), closed)


def test_get_end_is_the_same_days_closing() -> None:
    end = get_end(at=local(2026, 9, 15, 9), window=OFFICE, zone=STOCKHOLM)
    assert end == local(2026, 9, 15, 16)


minutes = st.integers(0, 2 * 365 * 24 * 60)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@given(minutes, st.sets(st.integers(1, 7), min_size=1))
def test_next_open_is_never_early_closed_or_red(minute: int, weekdays: set[int]) -> None:
    after = NEW_YEAR + timedelta(minutes=minute)
    window = Window(weekdays=frozenset(weekdays), opens=time(8, 30), closes=time(16))
    red = (after.date() + timedelta(days=1),)
    found = find(after, window, red)
    there = found.astimezone(STOCKHOLM)
    assert found >= after
    assert there.isoweekday() in weekdays
    assert there.date() not in red
    assert time(8, 30) <= there.time() < time(16)
    assert find(found, window, red) == found
