"""Months back in time, as the calendar has them."""

from calendar import monthrange
from datetime import datetime


def get_months_before(at: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, or the last day of a shorter month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)
