from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmoportal.months import get_month_after, get_months_before


@pytest.mark.parametrize(
    ("at", "months", "expected"),
    [
        ("2026-09-15", 24, "2024-09-15"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-01-10", 1, "2025-12-10"),
        ("2024-02-29", 12, "2023-02-28"),
    ],
)
def test_months_are_those_of_the_calendar(at: str, months: int, expected: str) -> None:
    found = get_months_before(datetime.fromisoformat(at).replace(tzinfo=UTC), months)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year > 30), st.integers(1, 240))
def test_more_months_are_never_later(at: datetime, months: int) -> None:
    assert get_months_before(at, months) < at
    assert get_months_before(at, months + 1) <= get_months_before(at, months)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-09-15", "2026-10-15"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-30", "2028-02-29"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_a_month_later_is_never_in_the_month_after_the_next(day: str, expected: str) -> None:
    assert get_month_after(date.fromisoformat(day)) == date.fromisoformat(expected)


@given(st.dates(max_value=date(9000, 1, 1)))
def test_a_month_is_four_weeks_at_least(day: date) -> None:
    assert 28 <= (get_month_after(day) - day).days <= 31
