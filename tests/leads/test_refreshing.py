from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import enrolment, permission
from campaigns.models import CampaignVersion
from leads import appraising, publishing, refreshing
from leads.models import Lead
from leads.scoring_rules import SHIPPED
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
    assert appraising.get_organisation(email) == label


def publish(days: int) -> None:
    rules = replace(SHIPPED, fit_floors=(99, 98, 1))
    publishing.publish(rules=rules, note="", by_id=None, expected=0, now=TUESDAY + days * DAY)


def test_new_rules_make_every_lead_stale_and_a_lead_keeps_the_number_of_its_own(
    version: CampaignVersion,
) -> None:
    make_enrolment(version)
    refreshing.refresh_stale(now=TUESDAY, limit=10)
    assert Lead.objects.get().rules_number == 0
    publish(days=1)
    later = TUESDAY + DAY + timedelta(minutes=5)
    assert refreshing.refresh_stale(now=later, limit=10) == 1
    assert refreshing.refresh_stale(now=later, limit=10) == 0
    lead = Lead.objects.get()
    assert (lead.rules_number, lead.grade[0], lead.scored_at) == (1, "C", later)


def test_refreshing_is_bounded_and_goes_on_where_it_was(version: CampaignVersion) -> None:
    for number in range(3):
        make_enrolment(version, email=f"p{number}@example.se")
    refreshing.refresh_stale(now=TUESDAY, limit=10)
    later = TUESDAY + 2 * DAY
    counts = [refreshing.refresh_stale(now=later, limit=2) for _ in range(3)]
    assert (counts, Lead.objects.count()) == ([2, 1, 0], 3)


def test_many_leads_take_as_many_queries_as_one(version: CampaignVersion) -> None:
    people = [make_enrolment(version, email=f"p{n}@example.se").respondent_id for n in range(3)]

    def count(respondent_ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            refreshing.refresh_leads(respondent_ids=respondent_ids, now=TUESDAY)
        return len(queries)

    count(people)  # warm
    assert count(people) == count(people[:1])


def test_refreshing_says_what_the_grade_was_before(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent_id
    first = refreshing.refresh_leads(respondent_ids=[person], now=TUESDAY)
    publish(days=1)
    second = refreshing.refresh_leads(respondent_ids=[person], now=TUESDAY + DAY)
    assert [(each.before, each.grade) for each in (*first, *second)] == [
        (None, first[0].grade),
        (first[0].grade, second[0].grade),
    ]


def test_somebody_who_takes_back_everything_is_scored_no_more(version: CampaignVersion) -> None:
    """C21: one act stops mail, scoring and the consultants' list."""
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    enrolment.unsubscribe(
        respondent_id=person.pk, purposes=["tips", "contact"], source="page", now=TUESDAY
    )
    lead = refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    assert lead is not None
    assert (lead.may_contact, lead.fit, lead.engagement, lead.grade) == (False, 0, 0, "D4")
    assert (lead.reasons, lead.heard_at) == ([], None)


def test_a_lead_of_whom_nothing_is_left_is_blank_and_is_not_asked_about_for_ever(
    version: CampaignVersion,
) -> None:
    person = make_enrolment(version).respondent
    allow_contact(person.pk)
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY)
    person.consent_origins.all().delete()
    later = TUESDAY + 2 * DAY
    assert refreshing.refresh_stale(now=later, limit=10) == 1
    lead = Lead.objects.get()
    assert (lead.may_contact, lead.grade, lead.scored_at) == (False, "D4", later)
    assert refreshing.refresh_stale(now=later, limit=10) == 0


def test_the_newest_act_of_the_person_breaks_the_silence(version: CampaignVersion) -> None:
    person = make_enrolment(version).respondent
    refreshing.refresh_lead(respondent_id=person.pk, now=TUESDAY + DAY)
    assert Lead.objects.get().quiet_since == TUESDAY
    Lead.objects.update(touched_at=TUESDAY + 2 * DAY)
    assert Lead.objects.get().quiet_since == TUESDAY + 2 * DAY


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
