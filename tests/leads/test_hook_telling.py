"""Deliveries leave: in order, at least once, with patience and with an end."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, connections
from pytest_django.fixtures import Settings

from leads.hooks import dealing, secrets, signing, telling
from leads.hooks.wire import Answer
from leads.models import Delivery, Event, Hook, Lead
from leads.tasks import tell_hooks
from pmoportal.env import networks
from tests.factories import TUESDAY
from tests.leads.integrating import (
    Receiver,
    make_hook,
    make_lead,
    reply,
    running_receiver,
    take_back,
)

pytestmark = pytest.mark.django_db
NOW = TUESDAY + timedelta(days=3)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Wire:
    """Takes the place of the network: answers with the statuses it is given, then with 204."""

    def __init__(self, *statuses: int | None) -> None:
        self.statuses = list(statuses)
        self.said: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def post(self, *, headers: dict[str, str], body: bytes, **_: Any) -> Answer:
        self.said.append(json.loads(body))
        self.headers.append(headers)
        return Answer(status=self.statuses.pop(0) if self.statuses else 204, words="")

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for each in self.said]


def tell(hook: Hook, wire: Wire, *, now: datetime = NOW, limit: int = 20) -> telling.Told:
    return telling.tell(hook_id=hook.pk, now=now, limit=limit, clock=lambda: now, post=wire.post)


def deal(now: datetime = NOW) -> None:
    dealing.deal(now=now, limit=100)


@pytest.fixture
def hook() -> Hook:
    return make_hook()


def test_what_happened_is_told_in_order(hook: Hook) -> None:
    lead, wire = make_lead(), Wire()
    deal()
    assert tell(hook, wire) == telling.Told(tried=2, is_more=False)
    assert wire.kinds == ["consent.given", "lead.created"]
    assert wire.said[1]["data"] == {
        "lead_id": lead.pk,
        "grade": lead.grade,
        "computed_grade": lead.grade,
        "graded_by": "score",
    }
    assert set(Delivery.objects.values_list("state", "attempts", "status")) == {
        ("delivered", 1, 204)
    }
    assert tell(hook, wire) == telling.Told(tried=0, is_more=False)


def test_a_later_event_of_a_person_waits_for_the_earlier_and_others_do_not(hook: Hook) -> None:
    make_lead()
    make_lead(number=1)
    deal()
    wire = Wire(500)
    tell(hook, wire)
    assert wire.kinds == ["consent.given", "consent.given", "lead.created"]
    assert wire.said[0]["data"]["lead_id"] != wire.said[1]["data"]["lead_id"]
    tell(hook, wire, now=NOW + 11 * SECOND)
    assert wire.kinds[3:] == ["consent.given", "lead.created"]
    assert wire.said[3] == wire.said[0]
    assert wire.headers[3]["webhook-id"] == wire.headers[0]["webhook-id"]
    assert wire.headers[3]["webhook-timestamp"] != wire.headers[0]["webhook-timestamp"]


def test_it_is_tried_for_a_day_ever_more_seldom_and_then_given_up(hook: Hook) -> None:
    make_lead()
    deal()
    Delivery.objects.filter(kind="lead.created").delete()
    delivery = Delivery.objects.exclude(kind="lead.created").get()
    wire, tries = Wire(*[500] * 100), []
    while delivery.state == "queued":
        tries.append(delivery.next_at - NOW)
        Hook.objects.update(rests_until=None)  # the breaker has tests of its own
        tell(hook, wire, now=delivery.next_at - SECOND)
        assert len(wire.said) == len(tries) - 1
        tell(hook, wire, now=delivery.next_at)
        delivery.refresh_from_db()
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert waits[:6] == [10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR]
    assert set(waits[6:]) == {2 * HOUR}
    assert tries[-1] < timedelta(hours=24)
    assert delivery.state == "given_up"


def test_what_waited_behind_it_for_a_day_is_given_up_too(hook: Hook) -> None:
    make_lead()
    deal()
    telling.settle_stale(now=NOW + timedelta(hours=24, seconds=1))
    assert set(Delivery.objects.values_list("state", flat=True)) == {"given_up"}


def test_gone_means_that_the_hook_is_off(hook: Hook) -> None:
    make_lead()
    deal()
    tell(hook, Wire(410))
    assert list(Delivery.objects.order_by("number").values_list("state", flat=True)) == [
        "failed",
        "queued",
    ]
    hook.refresh_from_db()
    assert not hook.is_active
    assert telling.get_ready(now=NOW) == []


def test_a_hook_that_fails_is_left_alone_longer_each_time(hook: Hook) -> None:
    for number in range(8):
        make_lead(number=number)
    deal()
    wire = Wire(*[None] * 7)
    tell(hook, wire)
    hook.refresh_from_db()
    assert (len(wire.said), hook.failures, hook.failing_since) == (5, 5, NOW)
    assert hook.rests_until == NOW + MINUTE
    assert telling.get_ready(now=NOW + 59 * SECOND) == []
    tell(hook, wire, now=NOW + MINUTE)
    hook.refresh_from_db()
    assert (len(wire.said), hook.rests_until) == (6, NOW + 6 * MINUTE)
    tell(hook, wire, now=NOW + 6 * MINUTE)
    tell(hook, wire, now=NOW + 30 * MINUTE)
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.rests_until) == (0, None, None)


def test_somebody_can_let_a_hook_go_on(hook: Hook) -> None:
    Hook.objects.update(failures=7, failing_since=NOW, rests_until=NOW + HOUR)
    make_lead()
    deal()
    telling.let_go_on(hook_id=hook.pk)
    assert telling.get_ready(now=NOW) == [hook.pk]


def test_what_is_no_longer_allowed_is_not_told(hook: Hook) -> None:
    """Even when nobody has computed the lead again yet."""
    lead, wire = make_lead(), Wire()
    deal()
    take_back(lead, "contact")
    deal()
    assert Lead.objects.get().may_contact
    tell(hook, wire)
    assert wire.kinds == ["consent.given", "consent.withdrawn"]
    assert Delivery.objects.get(kind="lead.created").evidence == "no_consent"


def test_a_dead_workers_delivery_is_free_after_its_lease(hook: Hook) -> None:
    make_lead()
    deal()
    telling._claim(hook, NOW)
    wire = Wire()
    tell(hook, wire)
    assert wire.said == []  # the later one waits for the one that is under way
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_delivery SET leased_until = now() - interval '1 second'")
    assert telling.settle_stale(now=NOW) == 1
    tell(hook, wire)
    assert wire.kinds == ["consent.given", "lead.created"]


def test_a_batch_has_an_end(hook: Hook) -> None:
    for number in range(2):
        make_lead(number=number)
    deal()
    assert tell(hook, Wire(), limit=3) == telling.Told(tried=3, is_more=True)


def test_what_was_given_up_can_be_told_again(hook: Hook) -> None:
    make_lead()
    deal()
    first = Delivery.objects.order_by("number").first()
    assert first is not None
    Delivery.objects.update(state="given_up", attempts=15)
    later = NOW + timedelta(days=2)
    assert telling.replay(delivery_ids=[str(first.pk)], now=later) == 1
    wire = Wire()
    tell(hook, wire, now=later)
    assert (wire.kinds, wire.headers[0]["webhook-id"]) == (["consent.given"], f"msg_{first.pk.hex}")
    assert telling.replay(delivery_ids=[str(first.pk)], now=later) == 1
    assert telling.replay(delivery_ids=[str(first.pk)], now=later) == 0  # it waits already


def test_a_new_secret_signs_beside_the_old_one_for_a_day(hook: Hook, settings: Settings) -> None:
    old = secrets.get_secret(hook=hook)
    secrets.renew(hook=hook, now=NOW)
    new = secrets.get_secret(hook=hook)
    assert new != old

    def get_secrets(now: datetime) -> list[str]:
        return [signing.write_secret(key) for key in secrets.get_keys(hook=hook, now=now)]

    assert get_secrets(NOW + 23 * HOUR) == [new, old]
    assert get_secrets(NOW + 24 * HOUR) == [new]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-some-length-" * 3
    assert get_secrets(NOW + 24 * HOUR) == [secrets.get_secret(hook=hook), new]


def test_two_hooks_have_two_secrets(hook: Hook) -> None:
    assert secrets.get_secret(hook=hook) != secrets.get_secret(hook=make_hook())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as server:
        yield server


@pytest.fixture
def _may_call_this_machine(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_PRIVATE = networks("127.0.0.0/8")


@pytest.mark.usefixtures("_may_call_this_machine")
@pytest.mark.django_db(transaction=True)
def test_the_tasks_tell_a_real_receiver(receiver: Receiver, settings: Settings) -> None:
    hook = make_hook(receiver.url)
    lead, owner = make_lead(), User.objects.create_user("kim")
    Lead.objects.filter(pk=lead.pk).update(owner=owner)
    with eagerly():
        tell_hooks()
    kinds = [json.loads(body)["type"] for _, body in receiver.given]
    assert kinds == ["consent.given", "lead.created", "lead.taken"]
    headers, body = receiver.given[0]
    assert headers["webhook-signature"] == signing.sign(
        keys=secrets.get_keys(hook=hook, now=NOW),
        message_id=headers["webhook-id"],
        timestamp=int(headers["webhook-timestamp"]),
        body=body,
    )


def eagerly() -> Any:
    from pmoportal.celery import app

    class Eager:
        def __enter__(self) -> None:
            app.conf.task_always_eager = True

        def __exit__(self, *_: object) -> None:
            app.conf.task_always_eager = False

    return Eager()


@pytest.mark.usefixtures("_may_call_this_machine")
@pytest.mark.django_db(transaction=True)
def test_four_workers_tell_each_event_once_and_in_order(receiver: Receiver) -> None:
    hook = make_hook(receiver.url)
    for number in range(6):
        make_lead(number=number)
    for grade in ("B2", "C3", "D4"):
        Lead.objects.update(grade=grade)
    dealing.deal(now=NOW, limit=100)
    receiver.answer = lambda call: reply(call, 200, b"ok")
    start = Barrier(4)

    def work() -> None:
        start.wait()
        try:
            for _ in range(40):
                telling.tell(hook_id=hook.pk, now=NOW, limit=20, clock=lambda: NOW)
        finally:
            connections.close_all()

    in_threads(work, 4)
    said = [json.loads(body) for _, body in receiver.given]
    assert len(said) == Event.objects.count() == 6 * 5
    for lead in Lead.objects.all():
        mine = [
            (each["type"], each["data"].get("grade"))
            for each in said
            if each["data"]["lead_id"] == lead.pk
        ]
        assert [grade for _, grade in mine[2:]] == ["B2", "C3", "D4"]


@pytest.mark.django_db(transaction=True)
def test_two_dealers_deal_each_event_once() -> None:
    make_hook()
    for number in range(10):
        make_lead(number=number)
    start = Barrier(3)

    def work() -> None:
        start.wait()
        try:
            for _ in range(10):
                dealing.deal(now=NOW, limit=3)
        finally:
            connections.close_all()

    in_threads(work, 3)
    dealing.deal(now=NOW, limit=100)
    assert list(Event.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, 21)
    )
    assert Delivery.objects.count() == 20


def in_threads(work: Callable[[], None], count: int) -> None:
    threads = [Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@time_machine.travel(NOW, tick=False)
def test_nothing_to_tell_costs_little(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(7):  # two to settle, four to deal in a savepoint, one to look
        tell_hooks()
