"""A campaign that is paused, by a person or by the guard of our name, and goes on."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, locks, pausing, permission, sending
from campaigns.bounces import judge_reputation
from campaigns.models import Campaign, CampaignVersion, DeliveryEvent, Enrolment, Message
from tests.campaigns.wires import Wire, make_message, read, send
from tests.chaos.people import enrol
from tests.factories import IS_SOAK, TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
CROWD = 5000 if IS_SOAK else 6


@pytest.fixture
def version(db: None) -> CampaignVersion:
    return publish_campaign()


def pause(version: CampaignVersion) -> bool:
    return pausing.pause(campaign_id=version.campaign_id, reason=pausing.BY_HAND, now=TUESDAY)


def resume(version: CampaignVersion, minutes: int = 1) -> bool:
    return pausing.resume(campaign_id=version.campaign_id, now=TUESDAY + minutes * MINUTE)


def plan(minutes: int = 0) -> None:
    advancing.plan_due(now=TUESDAY + minutes * MINUTE, limit=100)


def test_a_paused_campaign_plans_nothing_and_says_why(version: CampaignVersion) -> None:
    make_enrolment(version)
    pause(version)
    plan()
    assert not Message.objects.exists()
    held = Enrolment.objects.values_list("state", "hold_reason", "next_due_at").get()
    assert held == ("active", "campaign_paused", TUESDAY + timedelta(days=1))


def test_what_was_planned_before_the_pause_waits_and_says_why(version: CampaignVersion) -> None:
    make_message()
    pause(version)
    wire = Wire()
    send(wire)
    assert wire.mails == []
    assert read("state", "reason", "due_at", "attempt") == [
        ("queued", "campaign_paused", TUESDAY + 15 * MINUTE, 0)
    ]


def test_resuming_makes_everything_due_again(version: CampaignVersion) -> None:
    make_message()
    make_enrolment(version, email="later@example.se")
    pause(version)
    send(Wire())
    plan()
    resume(version)
    plan(1)
    wire = Wire()
    sending.send_due(now=TUESDAY + MINUTE, limit=100, transport=wire)
    assert sorted(mail.to for mail in wire.mails) == ["alva@example.se", "later@example.se"]


def test_whoever_is_not_due_yet_gets_the_rest_of_the_days_after_the_pause(
    version: CampaignVersion,
) -> None:
    enrolment = make_enrolment(version)
    plan()
    send(Wire())
    pause(version)
    resume(version, 10 * 24 * 60)
    due = TUESDAY + timedelta(days=13)
    advancing.plan_due(now=due - timedelta(hours=1), limit=10)
    assert [message.step_key for message in enrolment.messages.all()] == ["result"]
    advancing.plan_due(now=due + timedelta(hours=3), limit=10)
    assert sorted(message.step_key for message in enrolment.messages.all()) == ["result", "tip-1"]


def test_planned_mail_stays_useful_for_as_much_longer_as_the_pause_was(
    version: CampaignVersion,
) -> None:
    message = make_message()
    pause(version)
    send(Wire())
    resume(version, 60)
    assert message.not_after
    assert read("not_after") == [(message.not_after + 60 * MINUTE,)]


def test_stopping_ends_it_for_everybody_and_throws_away_what_was_planned(
    version: CampaignVersion,
) -> None:
    make_message()
    assert pausing.stop(campaign_id=version.campaign_id, now=TUESDAY) == 1
    wire = Wire()
    send(wire)
    assert wire.mails == []
    assert read("state", "reason") == [("skipped", "campaign_stopped")]
    assert Enrolment.objects.values_list("state", "reason", "ended_at").get() == (
        "stopped",
        "campaign_stopped",
        TUESDAY,
    )
    assert Campaign.objects.get().closed_at == TUESDAY
    assert pausing.stop(campaign_id=version.campaign_id, now=TUESDAY) == 0


def test_pausing_twice_and_resuming_what_runs_change_nothing(version: CampaignVersion) -> None:
    assert not resume(version)
    assert pause(version)
    assert not pause(version)
    assert resume(version)


def test_other_mail_leaves_while_a_campaign_is_paused(version: CampaignVersion) -> None:
    make_message()
    Message.objects.update(kind="system")
    pause(version)
    assert send(Wire()).states == {"sent": 1}


@pytest.mark.django_db(transaction=True)
def test_pausing_waits_for_a_hand_over_and_then_wins() -> None:
    message = make_message()
    assert message.enrolment
    order: list[str] = []

    def stop() -> None:
        pause(message.enrolment.version)
        order.append("paused")
        connection.close()

    with transaction.atomic():
        locks.lock_messages(messages=[message])
        thread = threading.Thread(target=stop)
        thread.start()
        thread.join(timeout=0.5)
        order.append("handed over")
    thread.join()
    assert order == ["handed over", "paused"]
    assert (
        permission.get_refusals(messages=[message], now=TUESDAY)[message.key].reason
        == "campaign_paused"
    )


@limits(deadline=None, max_examples=100 if IS_SOAK else 25)
@given(st.lists(st.sampled_from(["pause", "resume", "plan", "send", "crash", "reap"]), max_size=20))
def test_each_recipient_is_mailed_once_however_often_it_is_paused(acts: list[str]) -> None:
    with transaction.atomic():
        version = publish_campaign()
        enrol(version, [f"person{number}@example.se" for number in range(CROWD)], now=TUESDAY)
        wire, now = Wire(), TUESDAY
        for act in [*acts, "reap", "resume", "plan", "send"]:
            now += 20 * MINUTE
            if act == "pause":
                pausing.pause(campaign_id=version.campaign_id, reason="by_hand", now=now)
            elif act == "resume":
                pausing.resume(campaign_id=version.campaign_id, now=now)
            elif act == "plan":
                advancing.plan_due(now=now, limit=CROWD // 2)
            elif act == "send":
                sending.send_due(now=now, limit=CROWD // 3, transport=wire)
            elif act == "crash":  # after a claim, before the wire
                Message.objects.filter(state="queued", due_at__lte=now).update(
                    state="claimed", claim=uuid.uuid4(), lease_until=TUESDAY
                )
            else:
                sending.settle_stale(now=now)
        for _ in range(6):
            advancing.plan_due(now=now, limit=CROWD // 2)
            sending.send_due(now=now, limit=CROWD // 3, transport=wire)
        sent = sorted(mail.to for mail in wire.mails)
        assert sent == sorted(f"person{number}@example.se" for number in range(CROWD))
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("sent", "complaints", "recent", "bounced", "standing"),
    [
        (0, 0, 0, 0, ""),
        (1000, 0, 500, 24, ""),
        (1000, 1, 500, 0, "complaints_warn"),
        (1000, 2, 500, 0, "complaints_warn"),
        (1000, 3, 500, 0, "complaints"),
        (1000, 0, 500, 25, "bounces"),
        # A handful says nothing; two complaints of a few say enough.
        (10, 1, 10, 4, "complaints_warn"),
        (10, 2, 10, 0, "complaints"),
        (20, 0, 20, 5, "bounces"),
    ],
)
def test_the_name_of_a_sender(
    sent: int, complaints: int, recent: int, bounced: int, standing: str
) -> None:
    found = judge_reputation(sent=sent, complaints=complaints, recent=recent, bounces=bounced)
    assert found == standing


def make_sent(version: CampaignVersion, count: int, reports: dict[int, str]) -> None:
    enrolment = make_enrolment(version)
    for number in range(count):
        message = Message.objects.create(
            key=f"m{number}",
            kind="campaign",
            enrolment=enrolment,
            step_key=f"step-{number}",
            to="alva@example.se",
            language="sv",
            state="sent",
            created_at=TUESDAY,
            due_at=TUESDAY,
            sending_at=TUESDAY + number * MINUTE,
            sent_at=TUESDAY + number * MINUTE,
        )
        if number in reports:
            DeliveryEvent.objects.create(
                key=str(number),
                message=message,
                provider="postmark",
                kind=reports[number],
                happened_at=TUESDAY,
                received_at=TUESDAY,
            )


def get_pause() -> str:
    return Campaign.objects.values_list("pause_reason", flat=True).get()


def test_the_guard_halts_a_campaign_that_people_complain_about(version: CampaignVersion) -> None:
    make_sent(version, 30, {3: "complaint", 9: "complaint"})
    assert pausing.watch(now=TUESDAY + timedelta(days=1)) == {"complaints": 1}
    assert get_pause() == "complaints"


def test_the_guard_halts_a_campaign_whose_mail_comes_back(version: CampaignVersion) -> None:
    make_sent(version, 30, dict.fromkeys(range(5), "hard_bounce"))
    pausing.watch(now=TUESDAY + timedelta(days=1))
    assert get_pause() == "bounces"


def test_the_guard_hears_the_servers_own_no(version: CampaignVersion) -> None:
    make_sent(version, 30, {})
    ids = list(Message.objects.values_list("pk", flat=True)[:5])
    Message.objects.filter(pk__in=ids).update(state="failed", reason="refused")
    pausing.watch(now=TUESDAY + timedelta(days=1))
    assert get_pause() == "bounces"


def test_one_complaint_is_a_warning(version: CampaignVersion) -> None:
    make_sent(version, 30, {3: "complaint"})
    assert pausing.watch(now=TUESDAY + timedelta(days=1)) == {"complaints_warn": 1}
    assert get_pause() == ""


def test_what_was_before_the_campaign_went_on_is_not_held_against_it(
    version: CampaignVersion,
) -> None:
    make_sent(version, 30, {3: "complaint", 9: "complaint"})
    later = TUESDAY + timedelta(days=1)
    pausing.watch(now=later)
    pausing.resume(campaign_id=version.campaign_id, now=later)
    assert pausing.watch(now=later + MINUTE) == {"": 1}


def test_the_guard_asks_as_often_for_many_mails_as_for_few(
    version: CampaignVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_sent(version, 3, {})
    with django_assert_num_queries(5):
        pausing.watch(now=TUESDAY + timedelta(days=1))
