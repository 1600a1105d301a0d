"""The engine as a machine: any acts in any order, and what must be true after each of them.

`make soak` tries ten times as many, for longer.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from campaigns import (
    advancing,
    delivery,
    freezing,
    invariants,
    letters,
    pausing,
    permission,
    sending,
)
from campaigns.models import Campaign, Enrolment, Freeze, Message, Suppression
from campaigns.sending.claiming import claim
from campaigns.sending.handing import hand_over
from campaigns.transport import Mail, Outcome, Refused, TryLater, Unknown
from tests.campaigns.wires import ACCEPTED, Wire
from tests.factories import IS_SOAK, TUESDAY, make_enrolment, publish_campaign

EXAMPLES, STEPS = (500, 50) if IS_SOAK else (50, 30)
DAY = timedelta(days=1)
# Here people wait for as long as the machine likes, and leases run by the database's clock.
OF_CLOCKS = ("ten minutes", "past its lease")
ENDED = {"sent", "failed", "skipped", "dropped", "unknown"}

# What the server says, and whether it has taken the mail.
ANSWERS: dict[str, tuple[Outcome, bool]] = {
    "accepted": (ACCEPTED, True),
    "later": (TryLater(phase="rcpt", code=450, evidence="450 no"), False),
    "slow down": (TryLater(phase="rcpt", code=421, evidence="421 4.7.0 no"), False),
    "never": (Refused(phase="rcpt", code=550, evidence="550 5.1.1 no"), False),
    "taken and silent": (Unknown(phase="dot", evidence="timed out"), True),
    "lost and silent": (Unknown(phase="dot", evidence="timed out"), False),
    "nobody there": (TryLater(phase="connect", code=0, evidence="refused"), False),
}


@dataclass
class Judge(Wire):
    """The wire, and what it must never be given."""

    machine: "Engine | None" = None
    answer: str = "accepted"

    def take(self, mail: Mail) -> Outcome:
        assert self.machine
        outcome, is_taken = ANSWERS[self.answer]
        self.machine.see(mail.message_id, is_taken=is_taken)
        return outcome


class Engine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = TUESDAY
        self.campaign_id = publish_campaign().campaign_id
        self.taken: Counter[uuid.UUID] = Counter()  # by the server, whatever we know of it
        self.again: Counter[uuid.UUID] = Counter()  # sent once more because a person said so
        self.last_mail: dict[int, datetime] = {}
        self.frozen: set[int] = set()
        self.gone: set[int] = set()  # people who said stop, or must not be written to
        self.is_paused = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def see(self, message_id: str, *, is_taken: bool) -> None:
        """A mail is on the wire: may it be?"""
        message = Message.objects.select_related("enrolment").get(
            pk=message_id.strip("<>").partition("@")[0]
        )
        assert message.state == "sending"
        assert message.respondent_id not in self.gone
        assert not self.is_paused
        assert message.enrolment
        assert message.is_urgent or message.respondent_id not in self.frozen
        before = Message.objects.filter(
            enrolment=message.enrolment, created_at__lt=message.created_at
        ).exclude(pk__in=self.again)
        assert {state for (state,) in before.values_list("state")} <= ENDED
        if is_taken:
            self.taken[message.pk] += 1
            is_again = self.again[message.pk] > 0
            person = message.respondent_id or 0
            last = self.last_mail.get(person)
            if message.step_key != "result" and not is_again and last is not None:
                assert self.now - last >= timedelta(hours=20)  # a day of the calendar
            self.last_mail[person] = self.now

    @initialize(people=st.integers(2, 4))
    def begin(self, people: int) -> None:
        for number in range(people):
            make_enrolment(publish_campaign(), email=f"person{number}@example.se", now=self.now)

    @rule(answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=3))
    def live_a_while(self, answers: list[str]) -> None:
        """As on most days: what is due is planned and sent, and days pass."""
        for answer in answers:
            self.plan(5)
            self.send("accepted", 2)
            self.send(answer, 5)
            self.let_time_pass(7 * DAY / 2)

    @rule()
    def live_in_peace(self) -> None:
        self.live_a_while(["accepted", "accepted"])

    @rule(limit=st.integers(1, 5))
    def plan(self, limit: int) -> None:
        advancing.plan_due(now=self.now, limit=limit)

    @rule(answer=st.sampled_from(sorted(ANSWERS)), limit=st.integers(1, 5))
    def send(self, answer: str, limit: int) -> None:
        wire = Judge(machine=self, answer=answer)
        sending.send_due(now=self.now, limit=limit, transport=wire)

    @rule(is_on_wire=st.booleans(), is_taken=st.booleans(), is_reaped=st.booleans())
    def die(self, is_on_wire: bool, is_taken: bool, is_reaped: bool) -> None:
        """A worker is killed: after its claim, or in the middle of its first mail."""
        self.plan(5)
        claimed = claim(now=self.now, limit=3)
        if is_on_wire and claimed.mails:
            message = claimed.mails[0].message
            for each in hand_over([message], [], claim=claimed, now=self.now).opened:
                self.see(letters.get_message_id(each), is_taken=is_taken)
        if is_reaped:
            self.reap()

    @rule()
    def reap(self) -> None:
        held = Message.objects.filter(state__in=["claimed", "sending"])
        held.update(lease_until=TUESDAY)
        sending.settle_stale(now=self.now)
        delivery.settle_proven(now=self.now, limit=100)
        assert not held.exists()

    @rule(
        which=st.integers(0, 100),
        kind=st.sampled_from(["delivered", "bounced", "complained", "deferred"]),
    )
    def report(self, which: int, kind: str) -> None:
        if not self.taken:
            return
        message = Message.objects.get(pk=sorted(self.taken)[which % len(self.taken)])
        report = delivery.Report(
            provider="postmark",
            event_type=kind,
            event_id=f"{message.pk}:{kind}",
            message_id=str(message.pk),
            provider_id="",
            recipient=message.to,
            reject_reason="bounced" if kind == "bounced" else "",
            words="",
            happened_at=self.now,
        )
        delivery.record(report=report, received_at=self.now)
        if kind in {"bounced", "complained"}:
            self.gone.add(message.respondent_id or 0)

    @rule(which=st.integers(0, 3))
    def unsubscribe(self, which: int) -> None:
        if self.gone:  # leave somebody to write to
            return
        person = self.get_person(which)
        permission.withdraw(respondent_id=person, purposes=["tips"], source="page", now=self.now)
        self.gone.add(person)

    @rule(which=st.integers(0, 3))
    def suppress(self, which: int) -> None:
        if len(self.gone) > 1:
            return
        person = self.get_person(which)
        email = Enrolment.objects.get(respondent=person).respondent.email
        permission.suppress(email=email, reason=Suppression.Reason.MANUAL, now=self.now)
        self.gone.add(person)

    @rule(which=st.integers(0, 1), is_frozen=st.sampled_from([True, False, False]))
    def freeze(self, which: int, is_frozen: bool) -> None:
        person, reason = self.get_person(which), Freeze.Reason.HANDOVER
        if is_frozen:
            freezing.freeze(respondent_ids=[person], reason=reason, until=None, now=self.now)
            self.frozen.add(person)
            self.send("accepted", 5)
        else:
            freezing.release(respondent_ids=[person], reason=reason, now=self.now)
            self.frozen.discard(person)

    @rule(is_resumed=st.sampled_from([True, True, True, False]))
    def pause(self, is_resumed: bool) -> None:
        pausing.pause(campaign_id=self.campaign_id, reason="by_hand", now=self.now)
        self.is_paused = True
        self.plan(5)
        self.send("accepted", 5)
        if is_resumed:
            self.resume()

    @rule()
    def resume(self) -> None:
        pausing.resume(campaign_id=self.campaign_id, now=self.now)
        self.is_paused = False

    @rule()
    def watch(self) -> None:
        pausing.watch(now=self.now)
        self.is_paused = Campaign.objects.get(pk=self.campaign_id).paused_at is not None

    @rule(is_sent=st.booleans())
    def decide(self, is_sent: bool) -> None:
        message = Message.objects.filter(state="unknown").order_by("created_at").first()
        if message is None:
            return
        if sending.decide(message_id=message.pk, is_sent=is_sent, now=self.now) and not is_sent:
            self.again[message.pk] += 1

    @rule(
        step=st.sampled_from([timedelta(seconds=20), timedelta(minutes=20), DAY / 4, DAY, 8 * DAY])
    )
    def let_time_pass(self, step: timedelta) -> None:
        self.now += step

    @rule()
    def put_the_clock_back(self) -> None:
        """For a while it is two hours ago; what was promised is kept all the same."""
        right, self.now = self.now, self.now - timedelta(hours=2)
        self.plan(5)
        self.send("accepted", 5)
        self.now = right

    @invariant()
    def nothing_is_taken_twice(self) -> None:
        for message_id, count in self.taken.items():
            assert count <= 1 + self.again[message_id]

    @invariant()
    def the_sum_adds_up(self) -> None:
        states = Counter(Message.objects.values_list("state", flat=True))
        sent = Message.objects.filter(state="sent").exclude(reason="assumed_sent")
        known = set(sent.values_list("pk", flat=True))
        assert known <= set(self.taken)
        open_fates = set(
            Message.objects.exclude(pk__in=known)
            .filter(sending_at__isnull=False)
            .values_list("pk", flat=True)
        )
        assert set(self.taken) <= known | open_fates
        assert sum(states.values()) == Message.objects.count()

    @invariant()
    def everything_that_must_be_true_is(self) -> None:
        found = [each.sentence for each in invariants.check(now=self.now)]
        assert [each for each in found if not any(words in each for words in OF_CLOCKS)] == []

    def get_person(self, which: int) -> int:
        people = list(Enrolment.objects.order_by("pk").values_list("respondent_id", flat=True))
        return people[which % len(people)]


@pytest.mark.django_db
def test_whatever_happens_nobody_is_mailed_twice_unasked_or_against_their_will() -> None:
    run_state_machine_as_test(
        Engine,
        settings=limits(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
