from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leads.occasions import get_morning, get_next_morning, has_crossed, leave_quiet

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
CLOCKS = st.times().map(lambda each: each.replace(second=0, microsecond=0))
GRADES = st.builds("{}{}".format, st.sampled_from("ABCD"), st.sampled_from("1234"))


@pytest.mark.parametrize(
    ("before", "grade", "marks", "expected"),
    [
        ("", "A4", "A12", True),
        ("", "B3", "A12", False),
        ("B3", "A3", "A12", True),
        ("B3", "B2", "A12", True),
        ("B2", "B1", "A12", False),
        ("A2", "B2", "A12", False),
        ("A4", "B2", "A12", True),
        ("A1", "A1", "A12", False),
    ],
)
def test_a_grade_crosses_when_an_axis_comes_among_the_marks(
    before: str, grade: str, marks: str, expected: bool
) -> None:
    assert has_crossed(before=before, grade=grade, marks=marks) is expected


@given(GRADES, st.text("ABCD1234"))
def test_a_grade_that_stays_never_crosses(grade: str, marks: str) -> None:
    assert has_crossed(before=grade, grade=grade, marks=marks) is False


def test_the_morning_is_half_past_seven_there_on_both_nights_when_the_clock_is_changed() -> None:
    for day, hour in (
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 5),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 6),
    ):
        assert get_morning(now=day, zone=STOCKHOLM) == day.replace(hour=hour)


def test_the_next_morning_is_tomorrows() -> None:
    now = datetime(2026, 9, 15, 22, 30, tzinfo=UTC)  # half past midnight of the 16th there
    assert get_next_morning(now=now, zone=STOCKHOLM) == datetime(2026, 9, 17, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(15, 15), (16, 29), (21, 29), (27, 29), (28, 29), (29, 29)],
)
def test_quiet_hours_over_midnight_end_in_the_morning(hour: int, expected: int) -> None:
    """From 18 to 7 in Stockholm, which is 16 to 5 in September's UTC."""
    midnight = datetime(2026, 9, 15, tzinfo=UTC)
    left = leave_quiet(
        at=midnight + timedelta(hours=hour),
        quiet_from=time(18),
        quiet_until=time(7),
        zone=STOCKHOLM,
    )
    assert left == midnight + timedelta(hours=expected)


@given(MOMENTS, CLOCKS, CLOCKS)
def test_what_leaves_quiet_hours_is_never_early_and_less_than_a_day_late(
    at: datetime, quiet_from: time, quiet_until: time
) -> None:
    left = leave_quiet(at=at, quiet_from=quiet_from, quiet_until=quiet_until, zone=STOCKHOLM)
    assert at <= left <= at + timedelta(hours=25)


@given(MOMENTS, CLOCKS, CLOCKS)
def test_what_has_left_quiet_hours_stays_where_it_is(
    at: datetime, quiet_from: time, quiet_until: time
) -> None:
    # Where the clock jumps over the end, there is no such moment.
    assume(not time(1) <= quiet_until <= time(3))
    left = leave_quiet(at=at, quiet_from=quiet_from, quiet_until=quiet_until, zone=STOCKHOLM)
    again = leave_quiet(at=left, quiet_from=quiet_from, quiet_until=quiet_until, zone=STOCKHOLM)
    assert again == left


@given(MOMENTS, CLOCKS)
def test_without_both_ends_there_are_no_quiet_hours(at: datetime, clock: time) -> None:
    for ends in ((None, None), (clock, None), (None, clock), (clock, clock)):
        assert leave_quiet(at=at, quiet_from=ends[0], quiet_until=ends[1], zone=STOCKHOLM) == at
