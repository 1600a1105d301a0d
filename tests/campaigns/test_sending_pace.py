"""Who leaves first, how fast, and what happens when a server says "slow down"."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from pytest_django import Settings

from campaigns import advancing, sending
from campaigns.models import Lane, Message
from campaigns.transport import Mail, Outcome, TryLater
from tests.campaigns.wires import MINUTE, Wire, make_five, read, send
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
SLOW_DOWN = TryLater(phase="rcpt", code=450, evidence="450 4.7.28 too much mail from you")


@pytest.fixture
def five() -> list[Message]:
    return make_five()


@dataclass
class Clock:
    """Time that passes only while somebody waits."""

    now: datetime = TUESDAY
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get_time(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds * SECOND


@dataclass
class TimedWire(Wire):
    clock: Clock = field(default_factory=Clock)
    times: list[datetime] = field(default_factory=list)

    def take(self, mail: Mail) -> Outcome:
        self.times.append(self.clock.now)
        return super().take(mail)


def send_timed(wire: TimedWire, limit: int = 100) -> sending.Sent:
    clock = wire.clock
    return sending.send_due(
        now=clock.now, limit=limit, transport=wire, clock=clock.get_time, wait=clock.wait
    )


def test_what_a_person_waits_for_leaves_first(five: list[Message]) -> None:
    Message.objects.update(is_urgent=False)
    Message.objects.filter(pk=five[4].pk).update(is_urgent=True)
    wire = Wire()
    send(wire, limit=2)
    assert [mail.to for mail in wire.mails] == ["person4@example.se", "person0@example.se"]


def test_mails_keep_the_pace(five: list[Message], settings: Settings) -> None:
    settings.MAIL_PER_SECOND = 2.0
    wire = TimedWire()
    assert send_timed(wire).states == {"sent": 5}
    assert all(later - earlier >= SECOND / 2 for earlier, later in pairwise(wire.times))
    assert wire.times[-1] - wire.times[0] < 2.1 * SECOND


def test_two_workers_keep_one_pace(settings: Settings) -> None:
    settings.MAIL_PER_SECOND = 2.0
    make_five()
    first, second = TimedWire(), TimedWire()
    send_timed(first, limit=3)
    send_timed(second, limit=3)
    times = sorted([*first.times, *second.times])
    assert len(times) == 5
    assert all(later - earlier >= SECOND / 2 for earlier, later in pairwise(times))


def test_a_mail_that_comes_late_to_its_slot_asks_for_another(
    five: list[Message], settings: Settings
) -> None:
    settings.MAIL_PER_SECOND = 2.0

    class Slow(TimedWire):
        def take(self, mail: Mail) -> Outcome:
            self.clock.now += 3 * SECOND
            return super().take(mail)

    wire = Slow()
    states = send_timed(wire).states
    assert states["sent"] + states["queued"] == 5
    assert states["queued"] == 4  # their slots had passed meanwhile
    assert set(read("state", "reason")) == {("sent", ""), ("queued", "pace")}


def test_no_more_is_claimed_than_may_leave_soon(five: list[Message], settings: Settings) -> None:
    settings.MAIL_PER_SECOND = 0.1
    wire = TimedWire()
    assert send_timed(wire).claimed == 2
    assert read("state", "due_at")[2:] == [("queued", TUESDAY - n * MINUTE) for n in (3, 2, 1)]


def test_there_is_more_when_the_pace_and_not_the_queue_ended_the_claim(
    five: list[Message], settings: Settings
) -> None:
    """Or the worker would rest until the next sweep, and the pace never be reached."""
    settings.MAIL_PER_SECOND = 0.1
    assert send_timed(TimedWire()).is_more
    settings.MAIL_PER_SECOND = 0.0
    assert not send_timed(TimedWire()).is_more


def test_there_is_no_more_for_a_server_that_lets_nobody_in(five: list[Message]) -> None:
    wire = Wire(outcomes=[TryLater(phase="connect", code=0, evidence="refused")])
    assert not send(wire, limit=3).is_more


def test_a_day_s_quota_is_for_all_and_ends_with_the_day(
    five: list[Message], settings: Settings
) -> None:
    settings.MAIL_PER_DAY = 3
    Message.objects.update(not_after=None)
    assert send(Wire()).states == {"sent": 3}
    assert send(Wire()).claimed == 0
    wire = TimedWire(clock=Clock(now=TUESDAY + timedelta(days=1)))
    assert send_timed(wire).states == {"sent": 2}


def test_one_domain_has_a_pace_of_its_own(settings: Settings) -> None:
    settings.MAIL_PER_MINUTE_TO_DOMAIN = 6
    for name in ("a@slow.se", "b@slow.se", "c@slow.se", "d@slow.se", "e@quick.se"):
        make_enrolment(publish_campaign(), email=name)
    advancing.plan_due(now=TUESDAY, limit=10)
    wire = TimedWire()
    send_timed(wire)
    sent = {mail.to: at - TUESDAY for mail, at in zip(wire.mails, wire.times, strict=True)}
    assert sent.pop("e@quick.se") == timedelta(0)
    assert [round(at.total_seconds()) for at in sent.values()] == [0, 10]
    waiting = Message.objects.filter(state="queued").values_list("reason", "due_at")
    assert all(reason == "pace" and due > TUESDAY + 20 * SECOND for reason, due in waiting)


def test_slow_down_lets_one_domain_rest_and_no_other(settings: Settings) -> None:
    for name in ("a@slow.se", "b@slow.se", "c@slow.se", "d@quick.se"):
        make_enrolment(publish_campaign(), email=name)
    advancing.plan_due(now=TUESDAY, limit=10)

    class Grumpy(Wire):
        def take(self, mail: Mail) -> Outcome:
            taken = super().take(mail)
            return SLOW_DOWN if mail.to.endswith("slow.se") else taken

    wire = Grumpy()
    send(wire)
    assert sorted(mail.to[2:] for mail in wire.mails) == ["quick.se", "slow.se"]
    assert sorted(read("state", "reason")) == [
        ("queued", "pace"), ("queued", "pace"), ("queued", "try_later"), ("sent", ""),
    ]  # fmt: skip
    lane = Lane.objects.get()
    assert (lane.name, lane.refusals, lane.resumes_at) == ("slow.se", 1, TUESDAY + MINUTE)
    assert lane.evidence == SLOW_DOWN.evidence


def test_a_domain_that_takes_mail_again_is_forgiven(five: list[Message]) -> None:
    Lane.objects.create(name="example.se", refusals=3, resumes_at=TUESDAY, evidence="450")
    assert send(Wire()).states == {"sent": 5}
    assert Lane.objects.values_list("refusals", "resumes_at", "evidence").get() == (0, None, "")


def test_too_many_requests_at_a_provider_stop_everybody_for_a_while(five: list[Message]) -> None:
    wire = Wire(outcomes=[TryLater(phase="response", code=429, evidence="HTTP 429")])
    send(wire)
    assert len(wire.mails) == 1
    assert Lane.objects.values_list("name", flat=True).get() == "*"
    assert send(wire).claimed == 0
    wire = TimedWire(clock=Clock(now=TUESDAY + 16 * SECOND))
    assert send_timed(wire).states == {"sent": 4}


@pytest.mark.django_db(transaction=True)
def test_many_workers_together_stay_within_the_pace(settings: Settings) -> None:
    """Real threads on real rows; each has a clock of its own."""
    settings.MAIL_PER_SECOND = 5.0
    version = publish_campaign()
    for number in range(30):
        make_enrolment(version, email=f"person{number}@example.se")
    advancing.plan_due(now=TUESDAY, limit=100)
    wires = [TimedWire() for _ in range(4)]

    def work(wire: TimedWire) -> None:
        send_timed(wire, limit=6)
        connection.close()

    threads = [threading.Thread(target=work, args=[wire]) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(at for wire in wires for at in wire.times)
    assert len(times) == 24
    assert all(later - earlier >= SECOND / 5 for earlier, later in pairwise(times))
