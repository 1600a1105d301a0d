"""Many at once, on real rows: whoever commits first decides, and nobody is told twice."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns import advancing, sending
from campaigns.models import Freeze, Message
from campaigns.transport import Mail, Outcome
from leads import alerting, digesting, handover, working
from leads.models import Alert, HandOver, Lead
from tests.campaigns.test_races import run_together
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
FRIDAY = TUESDAY + 3 * DAY  # when the first tip is due
PEOPLE = 24


def make_due_tips(count: int) -> list[Lead]:
    """Leads whose first tip is queued and due on Friday."""
    leads = [make_lead(number=number, domain=f"org{number}.se") for number in range(count)]
    advancing.plan_due(now=TUESDAY, limit=100)
    sending.send_due(now=TUESDAY, limit=100, transport=Wire(), clock=lambda: TUESDAY)
    advancing.plan_due(now=FRIDAY, limit=100)
    Message.objects.filter(state="queued").update(due_at=FRIDAY)
    assert Message.objects.filter(state="queued", step_key="tip-1").count() == count
    return leads


def test_taking_a_lead_stops_the_mail_in_a_batch_that_a_worker_has_claimed() -> None:
    leads, karin = make_due_tips(4), make_consultant()

    class Taking(Wire):
        def take(self, mail: Mail) -> Outcome:
            if not self.mails:
                claimed.extend(Message.objects.filter(state="claimed"))
                ids = [lead.pk for lead in leads]
                run_together(
                    lambda: handover.take(lead_ids=ids, owner_id=karin.pk, now=FRIDAY) and None
                )
            return super().take(mail)

    claimed: list[Message] = []
    wire = Taking()
    sending.send_due(now=FRIDAY, limit=10, transport=wire, clock=lambda: FRIDAY)
    assert len(claimed) == 3
    assert len(wire.mails) == 1
    tips = Message.objects.filter(step_key="tip-1").values_list("state", "reason")
    assert Counter(tips) == {("sent", ""): 1, ("skipped", "frozen_handover"): 3}


def test_no_tip_is_handed_over_after_its_lead_was_taken() -> None:
    """4 workers send while 4 consultants take, each lead at a random moment."""
    leads = make_due_tips(PEOPLE)
    consultants = [make_consultant(f"c{number}") for number in range(4)]
    random.Random(1).shuffle(leads)
    began = timezone.now()
    taken: dict[int, datetime] = {}

    def get_time() -> datetime:
        return FRIDAY + (timezone.now() - began)

    def send() -> None:
        for _ in range(PEOPLE // 2):
            sending.send_due(now=get_time(), limit=3, transport=Wire(), clock=get_time)

    def take(place: int) -> None:
        for lead in leads[place::4]:
            handover.take(lead_ids=[lead.pk], owner_id=consultants[place].pk, now=get_time())
            taken[lead.respondent_id] = get_time()  # committed by now

    run_together(*[send] * 4, *[lambda n=n: take(n) for n in range(4)])
    tips = Message.objects.filter(step_key="tip-1")
    assert set(tips.values_list("state", flat=True)) <= {"sent", "skipped"}
    late = [
        tip.pk
        for tip in tips.filter(sending_at__isnull=False)
        if tip.sending_at and tip.sending_at > taken[tip.respondent_id or 0]
    ]
    assert late == []


def test_of_two_who_take_a_lead_at_once_one_has_it() -> None:
    lead = make_lead()
    consultants = [make_consultant(f"c{number}") for number in range(6)]
    counts: list[int] = []

    def take(owner_id: int) -> None:
        counts.append(handover.take(lead_ids=[lead.pk], owner_id=owner_id, now=TUESDAY))

    run_together(*[lambda pk=each.pk: take(pk) for each in consultants])
    assert sorted(counts) == [0, 0, 0, 0, 0, 1]
    assert HandOver.objects.count() == 1
    assert Freeze.objects.count() == 1


def test_colleagues_taken_and_released_at_once_are_held_exactly_for_those_who_are_taken() -> None:
    leads, karin = [make_lead(number=number) for number in range(6)], make_consultant()

    def work(lead: Lead) -> None:
        for _ in range(3):
            handover.take(
                lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True
            )
            handover.release(lead_ids=[lead.pk], reason="x", by_id=karin.pk, now=timezone.now())

    run_together(*[lambda each=each: work(each) for each in leads])
    assert not Freeze.objects.filter(until=None).exists()
    handover.take(lead_ids=[leads[0].pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True)
    assert Freeze.objects.filter(until=None).count() == 6


def test_any_number_of_schedulers_tell_each_thing_once() -> None:
    """Grades, reminders, good leads that nobody takes, silence and digests; six at a time."""
    karin, olof = make_consultant(), make_consultant("olof")
    now = datetime(2026, 9, 28, 6, 0, tzinfo=UTC)  # a Monday, at eight there
    free = [make_lead(number=number, grade="A3") for number in range(3)]
    hot = make_lead(number=4, owner=olof, alerted_grade="D4")
    own = make_lead(number=5, grade="C3")
    handover.take(lead_ids=[own.pk], owner_id=karin.pk, now=TUESDAY)
    working.plan_step(lead_id=own.pk, on=now.date(), text="Ring", now=now)
    silent = make_lead(number=6, grade="C3")
    handover.take(lead_ids=[silent.pk], owner_id=karin.pk, now=TUESDAY - 10 * DAY)

    def tick() -> None:
        for _ in range(2):
            alerting.tell_of_grades(now=now, limit=100)
            alerting.remind(now=now, limit=100)
            alerting.tell_of_untouched(now=now, limit=100)
            digesting.post_digests(now=now, limit=100)
            handover.resume_silent(now=now, limit=100)
            alerting.tell_of_reply(respondent_id=hot.respondent_id, reply_id=7, now=now)

    run_together(*[tick] * 6)
    staff = Message.objects.filter(kind="staff").values_list("template", "to")
    assert Counter(staff) == {
        ("lead-grade", "olof@byran.se"): 1,
        ("lead-reply", "olof@byran.se"): 1,
        ("lead-step", "karin@byran.se"): 1,
        ("lead-silent", "karin@byran.se"): 1,
        ("lead-untouched", "karin@byran.se"): 1,
        ("lead-untouched", "olof@byran.se"): 1,
        ("lead-digest", "karin@byran.se"): 1,
        ("lead-digest", "olof@byran.se"): 1,
    }
    assert Alert.objects.filter(kind="untouched").count() == 2 * len(free)
