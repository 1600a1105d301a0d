import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from campaigns import advancing, locks, permission, sending
from campaigns.models import CampaignVersion, Message
from campaigns.sending import settling
from campaigns.sending.claiming import claim
from campaigns.sending.handing import hand_over
from campaigns.signals import message_sent
from campaigns.transport import Accepted, Mail, Outcome, Refused, TryLater, Unknown
from tests.campaigns.wires import ACCEPTED, Wire, make_message, read, send
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db: None) -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def message() -> Message:
    return make_message()


def test_send_due_hands_the_mail_over_once(message: Message) -> None:
    wire = Wire()
    send(wire)
    send(wire)
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempt) == ("sent", TUESDAY, 1)
    assert [mail.to for mail in wire.mails] == ["alva@example.se"]


@pytest.mark.parametrize(("window", "queries"), [(50, 0), (1, 3)])
def test_a_mail_costs_two_locks_and_a_hand_over_or_in_a_window_nothing(
    version: CampaignVersion, settings: Settings, window: int, queries: int
) -> None:
    settings.SENDING_WINDOW = window

    def count(*people: str) -> int:
        for person in people:
            make_enrolment(version, email=f"{person}@example.se")
        advancing.plan_due(now=TUESDAY, limit=10)
        with CaptureQueriesContext(connection) as captured:
            send(Wire())
        return len(captured)

    count("alva")  # who has the letter read
    assert count("eva", "ivar", "olof") == count("ulla") + 2 * queries


def test_send_due_tells_others_after_the_commit(
    message: Message, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard: list[object] = []

    def listen(*, message_id: object, **_: object) -> None:
        heard.append(message_id)

    message_sent.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        send(Wire())
    message_sent.disconnect(listen)
    assert heard == [message.pk]


def test_send_due_marks_the_row_before_the_wire_is_touched(message: Message) -> None:
    seen: list[str] = []

    class Watching(Wire):
        def take(self, mail: Mail) -> Outcome:
            message.refresh_from_db()
            seen.append(message.state)
            return ACCEPTED

    send(Watching())
    assert seen == ["sending"]


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Refused(phase="rcpt", code=550, evidence="550 no"), "failed", "refused"),
        (TryLater(phase="rcpt", code=451, evidence="451 later"), "queued", "try_later"),
        (Unknown(phase="dot", evidence="timeout"), "unknown", "lost_after_dot"),
    ],
)
def test_send_due_settles_each_outcome(
    message: Message, outcome: Outcome, state: str, reason: str
) -> None:
    send(Wire(outcomes=[outcome]))
    message.refresh_from_db()
    assert (message.state, message.reason) == (state, reason)


def test_send_due_tries_later_after_about_a_minute(message: Message) -> None:
    send(Wire(outcomes=[TryLater(phase="rcpt", code=451, evidence="451")]))
    message.refresh_from_db()
    assert timedelta(seconds=48) <= message.due_at - TUESDAY <= timedelta(seconds=72)


def test_send_due_gives_up_after_the_last_retry(message: Message) -> None:
    Message.objects.update(attempt=len(settling.RETRY_AFTER))
    send(Wire(outcomes=[TryLater(phase="rcpt", code=451, evidence="451")]))
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "gave_up")


def test_send_due_never_sends_an_unknown_message_again(message: Message) -> None:
    wire = Wire(outcomes=[Unknown(phase="dot", evidence="")])
    send(wire)
    sending.settle_stale(now=TUESDAY + timedelta(days=1))
    send(wire)
    assert len(wire.mails) == 1


def test_send_due_fails_only_the_message_that_cannot_be_made(version: CampaignVersion) -> None:
    for name in ("a", "b", "c"):
        make_enrolment(version, email=f"{name}@example.se")
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.filter(to="b@example.se").update(to="b@example.se, c@example.se")
    wire = Wire()
    send(wire)
    assert sorted(mail.to for mail in wire.mails) == ["a@example.se", "c@example.se"]
    poison = Message.objects.get(to__contains=",")
    assert (poison.state, poison.reason) == ("failed", "unrenderable")


def test_send_due_calls_a_transport_that_breaks_its_word_unknown(message: Message) -> None:
    class Broken(Wire):
        def take(self, mail: Mail) -> Outcome:
            raise RuntimeError

    send(Broken())
    message.refresh_from_db()
    assert (message.state, message.reason) == ("unknown", "lost_after_transport")


def test_send_due_skips_what_lost_its_consent_after_planning(message: Message) -> None:
    message.respondent.consents.update(state="withdrawn", withdrawn_at=TUESDAY)
    wire = Wire()
    send(wire)
    message.refresh_from_db()
    assert (message.state, message.reason, wire.mails) == ("skipped", "no_consent", [])


