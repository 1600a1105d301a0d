"""Months back and forth in time, as the calendar has them."""

from calendar import monthrange
from datetime import date, datetime


def get_months_before(at: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, or the last day of a shorter month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def get_month_after(day: date) -> date:
    """The same day of the next month, or the last day of a shorter one."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
