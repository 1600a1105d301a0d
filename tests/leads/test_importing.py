"""What lines of a sheet would do, and doing it by the verbs of a consultant."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from leads import importing
from leads.importing import Line
from leads.models import ClosingReason, HandOver, Lead, Note, StageChange
from leads.sheets.reading import BadSheet, Row
from leads.sheets.words import LINE, SHEET
from tests.admin import make_user
from tests.factories import TUESDAY
from tests.leads.integrating import make_lead

pytestmark = pytest.mark.django_db
NOW = TUESDAY + timedelta(days=3)


@pytest.fixture
def kim() -> User:
    return make_user("Consultants", name="kim")


def plan(*rows: dict[str, str]) -> list[Line]:
    numbered = [Row(number=number, cells=cells) for number, cells in enumerate(rows, start=2)]
    return importing.plan(rows=numbered, leads=Lead.objects.all(), now=NOW)


def carry_out(*rows: dict[str, str], by: User) -> list[Line]:
    leads = Lead.objects.all()
    return importing.apply(lines=plan(*rows), leads=leads, by_id=by.pk, now=NOW)


def get_fault(**cells: str) -> str:
    (line,) = plan(cells)
    assert line.fault in {"", *LINE}
    return line.fault


def test_a_line_says_what_it_would_change_and_changes_nothing(kim: User) -> None:
    lead = make_lead()
    (line,) = plan(
        {"id": str(lead.pk), "owner": "KIM", "stage": "Kontakt", "note": "Ring", "reason": "Mässan"}
        | {"stage": "booked", "next_step_at": "2026-10-01", "next_step": "Ring"}
    )
    assert line == Line(
        number=2,
        lead_id=lead.pk,
        changes={
            "owner": ("", "kim"),
            "stage": ("new", "booked"),
            "next_step_at": ("", "2026-10-01"),
            "next_step": ("", "Ring"),
            "note": ("", "Ring"),
        },
        reason="Mässan",
    )
    lead.refresh_from_db()
    assert (lead.owner, lead.stage, Note.objects.count()) == (None, "new", 0)


def test_it_is_done_by_the_verbs_that_a_person_uses(kim: User) -> None:
    lead, boss = make_lead(), make_user("Administrators")
    with translation.override("en"):
        carry_out(
            {"id": str(lead.pk), "owner": "kim", "stage": "in_touch", "note": "**Ring**"}
            | {"next_step_at": "2026-10-01", "next_step": "Ring"},
            by=boss,
        )
    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (kim, "in_touch")
    assert (lead.next_step_at, lead.next_step) == (date(2026, 10, 1), "Ring")
    assert Note.objects.get().by == boss
    assert StageChange.objects.get().text == "Imported from a file."
    hand_over = HandOver.objects.get()
    assert (hand_over.kind, hand_over.after, hand_over.by) == ("taken", kim, boss)
    assert lead.held_at is not None


def test_an_owner_is_changed_and_taken_away_with_a_reason(kim: User) -> None:
    lead, robin = make_lead(), make_user("Consultants", name="robin")
    carry_out({"id": str(lead.pk), "owner": "kim"}, by=kim)
    carry_out({"id": str(lead.pk), "owner": "robin", "reason": "Norr"}, by=kim)
    lead.refresh_from_db()
    assert lead.owner == robin
    carry_out({"id": str(lead.pk), "owner": "", "reason": "Slutar"}, by=kim)
    lead.refresh_from_db()
    assert lead.owner is None
    reasons = HandOver.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["", "Norr", "Slutar"]


def test_an_ending_needs_a_reason_from_the_list(kim: User) -> None:
    ClosingReason.objects.all().delete()
    ClosingReason.objects.create(key="price", ending="lost", name="För dyrt")
    lead = make_lead()
    key = str(lead.pk)
    assert get_fault(id=key, stage="lost") == "no_closing_reason"
    assert get_fault(id=key, stage="won", reason="För dyrt") == "no_closing_reason"
    carry_out({"id": key, "stage": "Förlorad", "reason": "för dyrt"}, by=kim)
    if not StageChange.objects.exists():  # before the words are translated
        carry_out({"id": key, "stage": "Lost", "reason": "för dyrt"}, by=kim)
    assert StageChange.objects.get().reason == "För dyrt"


def test_what_is_so_already_is_no_change(kim: User) -> None:
    lead = make_lead()
    key = str(lead.pk)
    row = {"id": key, "owner": "", "stage": "New", "next_step": "", "next_step_at": "", "note": ""}
    assert plan(row) == [Line(number=2, lead_id=lead.pk)]
    assert plan(row | {"stage": ""}) == [Line(number=2, lead_id=lead.pk)]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"owner": "nobody"}, "no_such_colleague"),
        ({"owner": "marketers"}, "no_such_colleague"),
        ({"stage": "sold"}, "no_such_stage"),
        ({"next_step_at": "1/10", "next_step": "x"}, "bad_date"),
        ({"next_step_at": "2026-09-01"}, "day_passed"),
        ({"next_step_at": "2036-09-01"}, "day_passed"),
        ({"next_step": "Ring"}, "no_day"),
        ({"next_step": "x" * 201, "next_step_at": "2026-10-01"}, "too_long"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(cells: dict[str, str], fault: str) -> None:
    make_user("Marketers")
    assert get_fault(id=str(make_lead().pk), **cells) == fault


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "1.5"])
def test_a_lead_that_is_not_there_is_refused(key: str) -> None:
    assert get_fault(id=key, owner="kim") == "no_such_lead"


def test_a_lead_that_is_not_theirs_to_change_is_refused() -> None:
    row = Row(number=2, cells={"id": str(make_lead().pk), "note": "x"})
    (line,) = importing.plan(rows=[row], leads=Lead.objects.none(), now=NOW)
    assert line.fault == "no_such_lead"


def test_a_file_adds_nobody() -> None:
    """Not even with evidence: a lead is somebody who took the test."""
    evidence = {
        "consent_wording": "Ring mig",
        "consent_at": "2026-09-01",
        "consent_source": "mässan",
    }
    new = {"address": "new@example.se", "note": "x"}
    assert [line.fault for line in plan(new, new | evidence)] == [
        "new_without_evidence",
        "new_with_evidence",
    ]
    assert not Lead.objects.exists()


def test_the_second_line_about_a_lead_is_refused() -> None:
    key = str(make_lead().pk)
    assert [line.fault for line in plan({"id": key, "note": "a"}, {"id": key, "note": "b"})] == [
        "",
        "twice",
    ]


def test_a_faulty_line_keeps_the_fault_it_was_read_with() -> None:
    (line,) = importing.plan(
        rows=[Row(number=2, cells={"id": "1"}, fault="formula")], leads=Lead.objects.all(), now=NOW
    )
    assert line == Line(number=2, fault="formula")


def test_a_lead_that_was_changed_meanwhile_is_left_alone(kim: User) -> None:
    first, second = make_lead(), make_lead(number=1)
    lines = plan({"id": str(first.pk), "owner": "kim"}, {"id": str(second.pk), "owner": "kim"})
    robin = make_user("Consultants", name="robin")
    Lead.objects.filter(pk=first.pk).update(owner=robin)
    Lead.objects.filter(pk=second.pk).update(fit=3)  # which the line has nothing to do with
    done = importing.apply(lines=lines, leads=Lead.objects.all(), by_id=kim.pk, now=NOW)
    assert [line.fault for line in done] == ["changed_meanwhile", ""]
    first.refresh_from_db()
    assert first.owner == robin


def test_more_changes_than_can_be_done_at_once_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "MOST_CHANGES", 1)
    keys = [str(make_lead(number=number).pk) for number in range(2)]
    with pytest.raises(BadSheet) as caught:
        plan(*({"id": key, "note": "x"} for key in keys))
    assert caught.value.reason in SHEET


def test_a_plan_costs_the_same_queries_however_long(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    keys = [str(make_lead(number=number).pk) for number in range(4)]
    with django_assert_num_queries(3):
        plan(*({"id": key, "note": "x"} for key in keys))
