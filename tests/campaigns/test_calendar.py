"""Weeks of mail by the wall clock: nights on which it changes, red days, and days off."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns import advancing, sending
from campaigns.models import Enrolment, Message
from tests.campaigns.wires import Wire
from tests.factories import make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOURS = range(7, 18)  # in which something can happen, summer and winter
DAY = timedelta(days=1)


def walk(start: datetime, days: int, *, step: timedelta = timedelta(hours=1)) -> None:
    """Let the engine look every `step` by day."""
    wire, now = Wire(), start
    while now < start + days * DAY:
        if now.astimezone(STOCKHOLM).hour in HOURS:
            advancing.plan_due(now=now, limit=100)
            sending.send_due(now=now, limit=100, transport=wire)
        now += step


def get_local_times() -> list[datetime]:
    times = Message.objects.filter(state="sent").values_list("sending_at", flat=True)
    return sorted(at.astimezone(STOCKHOLM) for at in times if at)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("spring, 29 March 2026", datetime(2026, 3, 24, 8, 0, tzinfo=UTC)),
        ("autumn, 25 October 2026", datetime(2026, 10, 20, 7, 0, tzinfo=UTC)),
    ],
)
def test_no_step_is_lost_or_doubled_when_the_clock_changes(name: str, start: datetime) -> None:
    make_enrolment(publish_campaign(), now=start)
    walk(start, 16)
    sent = Message.objects.filter(state="sent").values_list("step_key", flat=True)
    assert Counter(sent) == {"result": 1, "tip-1": 1, "tip-2": 1}
    first, *tips = get_local_times()
    assert all((8, 30) <= (at.hour, at.minute) < (16, 0) and at.weekday() < 5 for at in tips)
    assert first.hour == 9


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_jumps_neither_skips_nor_doubles_a_step(hours: int) -> None:
    start = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
    make_enrolment(publish_campaign(), now=start)
    walk(start, 3)
    jumped = start + 3 * DAY + timedelta(hours=hours)
    walk(jumped, 8)
    walk(jumped + 8 * DAY - timedelta(hours=hours), 3)
    sent = Message.objects.values_list("step_key", "state")
    assert Counter(sent) == {(key, "sent"): 1 for key in ("result", "tip-1", "tip-2")}


def test_after_five_days_off_nobody_is_flooded_and_the_order_is_kept() -> None:
    """What is too late is dropped, the rest comes at most once a day."""
    start = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
    version = publish_campaign()
    for number in range(3):
        make_enrolment(version, email=f"person{number}@example.se", now=start)
    walk(start, 1)
    walk(start + 30 * DAY, 12)
    order = [step["key"] for step in version.document["campaign"]["steps"]]
    for enrolment in Enrolment.objects.all():
        mails = Message.objects.filter(enrolment=enrolment, state="sent").order_by("sending_at")
        times = [mail.sending_at for mail in mails if mail.sending_at]
        assert all(later - earlier >= timedelta(hours=20) for earlier, later in pairwise(times))
        keys = [mail.step_key for mail in mails]
        assert keys == sorted(keys, key=order.index)
        assert all(mail.sending_at <= mail.not_after for mail in mails if mail.not_after)
    reasons = Message.objects.exclude(state="sent").values_list("state", "reason").distinct()
    assert set(reasons) <= {("dropped", "too_late"), ("queued", "")}


def test_nothing_leaves_on_a_red_day_or_a_blackout_date() -> None:
    start = datetime(2026, 12, 21, 8, 0, tzinfo=UTC)  # tip-1 is due on Christmas Eve
    make_enrolment(publish_campaign(), now=start)
    walk(start, 8)
    dates = [at.date().isoformat() for at in get_local_times()]
    assert dates == ["2026-12-21", "2026-12-28"]
