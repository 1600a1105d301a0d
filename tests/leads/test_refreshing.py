from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from campaigns import enrolment, permission
from campaigns.models import CampaignVersion
from leads import measuring, refreshing
from leads.models import Lead
from leads.signals import lead_created, lead_graded
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def allow_contact(respondent_id: int, email: str = "alva@example.se") -> None:
    wordings = [permission.get_wordings(language="sv")["contact"]]
    permission.ask(respondent_id=respondent_id, email=email, wordings=wordings, now=TUESDAY)
    permission.confirm(respondent_id=respondent_id, email=email, wordings=wordings, now=TUESDAY)


def test_refresh_lead_makes_a_lead_of_a_person_who_confirmed(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    lead = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert lead is not None
    assert (lead.may_contact, lead.engagement, lead.created_at) == (False, 25, TUESDAY)
    assert lead.weakest_role == "Takthållare"
    assert lead.organisation == "example.se"
    assert lead.reasons[0]["axis"] in {"fit", "engagement"}


def test_refresh_lead_knows_when_contact_is_allowed(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    lead = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert lead is not None
    assert (lead.may_contact, lead.engagement) == (True, 65)


def test_refresh_lead_hides_a_person_who_takes_contact_back(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    enrolment.unsubscribe(respondent_id=person.pk, purposes=["contact"], source="page", now=TUESDAY)
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert Lead.objects.get().may_contact is False


def test_refresh_lead_leaves_what_people_decided(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    Lead.objects.update(stage="in_touch")
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY + DAY)
    assert Lead.objects.get().stage == "in_touch"


def test_refresh_lead_ignores_a_person_who_confirmed_nothing() -> None:
    assert refreshing.refresh_lead(respondent_id=4711, now=TUESDAY) is None


def test_refresh_stale_finds_what_a_lost_ring_left(version: CampaignVersion) -> None:
    make_enrolment(version)
    assert refreshing.refresh_stale(now=TUESDAY, limit=10) == 1
    assert Lead.objects.count() == 1


def test_refresh_stale_finds_a_withdrawal_that_was_missed(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    later = TUESDAY + timedelta(hours=1)
    permission.withdraw(respondent_id=person.pk, purposes=["contact"], source="page", now=later)
    refreshing.refresh_stale(now=later, limit=10)
    assert Lead.objects.get().may_contact is False


def test_refresh_stale_lets_engagement_fade(version: CampaignVersion) -> None:
    make_enrolment(version)
    refreshing.refresh_stale(now=TUESDAY, limit=10)
    refreshing.refresh_stale(now=TUESDAY + 30 * DAY, limit=10)
    assert Lead.objects.get().engagement == 12


@pytest.mark.parametrize(("email", "label"), [("a@konsult.se", "konsult.se"), ("a@gmail.com", "")])
def test_get_organisation_is_the_domain_unless_it_is_free_mail(email: str, label: str) -> None:
    assert measuring.get_organisation(email) == label


Capture = Callable[..., Any]


@pytest.fixture
def heard() -> Iterator[list[tuple[Any, ...]]]:
    """What the signals said, in order."""
    said: list[tuple[Any, ...]] = []

    def hear_created(*, lead_id: int, **_: Any) -> None:
        said.append(("created", lead_id))

    def hear_graded(*, lead_id: int, grade: str, before: str, **_: Any) -> None:
        said.append(("graded", lead_id, grade, before))

    lead_created.connect(hear_created)
    lead_graded.connect(hear_graded)
    yield said
    lead_created.disconnect(hear_created)
    lead_graded.disconnect(hear_graded)


def test_nobody_hears_of_somebody_who_wants_no_call(
    version: CampaignVersion,
    heard: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    person = make_enrolment(version).respondent
    with django_capture_on_commit_callbacks(execute=True):
        refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert heard == []


def test_a_lead_is_created_for_others_when_contact_is_confirmed(
    version: CampaignVersion,
    heard: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    person = make_enrolment(version).respondent
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    allow_contact(person.pk)
    with django_capture_on_commit_callbacks(execute=True):
        lead = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
        assert heard == []  # not before it is committed
    assert lead is not None
    assert heard == [("created", lead.pk), ("graded", lead.pk, lead.grade, "")]


def test_a_grade_is_told_when_it_changes_and_only_then(
    version: CampaignVersion,
    heard: list[tuple[Any, ...]],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    first = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert first is not None
    with django_capture_on_commit_callbacks(execute=True):
        refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
        later = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY + 60 * DAY)
    assert later is not None
    assert heard == [("graded", first.pk, later.grade, first.grade)]
