import uuid
from datetime import datetime, timedelta

import pytest

from campaigns import advancing, invariants
from campaigns.models import CampaignVersion, Enrolment, Message
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def enrolment(version: CampaignVersion) -> Enrolment:
    enrolment = make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    return enrolment


def get_broken(now: datetime = TUESDAY) -> list[str]:
    return [broken.sentence for broken in invariants.check(now=now)]


def test_nothing_is_broken_in_a_healthy_database(enrolment: Enrolment) -> None:
    assert get_broken() == []


def test_a_lease_that_nobody_settles_is_noticed(enrolment: Enrolment) -> None:
    long_ago = TUESDAY - timedelta(seconds=61)
    Message.objects.update(state="claimed", claim=uuid.uuid4(), lease_until=long_ago)
    assert get_broken() == ["no message is held by a worker past its lease"]


def test_a_mail_after_withdrawal_is_noticed(enrolment: Enrolment) -> None:
    Enrolment.objects.update(
        state="stopped", reason="unsubscribed", ended_at=TUESDAY, next_due_at=None
    )
    Message.objects.update(state="sent", sending_at=TUESDAY + timedelta(seconds=1))
    assert get_broken() == ["no message left after its purpose was withdrawn"]


def test_a_forgotten_enrolment_is_noticed(enrolment: Enrolment) -> None:
    later = TUESDAY + timedelta(days=3, minutes=11)
    assert get_broken(later) == ["no due enrolment has been waiting for ten minutes"]


def test_an_enrolment_without_consent_is_noticed(enrolment: Enrolment) -> None:
    enrolment.respondent.consents.update(state="withdrawn", withdrawn_at=TUESDAY)
    assert get_broken() == ["no enrolment is active for a person who withdrew its purpose"]


def test_a_step_that_vanished_from_a_completed_sequence_is_broken(
    version: CampaignVersion, enrolment: Enrolment
) -> None:
    message = Message.objects.get(enrolment=enrolment)
    steps = version.document["campaign"]["steps"]
    for step in steps[1:]:
        message.pk, message.key, message.step_key = uuid.uuid4(), step["key"], step["key"]
        message.state, message.reason = "dropped", "too_late"
        message.save(force_insert=True)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state="finished", reason="completed", ended_at=TUESDAY, next_due_at=None
    )
    assert get_broken() == []
    message.delete()
    assert get_broken() == ["no step of a completed sequence is without an ending"]
