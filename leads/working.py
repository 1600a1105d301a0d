"""What a consultant does with a lead: moves it, writes about it, plans the next step."""

from datetime import date, datetime

from django.db import transaction

from campaigns import leaving
from leads import holding
from leads.models import ClosingReason, Lead, Note, StageChange

# With these the sequences have done their work, and end with the stage as their reason.
GOALS = (Lead.Stage.BOOKED, Lead.Stage.WON)
ENDINGS = (Lead.Stage.WON, Lead.Stage.LOST)


class NoReason(ValueError):
    """A move without a word why, or an ending without a reason from the list."""


@transaction.atomic
def move(  # each is a column of the row
    *,
    lead_id: int,
    stage: Lead.Stage,
    reason_id: int | None,
    text: str,
    by_id: int,
    now: datetime,
) -> StageChange | None:
    """From any stage to any other; None when it is there already. Raises NoReason.

    A booked talk, and a won lead, end the person's sequences; a lost one gets its mail again.
    """
    lead = _lock(lead_id)
    reason = _get_reason(stage, reason_id)
    if not text and not reason:
        raise NoReason
    if lead.stage == stage:
        return None
    before, lead.stage = lead.stage, stage
    _touch(lead, now, "stage")
    if stage in GOALS:
        leaving.leave(respondent_ids=[lead.respondent_id], reason=str(stage), now=now)
    elif stage == Lead.Stage.LOST:
        holding.let_go(lead=lead, now=now)
    return StageChange.objects.create(
        lead=lead, before=before, after=stage, reason=reason, text=text, by_id=by_id, at=now
    )


@transaction.atomic
def write_note(*, lead_id: int, text: str, by_id: int, now: datetime) -> Note:
    lead = _lock(lead_id)
    _touch(lead, now)
    return Note.objects.create(lead=lead, text=text, by_id=by_id, at=now)


def remove_note(*, lead_id: int, note_id: int, by_id: int) -> bool:
    """One's own, and only that."""
    return bool(Note.objects.filter(pk=note_id, lead=lead_id, by=by_id).delete()[0])


@transaction.atomic
def plan_step(*, lead_id: int, on: date | None, text: str, now: datetime) -> None:
    """Set, change or (with no date) clear the next step."""
    lead = _lock(lead_id)
    lead.next_step_at, lead.next_step = on, text if on else ""
    _touch(lead, now, "next_step_at", "next_step")


def _lock(lead_id: int) -> Lead:
    rows = Lead.objects.select_related("response").select_for_update(of=("self",))
    return rows.get(pk=lead_id)


def _touch(lead: Lead, now: datetime, *columns: str) -> None:
    lead.touched_at, lead.escalated_at = now, None
    lead.save(update_fields=["touched_at", "escalated_at", *columns])


def _get_reason(stage: Lead.Stage, reason_id: int | None) -> str:
    """Its words; an ending must have one of its own, other stages have none."""
    if stage not in ENDINGS:
        return ""
    reason = ClosingReason.objects.filter(pk=reason_id or 0, ending=stage).first()
    if reason is None:
        raise NoReason
    return reason.name
