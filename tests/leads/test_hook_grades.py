"""Others are told of the grade that counts, whoever decided it: over real sockets, signed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads import grading
from leads.hooks import secrets, signing
from leads.models import Hook, Lead
from leads.refreshing import refresh_lead
from pmoportal.celery import app
from pmoportal.env import networks
from tests.leads.integrating import Receiver, make_hook, make_lead, running_receiver

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _ringing_at_once(settings: Settings) -> Iterator[None]:
    settings.WEBHOOK_ALLOWED_PRIVATE = networks("127.0.0.0/8")
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as server:
        yield server


def read_signed(receiver: Receiver, hook: Hook) -> list[dict[str, Any]]:
    """What was given since the last look, each with a signature that only we can make."""
    said = []
    for headers, body in receiver.given:
        assert headers["webhook-signature"] == signing.sign(
            keys=secrets.get_keys(hook=hook, now=timezone.now()),
            message_id=headers["webhook-id"],
            timestamp=int(headers["webhook-timestamp"]),
            body=body,
        )
        assert json.loads(body)["type"] == "lead.graded"
        said.append(json.loads(body)["data"])
    receiver.given.clear()
    return said


def override(lead: Lead, grade: str, **columns: Any) -> None:
    colleague, _ = User.objects.get_or_create(username="kim")
    words = {"reason": "met", "until": None, "now": timezone.now()} | columns
    grading.override(lead_id=lead.pk, grade=grade, by_id=colleague.pk, **words)


def test_a_grade_set_by_hand_is_told_at_once_and_so_is_taking_it_back(receiver: Receiver) -> None:
    hook, lead = make_hook(receiver.url, kinds=["lead.graded"]), make_lead()
    override(lead, "D4")
    assert read_signed(receiver, hook) == [
        {
            "lead_id": lead.pk,
            "grade": "D4",
            "before": lead.grade,
            "graded_by": "person",
            "computed_grade": lead.grade,
        }
    ]
    grading.lift(lead_id=lead.pk, by_id=User.objects.get().pk, now=timezone.now())
    assert read_signed(receiver, hook) == [
        {
            "lead_id": lead.pk,
            "grade": lead.grade,
            "before": "D4",
            "graded_by": "score",
            "computed_grade": lead.grade,
        }
    ]


def test_a_grade_whose_last_day_has_passed_is_told_too(receiver: Receiver) -> None:
    hook, lead = make_hook(receiver.url, kinds=["lead.graded"]), make_lead()
    override(lead, "D4", until=timezone.localdate())
    receiver.given.clear()
    grading.expire(now=timezone.now() + 2 * DAY, limit=10)
    told = [(each["grade"], each["graded_by"]) for each in read_signed(receiver, hook)]
    assert told == [(lead.grade, "score")]


def test_what_is_computed_beside_a_grade_set_by_hand_is_nobodys_news(receiver: Receiver) -> None:
    hook, lead = make_hook(receiver.url, kinds=["lead.graded"]), make_lead()
    override(lead, lead.grade)
    refresh_lead(respondent_id=lead.respondent_id, now=timezone.now() + 400 * DAY)
    row = Lead.objects.get()
    assert (row.effective_grade, row.grade != lead.grade) == (lead.grade, True)
    assert read_signed(receiver, hook) == []
    override(lead, "A4")
    assert [each["computed_grade"] for each in read_signed(receiver, hook)] == [row.grade]


def test_of_somebody_who_wants_no_call_nobody_is_told(receiver: Receiver) -> None:
    make_hook(receiver.url)
    lead = make_lead(may_contact=False)
    override(lead, "A1")
    assert receiver.given == []
