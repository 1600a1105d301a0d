"""Moving a lead, writing about it, planning the next step."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from campaigns import advancing
from campaigns.models import Enrolment, Freeze, Message
from leads import handover, seeding, working
from leads.models import ClosingReason, Lead, Note, StageChange
from leads.working import NoReason
from tests.factories import TUESDAY, read_content
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
Stage = Lead.Stage


@pytest.fixture
def karin() -> User:
    seeding.seed_texts(shipped=read_content("leads.yaml"))
    return make_consultant()


def move(
    lead: Lead, stage: Stage, by: User, *, text: str = "", reason: str = ""
) -> StageChange | None:
    chosen = ClosingReason.objects.get(key=reason).pk if reason else None
    return working.move(
        lead_id=lead.pk, stage=stage, reason_id=chosen, text=text, by_id=by.pk, now=TUESDAY
    )


def test_a_move_is_a_row_with_its_reason(karin: User) -> None:
    lead = make_lead()
    change = move(lead, Stage.IN_TOUCH, karin, text="Called")
    assert change is not None
    assert (change.before, change.after, change.text, change.by, change.at) == (
        "new", "in_touch", "Called", karin, TUESDAY,
    )  # fmt: skip
    lead.refresh_from_db()
    assert (lead.stage, lead.touched_at) == ("in_touch", TUESDAY)


def test_stages_move_freely_also_back(karin: User) -> None:
    lead = make_lead()
    move(lead, Stage.LOST, karin, reason="lost-no-budget")
    move(lead, Stage.NEW, karin, text="Came back")
    assert [each.after for each in StageChange.objects.order_by("pk")] == ["lost", "new"]


def test_a_move_to_where_it_is_changes_nothing(karin: User) -> None:
    assert move(make_lead(), Stage.NEW, karin, text="Again") is None
    assert not StageChange.objects.exists()


@pytest.mark.parametrize(
    ("stage", "text", "reason"),
    [
        (Stage.IN_TOUCH, "", ""),
        (Stage.BOOKED, "", ""),
        (Stage.LOST, "Only words", ""),
        (Stage.WON, "", "lost-no-budget"),
        (Stage.LOST, "", "won-course"),
    ],
)
def test_a_move_needs_a_reason_and_an_ending_one_of_its_own(
    karin: User, stage: Stage, text: str, reason: str
) -> None:
    lead = make_lead()
    with pytest.raises(NoReason):
        move(lead, stage, karin, text=text, reason=reason)
    assert Lead.objects.get().stage == "new"


def test_a_reason_stays_as_it_was_chosen(karin: User) -> None:
    move(make_lead(), Stage.LOST, karin, reason="lost-no-budget", text="Nästa år")
    ClosingReason.objects.update(name_sv="Något annat")
    change = StageChange.objects.get()
    assert (change.reason, change.text) == ("Ingen budget", "Nästa år")


@pytest.mark.parametrize(("stage", "reason"), [(Stage.BOOKED, ""), (Stage.WON, "won-course")])
def test_a_booked_talk_or_a_won_lead_ends_the_series(
    karin: User, stage: Stage, reason: str
) -> None:
    lead = make_lead()
    advancing.plan_due(now=TUESDAY, limit=10)
    move(lead, stage, karin, text="x", reason=reason)
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.reason) == ("stopped", stage)
    queued = Message.objects.get(kind="campaign")
    assert (queued.state, queued.reason) == ("skipped", stage)


def test_a_lost_lead_gets_its_mail_again(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY - DAY)
    move(lead, Stage.LOST, karin, reason="lost-no-need")
    assert Freeze.objects.get().until == TUESDAY
    assert Enrolment.objects.get().state == "active"


@pytest.mark.parametrize("act", ["update", "delete"])
def test_a_change_of_stage_is_for_ever(karin: User, act: str) -> None:
    move(make_lead(), Stage.IN_TOUCH, karin, text="Called")
    rows = StageChange.objects.all()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rows.update(text="Never") if act == "update" else rows.delete()


def test_a_note_is_its_authors_to_remove(karin: User) -> None:
    lead, olof = make_lead(), make_consultant("olof")
    note = working.write_note(lead_id=lead.pk, text="**Ring**", by_id=karin.pk, now=TUESDAY)
    ids = {"lead_id": lead.pk, "note_id": note.pk}
    assert not working.remove_note(**ids, by_id=olof.pk)
    assert working.remove_note(**ids, by_id=karin.pk)
    assert not Note.objects.exists()


def test_a_next_step_is_planned_changed_and_cleared(karin: User) -> None:
    lead = make_lead(escalated_at=TUESDAY)
    on = TUESDAY.date()
    working.plan_step(lead_id=lead.pk, on=on, text="Ring", now=TUESDAY)
    lead.refresh_from_db()
    assert (lead.next_step_at, lead.next_step) == (on, "Ring")
    assert (lead.touched_at, lead.escalated_at) == (TUESDAY, None)
    working.plan_step(lead_id=lead.pk, on=None, text="left over", now=TUESDAY)
    lead.refresh_from_db()
    assert (lead.next_step_at, lead.next_step) == (None, "")