def test_send_due_drops_what_is_past_its_use(message: Message) -> None:
    Message.objects.update(not_after=TUESDAY - timedelta(seconds=1))
    send(Wire())
    message.refresh_from_db()
    assert (message.state, message.reason) == ("dropped", "too_late")


def test_send_due_leaves_what_is_not_due(message: Message) -> None:
    Message.objects.update(due_at=TUESDAY + timedelta(seconds=1))
    assert send(Wire()).claimed == 0


def test_settle_stale_frees_a_claim_whose_worker_is_gone(message: Message) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.update(state="claimed", claim=uuid.uuid4(), lease_until=past)
    sending.settle_stale(now=TUESDAY)
    message.refresh_from_db()
    assert (message.state, message.claim) == ("queued", None)


def test_settle_stale_never_guesses_about_a_mail_on_the_wire(message: Message) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.update(
        state="sending", claim=uuid.uuid4(), lease_until=past, sending_at=TUESDAY
    )
    sending.settle_stale(now=TUESDAY)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("unknown", "worker_lost")


def test_settle_stale_leaves_a_living_lease_alone(message: Message) -> None:
    soon = timezone.now() + timedelta(minutes=5)
    Message.objects.update(state="claimed", claim=uuid.uuid4(), lease_until=soon)
    sending.settle_stale(now=TUESDAY)
    message.refresh_from_db()
    assert message.state == "claimed"


def test_settle_stale_sends_system_mail_once_more(message: Message) -> None:
    Message.objects.update(
        kind="system", state="unknown", reason="x", attempt=1, sending_at=TUESDAY
    )
    sending.settle_stale(now=TUESDAY + timedelta(minutes=1))
    assert Message.objects.get().state == "unknown"
    sending.settle_stale(now=TUESDAY + timedelta(minutes=3))
    assert Message.objects.get().state == "queued"
    Message.objects.update(state="unknown", attempt=2)
    sending.settle_stale(now=TUESDAY + timedelta(minutes=30))
    assert Message.objects.get().state == "unknown"


def test_send_due_refuses_a_message_whose_claim_another_worker_took(message: Message) -> None:
    """A worker stopped for ten minutes wakes up with a claim that is no longer its own."""
    claimed = claim(now=TUESDAY, limit=10)
    Message.objects.update(claim=uuid.uuid4())
    messages = [each.message for each in claimed.mails]
    assert hand_over(messages, [], claim=claimed, now=TUESDAY).opened == []


@pytest.mark.django_db(transaction=True)
def test_send_due_by_four_workers_sends_each_message_once() -> None:
    version = publish_campaign()
    for number in range(12):
        make_enrolment(version, email=f"person{number}@example.se")
    advancing.plan_due(now=TUESDAY, limit=100)
    wire = Wire()

    def work() -> None:
        while sending.send_due(now=TUESDAY, limit=3, transport=wire).claimed:
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = sorted(mail.to for mail in wire.mails)
    assert sent == sorted(f"person{number}@example.se" for number in range(12))


@pytest.mark.django_db(transaction=True)
def test_withdrawing_waits_for_a_hand_over_and_then_wins() -> None:
    """Both take the same row lock: whichever commits first decides."""
    version = publish_campaign()
    enrolment = make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    message = Message.objects.get()
    order: list[str] = []

    def withdraw() -> None:
        permission.withdraw(
            respondent_id=enrolment.respondent_id, purposes=["tips"], source="page", now=TUESDAY
        )
        order.append("withdrawn")
        connection.close()

    with transaction.atomic():
        locks.lock_messages(messages=[message])
        assert permission.get_refusals(messages=[message], now=TUESDAY) == {}
        thread = threading.Thread(target=withdraw)
        thread.start()
        thread.join(timeout=0.5)
        order.append("handed over")
    thread.join()
    assert order == ["handed over", "withdrawn"]
    refusals = permission.get_refusals(messages=[message], now=TUESDAY)
    assert refusals[message.key].reason == "unsubscribed"


def test_settle_stale_sends_system_mail_once_more_also_after_a_retry(message: Message) -> None:
    Message.objects.update(
        kind="system", state="unknown", reason="x", attempt=2, sending_at=TUESDAY
    )
    sending.settle_stale(now=TUESDAY + timedelta(minutes=3))
    assert read("state", "reason") == [("queued", "resent_once")]
    # The server says "later" to the resend, and then nobody knows again.
    Message.objects.update(state="unknown", reason="x", attempt=4)
    sending.settle_stale(now=TUESDAY + timedelta(minutes=30))
    assert read("state") == [("unknown",)]


def test_what_a_server_says_cannot_break_the_settling(message: Message) -> None:
    """NUL is no text for PostgreSQL, and a provider's name may be longer than we keep."""
    said = Accepted(evidence="250 \x00 ok", provider_id="x\x00" * 300)
    send(Wire(outcomes=[said]))
    assert read("state") == [("sent",)]
