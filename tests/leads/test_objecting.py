"""An objection has three effects: no mail, no score, on no consultant's list."""

from datetime import timedelta

import pytest

from campaigns import enrolment, preferring
from campaigns.models import CampaignVersion, Enrolment
from leads import refreshing
from leads.models import Lead
from tests.campaigns.panels import ask, confirm
from tests.factories import TUESDAY, make_response, publish_campaign

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def lead(version: CampaignVersion) -> Lead:
    response = make_response(version.campaign.assessment.versions.get())
    ask(response, purposes=("tips", "contact", "tracking"))
    confirm()
    response.refresh_from_db()
    assert response.respondent_id is not None
    lead = refreshing.refresh_lead(respondent_id=response.respondent_id, now=TUESDAY)
    assert lead is not None
    assert lead.may_contact
    Lead.objects.update(stage="in_touch")
    return lead


def object_to_it(lead: Lead) -> None:
    preferring.object_to_everything(respondent_id=lead.respondent_id, now=TUESDAY + MINUTE)


def test_one_act_ends_mail_score_and_list(lead: Lead) -> None:
    object_to_it(lead)
    refreshing.refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + MINUTE)
    lead.refresh_from_db()
    assert Enrolment.objects.get().state == "stopped"
    assert (lead.fit, lead.engagement, lead.grade, lead.reasons) == (0, 0, "D4", [])
    assert (lead.may_contact, lead.weakest_role, lead.organisation) == (False, "", "")
    assert lead.stage == "in_touch"


def test_nothing_works_out_the_score_again(lead: Lead) -> None:
    object_to_it(lead)
    for day in range(1, 4):
        refreshing.refresh_stale(now=TUESDAY + day * DAY + MINUTE, limit=10)
        lead.refresh_from_db()
        assert (lead.grade, lead.may_contact) == ("D4", False)


def test_somebody_who_objects_first_never_becomes_a_lead(version: CampaignVersion) -> None:
    response = make_response(version.campaign.assessment.versions.get())
    ask(response)
    confirm()
    response.refresh_from_db()
    assert response.respondent_id is not None
    preferring.object_to_everything(respondent_id=response.respondent_id, now=TUESDAY + MINUTE)
    found = refreshing.refresh_lead(respondent_id=response.respondent_id, now=TUESDAY + DAY)
    assert found is None
    assert not Lead.objects.exists()


def test_taking_everything_back_is_no_objection(lead: Lead) -> None:
    enrolment.unsubscribe(
        respondent_id=lead.respondent_id,
        purposes=["tips", "contact", "tracking"],
        source="page",
        now=TUESDAY + MINUTE,
    )
    refreshing.refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + DAY)
    lead.refresh_from_db()
    assert (lead.may_contact, bool(lead.grade)) == (False, True)


def test_a_yes_after_the_objection_makes_a_lead_again(lead: Lead) -> None:
    object_to_it(lead)
    ask(lead.response, purposes=("contact",), now=TUESDAY + DAY)
    confirm(TUESDAY + DAY + MINUTE)
    again = refreshing.refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + 2 * DAY)
    assert again is not None
    assert (again.may_contact, bool(again.grade)) == (True, True)
