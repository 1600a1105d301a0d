"""Many at once, on real rows: whoever commits first decides, and nothing happens twice."""

import random
import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import advancing, freezing, permission, sending
from campaigns.models import ConsentEvent, Freeze, Message, Suppression
from campaigns.transport import Mail, Outcome, Transport
from tests.campaigns.fault_server import running_fault_server
from tests.campaigns.mailing import connect
from tests.campaigns.wires import Wire
from tests.factories import IS_SOAK, TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 1000 if IS_SOAK else 60
INTERLEAVINGS = 2000 if IS_SOAK else 100


def run_together(*acts: Callable[[], None]) -> None:
    def act(each: Callable[[], None]) -> None:
        try:
            each()
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[each]) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def enrol_many(count: int) -> list[int]:
    version, now = publish_campaign(), timezone.now()
    people = [
        make_enrolment(version, email=f"person{number}@example.se", now=now).respondent_id
        for number in range(count)
    ]
    advancing.plan_due(now=now, limit=count)
    return people


def send_all(transport: Transport, limit: int) -> None:
    for _ in range(INTERLEAVINGS // 2):
        now = timezone.now()
        sending.send_due(now=now, limit=limit, transport=transport, clock=timezone.now)


def was_handed_over(person: int) -> bool:
    return Message.objects.filter(respondent=person, sending_at__isnull=False).exists()


@pytest.mark.parametrize("how", ["withdraw", "suppress", "freeze"])
def test_no_mail_is_handed_over_after_somebody_said_stop(
    how: str, record_property: Callable[[str, object], None]
) -> None:
    """8 threads, each person stopped at a random moment while the mails leave. Whoever's mail was
    not handed over when the stop had been committed gets none, whatever the clocks say.
    """
    people = enrol_many(INTERLEAVINGS)
    if how == "freeze":  # which lets the result letter pass
        Message.objects.update(is_urgent=False)
    random.Random(1).shuffle(people)
    stopped: dict[int, datetime] = {}
    before: dict[int, bool] = {}

    def send() -> None:
        send_all(Wire(), 3)

    def stop(share: list[int]) -> None:
        for person in share:
            if how == "withdraw":
                permission.withdraw(
                    respondent_id=person, purposes=["tips"], source="page", now=timezone.now()
                )
            elif how == "freeze":
                reason = Freeze.Reason.HANDOVER
                freezing.freeze(
                    respondent_ids=[person], reason=reason, until=None, now=timezone.now()
                )
            else:
                email = Message.objects.get(respondent=person).to
                reason = Suppression.Reason.MANUAL
                permission.suppress(email=email, reason=reason, now=timezone.now())
            stopped[person] = timezone.now()  # committed by now
            before[person] = was_handed_over(person)

    run_together(*[send] * 4, *[lambda n=n: stop(people[n::4]) for n in range(4)])
    assert len(stopped) == INTERLEAVINGS
    late = [
        message
        for message in Message.objects.filter(sending_at__isnull=False)
        if message.sending_at and message.sending_at > stopped[message.respondent_id or 0]
    ]
    for name, value in (("people", len(people)), ("before", sum(before.values()))):
        record_property(name, value)
    assert late == []
    assert {person: was_handed_over(person) for person in people} == before
    assert 0 < sum(before.values()) < INTERLEAVINGS  # it was a race
    states = set(Message.objects.values_list("state", flat=True))
    assert states <= {"sent", "skipped", "dropped"}
    if how == "withdraw":
        assert ConsentEvent.objects.filter(kind="withdrawn").count() == INTERLEAVINGS


def test_a_bad_recipient_neither_stops_nor_repeats_the_rest() -> None:
    """Ten that cannot be sent, of four kinds, among two hundred."""
    enrol_many(200)
    poison = list(Message.objects.order_by("to").values_list("pk", flat=True)[:160:16])
    for place, pk in enumerate(poison):
        change = [
            {"to": "not an address"},
            {"values": {}},
            {"to": "rcpt-550@example.se"},
            {"to": "dot-554@example.se"},
        ][place % 4]
        Message.objects.filter(pk=pk).update(**change)
    with running_fault_server() as server:
        transport = connect(server, connections=2)
        for _ in range(6):
            sending.send_due(now=timezone.now(), limit=50, transport=transport)
        transport.close()
    good = [to for to, _ in server.accepted]
    assert len(good) == len(set(good)) == 190
    failed = Message.objects.filter(state="failed")
    assert set(failed.values_list("pk", flat=True)) == set(poison)
    assert set(failed.values_list("reason", flat=True)) == {"refused", "unrenderable"}


def test_what_was_sent_is_written_down_although_the_connection_to_the_database_broke() -> None:
    enrol_many(3)

    class Cutting(Wire):
        def take(self, mail: Mail) -> Outcome:
            outcome = super().take(mail)
            if len(self.mails) == 2:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    (own,) = cursor.fetchone()
                run_together(lambda: terminate(own))
            return outcome

    wire = Cutting()
    with pytest.raises(Exception, match=r"terminating connection|closed|lost"):
        sending.send_due(now=timezone.now(), limit=10, transport=wire, wait=lambda _: None)
    assert len(wire.mails) == 2
    states = sorted(Message.objects.values_list("state", flat=True))
    assert states == ["queued", "sent", "sent"]


def terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_three_schedulers_and_four_planners_write_each_mail_once() -> None:
    """It is the constraint that makes it so, and no lock."""
    version = publish_campaign()
    for number in range(PEOPLE):
        make_enrolment(version, email=f"person{number}@example.se")

    def plan() -> None:
        for _ in range(8):
            advancing.plan_due(now=TUESDAY, limit=20)

    run_together(*[plan] * 7)
    assert Message.objects.count() == PEOPLE
