"""What is counted of how a mail was received."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, figures, permission, sending
from campaigns.models import CampaignVersion, DeliveryEvent, Message, Purpose
from tests.campaigns.following import BOOKING, SECOND, allow, judge, send_talk, visit
from tests.campaigns.wires import Wire
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


# --- Links -------------------------------------------------------------------------------


@override_settings(BOOKING_URL=BOOKING)
def test_each_mail_counts_once_by_the_best_that_was_made_of_its_visits(
    version: CampaignVersion,
) -> None:
    reader, hurried, scanned, quiet = (send_talk(email=f"{n}@e.se") for n in "abcd")
    send_talk(email="not-allowed@e.se", is_allowed=False)
    visit(reader, is_head=True)
    visit(reader, after=3600 * SECOND)
    visit(reader, after=7200 * SECOND)
    visit(hurried, after=10 * SECOND)
    visit(scanned, is_head=True)
    judge(after=DAY)
    assert quiet.is_tracked
    assert get(version) == {
        "talk": {"measured": 4, "clicked_human": 1, "clicked_unsure": 1, "clicked_machine": 1}
    }


@override_settings(BOOKING_URL=BOOKING)
def test_whoever_takes_the_consent_back_is_no_longer_counted(version: CampaignVersion) -> None:
    message = send_talk()
    visit(message)
    judge()
    assert get(version)["talk"]["measured"] == 1
    permission.withdraw(
        respondent_id=message.respondent_id or 0, purposes=["tracking"], source="t", now=TUESDAY
    )
    assert get(version) == {}


def test_a_mail_without_a_link_elsewhere_is_not_measured(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    allow(enrolment.respondent_id)
    advancing.plan_due(now=TUESDAY, limit=10)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    assert Message.objects.get().is_tracked
    assert get(version) == {}


def test_the_queries_do_not_grow_with_the_mails(
    version: CampaignVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(3):
        visit(send_talk(email=f"p{number}@e.se"))
    judge()
    with django_assert_num_queries(5):
        get(version)


@override_settings(BOOKING_URL=BOOKING)
def test_of_each_tip_is_counted_how_often_it_was_sent_and_followed(
    version: CampaignVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader = send_talk(email="a@e.se")
    send_talk(email="b@e.se")
    send_talk(email="not-allowed@e.se", is_allowed=False)
    Message.objects.update(tip_key="one")
    other = send_talk(email="c@e.se", is_allowed=False)
    Message.objects.filter(pk=other.pk).update(tip_key="two")
    visit(reader, after=3600 * SECOND)
    judge(after=DAY)
    with django_assert_num_queries(4):
        uses = figures.count_tips()
    assert uses == {
        "one": Counter(sent=3, measured=2, clicked_human=1),
        "two": Counter(sent=1),
    }


def test_a_tip_is_taken_by_the_campaigns_of_its_own_test(version: CampaignVersion) -> None:
    assert figures.get_users_of_tip(role_key="takthallare") == [version.campaign]
    assert figures.get_users_of_tip(role_key="nobodys") == []
