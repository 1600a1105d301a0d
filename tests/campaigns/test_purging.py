from datetime import timedelta

import pytest

from assessments.models import Respondent, Response
from assessments.purging import purge as purge_tests
from campaigns import advancing, enrolment
from campaigns.models import CampaignVersion, ConsentEvent, ConsentOrigin, Message
from campaigns.purging import purge
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def stranger(version: CampaignVersion) -> Response:
    """A completed test whose taker asked for tips and never confirmed."""
    response = make_response(version.campaign.assessment.versions.get())
    enrolment.opt_in(
        response_id=response.pk,
        email="bo@example.se",
        first_name="Bo",
        purposes=["tips"],
        language="sv",
        ip="192.0.2.1",
        path="/tips/",
        now=TUESDAY,
    )
    return response


def test_purge_forgets_a_stranger_after_seven_days(stranger: Response) -> None:
    purge(now=TUESDAY + 7 * DAY, limit=10)
    assert Respondent.objects.count() == 1
    purge(now=TUESDAY + 7 * DAY + timedelta(minutes=1), limit=10)
    assert (Respondent.objects.count(), ConsentOrigin.objects.count()) == (0, 0)
    assert not Message.objects.filter(to="bo@example.se").exists()
    assert ConsentEvent.objects.count() == 1


def test_purge_keeps_a_person_who_confirmed(version: CampaignVersion) -> None:
    make_enrolment(version)
    purge(now=TUESDAY + 60 * DAY, limit=10)
    assert Respondent.objects.count() == 1


def test_purge_empties_old_mails_and_keeps_what_became_of_them(version: CampaignVersion) -> None:
    make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY, evidence="250 ok")
    purge(now=TUESDAY + 91 * DAY, limit=10)
    message = Message.objects.get()
    assert (message.values, message.evidence, message.state) == ({}, "", "sent")


@pytest.mark.parametrize(("age", "is_kept"), [(89 * DAY, True), (91 * DAY, False)])
def test_purge_keeps_an_anonymous_result_for_ninety_days(
    stranger: Response, age: timedelta, is_kept: bool
) -> None:
    purge_tests(now=TUESDAY + age, limit=10)
    assert Response.objects.exists() is is_kept


@pytest.mark.parametrize(("age", "is_kept"), [(23, True), (25, False)])
def test_purge_keeps_an_abandoned_test_for_a_day(
    stranger: Response, age: int, is_kept: bool
) -> None:
    Response.objects.update(completed_at=None, result=None)
    purge_tests(now=TUESDAY + timedelta(hours=age), limit=10)
    assert Response.objects.exists() is is_kept


def test_purge_takes_no_more_than_its_limit(version: CampaignVersion) -> None:
    for _ in range(3):
        make_response(version.campaign.assessment.versions.get())
    assert purge_tests(now=TUESDAY + 100 * DAY, limit=2) == 2
