"""What is counted of how a mail was received."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from campaigns import advancing, figures, permission
from campaigns.models import CampaignVersion, DeliveryEvent, Message, Purpose
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NUMBERS = count()


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def send(version: CampaignVersion) -> Message:
    """The result letter of a new person, sent."""
    enrolment = make_enrolment(version, email=f"p{next(NUMBERS)}@example.se")
    return send_next(Message(enrolment=enrolment), TUESDAY)


def send_next(before: Message, now: datetime) -> Message:
    advancing.plan_due(now=now, limit=10)
    queued = Message.objects.filter(state="queued", enrolment=before.enrolment)
    queued.update(state="sent", sent_at=now, ended_at=now)
    return Message.objects.filter(enrolment=before.enrolment).latest("created_at")


def report(message: Message, kind: str) -> None:
    DeliveryEvent.objects.create(
        key=str(next(NUMBERS)),
        message=message,
        provider="p",
        kind=kind,
        happened_at=TUESDAY,
        received_at=TUESDAY,
    )


def unsubscribe(message: Message, now: datetime) -> None:
    permission.withdraw(
        respondent_id=message.respondent_id or 0, purposes=[Purpose.TIPS], source="t", now=now
    )


def get(version: CampaignVersion) -> dict[str, dict[str, int]]:
    found = figures.get_receptions(campaign_id=version.campaign_id)
    return {key: dict(counts) for key, counts in found.items()}


def test_nothing_is_known_of_mail_that_nobody_reported(version: CampaignVersion) -> None:
    send(version)
    assert get(version) == {}


def test_a_mail_counts_once_for_each_kind_of_report(version: CampaignVersion) -> None:
    message = send(version)
    for kind in ("soft_bounce", "soft_bounce", "delivered", "deferred"):
        report(message, kind)
    assert get(version) == {"result": {"soft_bounce": 1, "delivered": 1}}


def test_whoever_unsubscribes_does_so_after_their_last_mail(version: CampaignVersion) -> None:
    first = send(version)
    second = send_next(first, TUESDAY + 3 * DAY)
    assert second.step_key == "tip-1"
    unsubscribe(second, TUESDAY + 4 * DAY)
    assert get(version) == {"tip-1": {"unsubscribed": 1}}


@pytest.mark.parametrize(("days", "counted"), [(14, {"result": {"unsubscribed": 1}}), (15, {})])
def test_unsubscribing_long_after_a_mail_is_not_held_against_it(
    version: CampaignVersion, days: int, counted: dict[str, dict[str, int]]
) -> None:
    unsubscribe(send(version), TUESDAY + days * DAY)
    assert get(version) == counted
