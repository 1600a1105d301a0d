from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmoportal.months import get_months_before


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
