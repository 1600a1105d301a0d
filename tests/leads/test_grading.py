from datetime import timedelta

import pytest
from django.db import Error, transaction

from leads import grading, refreshing
from leads.models import GradeOverride, Lead
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.making import make_lead, make_leads

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = TUESDAY.date()


def override(lead: Lead, grade: str = "D4", *, days: int | None = None) -> None:
    until = None if days is None else TODAY + days * DAY
    colleague = make_user("Consultants", name=f"c{GradeOverride.objects.count()}")
    grading.override(
        lead_id=lead.pk, grade=grade, reason="met", until=until, by_id=colleague.pk, now=TUESDAY
    )


def get_grades(lead: Lead) -> tuple[str, str]:
    """Computed and effective."""
    row = Lead.objects.get(pk=lead.pk)
    return row.grade, row.effective_grade


def test_a_grade_set_by_hand_counts_and_the_computed_one_stays() -> None:
    lead = make_lead()
    override(lead)
    assert get_grades(lead) == (lead.grade, "D4")


def test_scoring_again_changes_the_computed_grade_only() -> None:
    lead = make_lead()
    override(lead)
    later = TUESDAY + 90 * DAY
    refreshing.refresh_lead(respondent_id=lead.respondent_id, now=later)
    computed, effective = get_grades(lead)
    assert (computed != lead.grade, effective) == (True, "D4")


def test_who_when_why_and_what_was_computed_then_are_written_down() -> None:
    lead = make_lead()
    override(lead, days=5)
    act = GradeOverride.objects.get()
    assert act.by is not None
    assert (act.grade, act.computed, act.reason, act.at) == ("D4", lead.grade, "met", TUESDAY)
    assert (act.until, act.by.username) == (TODAY + 5 * DAY, "c0")


def test_lifting_lets_the_computed_grade_count_again_and_is_written_down_too() -> None:
    lead, colleague = make_lead(), make_user("Consultants")
    override(lead)
    assert grading.lift(lead_id=lead.pk, by_id=colleague.pk, now=TUESDAY + DAY)
    assert not grading.lift(lead_id=lead.pk, by_id=colleague.pk, now=TUESDAY + DAY)
    assert get_grades(lead) == (lead.grade, lead.grade)
    assert [act.grade for act in GradeOverride.objects.order_by("pk")] == ["D4", ""]


def test_it_counts_through_its_last_day_and_no_longer() -> None:
    lead = make_lead()
    override(lead, days=2)
    midnight = TUESDAY.replace(hour=22) + 2 * DAY  # in Stockholm, as that day ends
    assert grading.expire(now=midnight - timedelta(minutes=1), limit=10) == 0
    assert get_grades(lead)[1] == "D4"
    assert grading.expire(now=midnight, limit=10) == 1
    assert get_grades(lead) == (lead.grade, lead.grade)
    assert GradeOverride.objects.latest("pk").reason == "expired"


def test_without_a_last_day_it_counts_for_ever() -> None:
    lead = make_lead()
    override(lead)
    assert grading.expire(now=TUESDAY + 4000 * DAY, limit=10) == 0


def test_expiring_is_bounded() -> None:
    for lead in make_leads(3):
        override(lead, days=0)
    assert grading.expire(now=TUESDAY + 3 * DAY, limit=2) == 2
    assert grading.expire(now=TUESDAY + 3 * DAY, limit=2) == 1


@pytest.mark.parametrize(
    ("grade", "reason", "days"), [("E1", "met", 0), ("", "met", 0), ("A1", " ", 0), ("A1", "x", -1)]
)
def test_nonsense_is_refused(grade: str, reason: str, days: int) -> None:
    lead, colleague = make_lead(), make_user("Consultants")
    with pytest.raises(ValueError, match="a "):
        grading.override(
            lead_id=lead.pk,
            grade=grade,
            reason=reason,
            until=TODAY + days * DAY,
            by_id=colleague.pk,
            now=TUESDAY,
        )
    assert get_grades(lead) == (lead.grade, lead.grade)


def test_the_database_refuses_to_change_what_was_written_down() -> None:
    override(make_lead())
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        GradeOverride.objects.update(reason="another")


def test_it_goes_with_the_person() -> None:
    lead = make_lead()
    override(lead)
    lead.respondent.delete()
    assert GradeOverride.objects.count() == 0


def test_a_judgement_keeps_its_first_moment() -> None:
    lead = make_lead()
    assert grading.judge(lead_ids=[lead.pk], judgement=Lead.Judgement.GOOD, now=TUESDAY) == 1
    grading.judge(lead_ids=[lead.pk], judgement=Lead.Judgement.BAD, now=TUESDAY + DAY)
    lead.refresh_from_db()
    assert (lead.judgement, lead.judged_at) == ("bad", TUESDAY)
