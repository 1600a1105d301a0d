"""What a CRM sees of colleagues' work: who, how far and why, what is next, and whose grade."""

from datetime import timedelta
from typing import Any

import pytest

from leads import grading, handover, working
from leads.models import ClosingReason, Lead, Scope
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.integrating import make_lead
from tests.leads.test_api import make_key, read

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORK = ("owner", "taken_at", "stage", "stage_since", "stage_reason", "next_step_at")
GRADE = ("grade", "graded_by", "graded_until", "computed_grade")


def read_lead(lead: Lead, *scopes: str) -> dict[str, Any]:
    """As the list and the lead's own address show it, which is the same."""
    key = make_key(Scope.LEADS, *scopes)
    listed, shown = read("leads", key)["leads"][0], read(f"leads/{lead.pk}", key)
    assert {name: shown[name] for name in listed} == listed
    return shown


def test_owner_stage_with_its_reason_and_next_step_are_shown() -> None:
    lead, kim = make_lead(), make_user("Consultants", name="kim")
    handover.take(lead_ids=[lead.pk], owner_id=kim.pk, now=TUESDAY + DAY)
    working.plan_step(
        lead_id=lead.pk, on=TUESDAY.date() + 9 * DAY, text="Ring Alva", now=TUESDAY + DAY
    )
    reason = ClosingReason.objects.create(key="late", ending="lost", name="Too late")
    for stage, text, days in (("booked", "Alva vill ses", 2), ("lost", "Alva slutar", 3)):
        working.move(
            lead_id=lead.pk,
            stage=Lead.Stage(stage),
            reason_id=reason.pk,
            text=text,
            by_id=kim.pk,
            now=TUESDAY + days * DAY,
        )
    shown = read_lead(lead)
    assert [shown[name] for name in WORK] == [
        "kim",
        "2026-09-16T07:00:00Z",
        "lost",
        "2026-09-18T07:00:00Z",
        "Too late",
        "2026-09-24",
    ]
    assert "Alva" not in str(shown)
    named = read_lead(lead, Scope.CONTACT)
    assert (named["next_step"], named["stage_words"]) == ("Ring Alva", "Alva slutar")


def test_a_lead_nobody_has_worked_with_says_so() -> None:
    lead = make_lead()
    shown = read_lead(lead, Scope.CONTACT)
    since = "2026-09-15T07:00:00Z"
    assert [shown[name] for name in WORK] == [None, None, "new", since, "", None]
    assert (shown["next_step"], shown["stage_words"]) == ("", "")


def test_a_grade_set_by_hand_stands_beside_the_computed_one_until_it_is_taken_back() -> None:
    lead, kim = make_lead(), make_user("Consultants", name="kim")
    until = TUESDAY.date() + 5 * DAY
    grading.override(
        lead_id=lead.pk, grade="D4", reason="Alva", until=until, by_id=kim.pk, now=TUESDAY
    )
    shown = read_lead(lead)
    assert [shown[name] for name in GRADE] == ["D4", "person", "2026-09-20", lead.grade]
    grading.lift(lead_id=lead.pk, by_id=kim.pk, now=TUESDAY)
    shown = read_lead(lead)
    assert [shown[name] for name in GRADE] == [lead.grade, "score", None, lead.grade]


def test_reasons_say_of_when_they_are_and_read_aloud() -> None:
    lead = make_lead()
    shown = read_lead(lead)
    assert shown["scored_at"] == "2026-09-18T07:00:00Z"
    reasons = {each["key"]: each for each in shown["reasons"]}
    assert reasons["contact_allowed"] == {
        "axis": "engagement",
        "key": "contact_allowed",
        "label": "",
        "points": 37,
        "days_ago": 3,
        "words": "+37 asked to be contacted 3 days ago",
    }
    assert {each["days_ago"] for each in shown["reasons"] if each["axis"] == "fit"} == {None}


@pytest.mark.parametrize(
    "change", [{"override_until": TUESDAY.date()}, {"taken_at": TUESDAY}, {"next_step": "Ring"}]
)
def test_whatever_is_shown_moves_the_date_that_is_asked_for(change: dict[str, Any]) -> None:
    lead = make_lead()
    lead.refresh_from_db()
    Lead.objects.update(**change)
    assert Lead.objects.get().changed_at > lead.changed_at


def test_moves_of_many_leads_cost_one_query_and_each_has_its_own() -> None:
    kim, leads = make_user("Consultants", name="kim"), [make_lead(number=n) for n in range(3)]
    for number, lead in enumerate(leads[:2]):
        for stage in (Lead.Stage.IN_TOUCH, Lead.Stage.NEW, Lead.Stage.BOOKED)[: number + 1]:
            working.move(
                lead_id=lead.pk, stage=stage, reason_id=None, text=stage, by_id=kim.pk, now=TUESDAY
            )
    page = read("leads", make_key(Scope.LEADS, Scope.CONTACT))["leads"]
    words = {each["id"]: each["stage_words"] for each in page}
    assert words == {leads[0].pk: "in_touch", leads[1].pk: "new", leads[2].pk: ""}
