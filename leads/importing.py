"""A sheet of changes to leads: first what each line would do, then doing it by the verbs that a
person would use. Makes no lead and no person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from leads import handover, working
from leads.assigning import get_colleagues
from leads.models import ClosingReason, Lead, Proposal
from leads.sheets.columns import COLUMNS, EVIDENCE, LANGUAGES
from leads.sheets.reading import BadSheet, Row

MOST_CHANGES = 2_000
KEEP = timedelta(days=1)
FARTHEST = timedelta(days=3 * 365)
NEXT_STEP_LENGTH, REASON_LENGTH = 200, 500
COMPARED = ("owner", "stage", "next_step_at", "next_step")


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one line of the file would do: column -> (before, after); or why it does nothing."""

    number: int
    lead_id: int | None = None
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reason: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What lines are judged by, read once."""

    leads: Mapping[int, Lead]
    colleagues: Mapping[str, int]
    stages: Mapping[str, str]
    endings: Mapping[tuple[str, str], int]
    today: date


def plan(*, rows: Sequence[Row], leads: QuerySet[Lead], now: datetime) -> list[Line]:
    """One Line per row. `leads` are those that whoever asks may change."""
    known = _get_known(rows, leads, now)
    seen: set[int] = set()
    lines = []
    for row in rows:
        line = _judge(row, known)
        if line.lead_id in seen:
            line = Line(number=row.number, fault="twice")
        elif line.lead_id:
            seen.add(line.lead_id)
        lines.append(line)
    if sum(bool(line.changes) for line in lines) > MOST_CHANGES:
        raise BadSheet("too_many_changes")
    return lines


def apply(*, lines: Sequence[Line], leads: QuerySet[Lead], by_id: int, now: datetime) -> list[Line]:
    """Do it, line by line; one that is out of date does nothing and says so."""
    return [_apply(line, leads, by_id, now) if line.changes else line for line in lines]


def forget(*, now: datetime) -> int:
    """What was looked at and not done within a day, and what was done."""
    return Proposal.objects.filter(created_at__lt=now - KEEP).delete()[0]


def _get_known(rows: Sequence[Row], leads: QuerySet[Lead], now: datetime) -> Known:
    wanted = {int(row.cells["id"]) for row in rows if _is_number(row.cells.get("id", ""))}
    found = leads.filter(pk__in=wanted).select_related("respondent", "owner").in_bulk()
    people = get_colleagues()
    stages = {str(key): str(key) for key in Lead.Stage.values}
    for language in LANGUAGES:
        with translation.override(language):
            stages |= {str(label).lower(): str(key) for key, label in Lead.Stage.choices}
    reasons = ClosingReason.objects.filter(is_active=True)
    return Known(
        leads=found,
        colleagues={each.get_username().lower(): each.pk for each in people},
        stages=stages,
        endings=_get_endings(reasons),
        today=timezone.localdate(now),
    )


def _get_endings(reasons: QuerySet[ClosingReason]) -> dict[tuple[str, str], int]:
    """Ending and name, in any language -> the reason."""
    found = {}
    for each in reasons:
        for language in LANGUAGES:
            name = getattr(each, f"name_{language}", None) or each.name
            found[str(each.ending), str(name).lower()] = each.pk
    return found


def _judge(row: Row, known: Known) -> Line:
    number, cells = row.number, row.cells
    if row.fault:
        return Line(number=number, fault=row.fault)
    if not cells.get("id"):
        is_proven = all(cells.get(key) for key in EVIDENCE)
        return Line(
            number=number, fault="new_with_evidence" if is_proven else "new_without_evidence"
        )
    lead = known.leads.get(int(cells["id"])) if _is_number(cells["id"]) else None
    if lead is None:
        return Line(number=number, fault="no_such_lead")
    changes = _get_changes(lead, cells, known)
    reason = cells.get("reason", "")[:REASON_LENGTH]
    fault = _find_fault(changes, reason, lead, known)
    if fault:
        return Line(number=number, lead_id=lead.pk, fault=fault)
    return Line(number=number, lead_id=lead.pk, changes=changes, reason=reason)


def _get_changes(lead: Lead, cells: Mapping[str, str], known: Known) -> dict[str, tuple[str, str]]:
    before = _read_lead(lead)
    wanted = {key: cells[key] for key in COMPARED if key in cells}
    if not wanted.get("stage"):  # a lead is always in one
        wanted.pop("stage", None)
    else:
        wanted["stage"] = known.stages.get(wanted["stage"].lower(), wanted["stage"])
    if "owner" in wanted:
        wanted["owner"] = wanted["owner"].lower()
        before["owner"] = before["owner"].lower()
    changes = {key: (before[key], text) for key, text in wanted.items() if before[key] != text}
    if cells.get("note"):
        changes["note"] = ("", cells["note"])
    return changes


def _read_lead(lead: Lead) -> dict[str, str]:
    shown = {column.key: column.get(lead) for column in COLUMNS if column.key in COMPARED}
    return shown | {"stage": str(lead.stage)}


def _find_fault(
    changes: Mapping[str, tuple[str, str]], reason: str, lead: Lead, known: Known
) -> str:
    if "owner" in changes and changes["owner"][1] not in {"", *known.colleagues}:
        return "no_such_colleague"
    if "stage" in changes:
        stage = changes["stage"][1]
        if stage not in Lead.Stage.values:
            return "no_such_stage"
        if stage in working.ENDINGS and (stage, reason.lower()) not in known.endings:
            return "no_closing_reason"
    return _find_fault_of_step(changes, lead, known)


def _find_fault_of_step(changes: Mapping[str, tuple[str, str]], lead: Lead, known: Known) -> str:
    day = changes.get("next_step_at", ("", ""))[1]
    if day:
        try:
            on = date.fromisoformat(day)
        except ValueError:
            return "bad_date"
        if not known.today <= on <= known.today + FARTHEST:
            return "day_passed"
    text = changes.get("next_step", ("", ""))[1]
    if len(text) > NEXT_STEP_LENGTH:
        return "too_long"
    has_day = bool(day) if "next_step_at" in changes else bool(lead.next_step_at)
    return "no_day" if text and not has_day else ""


@transaction.atomic
def _apply(line: Line, leads: QuerySet[Lead], by_id: int, now: datetime) -> Line:
    lead = leads.filter(pk=line.lead_id or 0).first()
    if lead is None:
        return Line(number=line.number, fault="no_such_lead")
    Lead.objects.select_for_update().get(pk=lead.pk)
    lead.refresh_from_db()
    current = _read_lead(lead)
    for key, (before, _after) in line.changes.items():
        if key in current and current[key].lower() != before.lower():
            return Line(number=line.number, lead_id=lead.pk, fault="changed_meanwhile")
    _do(lead, line, by_id, now)
    return line


def _do(lead: Lead, line: Line, by_id: int, now: datetime) -> None:
    wanted = {key: after for key, (_before, after) in line.changes.items()}
    reason = line.reason or translation.gettext("Imported from a file.")
    if "owner" in wanted:
        _give(lead, wanted["owner"], reason, by_id, now)
    if "stage" in wanted:
        stage = Lead.Stage(wanted["stage"])
        endings = _get_endings(ClosingReason.objects.filter(is_active=True, ending=stage))
        reason_id = endings.get((str(stage), reason.lower()))
        working.move(
            lead_id=lead.pk, stage=stage, reason_id=reason_id, text=reason, by_id=by_id, now=now
        )
    if "next_step_at" in wanted or "next_step" in wanted:
        day = wanted.get("next_step_at", _read_lead(lead)["next_step_at"])
        on = date.fromisoformat(day) if day else None
        text = wanted.get("next_step", lead.next_step)
        working.plan_step(lead_id=lead.pk, on=on, text=text, now=now)
    if "note" in wanted:
        working.write_note(lead_id=lead.pk, text=wanted["note"], by_id=by_id, now=now)


def _give(lead: Lead, name: str, reason: str, by_id: int, now: datetime) -> None:
    if not name:
        handover.release(lead_ids=[lead.pk], reason=reason, by_id=by_id, now=now)
        return
    owner = get_user_model().objects.get(username__iexact=name)
    if lead.owner_id is None:
        handover.take(lead_ids=[lead.pk], owner_id=owner.pk, by_id=by_id, now=now)
    else:
        handover.assign(lead_ids=[lead.pk], owner_id=owner.pk, reason=reason, by_id=by_id, now=now)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
