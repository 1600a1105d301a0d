"""What this app keeps about people."""

from datetime import datetime
from typing import Any

from assessments import personal_data
from assessments.personal_data import Kind, Purpose, Retention, Rows, Section, describe, read_rows
from leads import words
from leads.models import Lead

FIELDS = [
    *describe(
        Lead,
        "respondent response may_contact fit engagement grade reasons weakest_role organisation "
        "owner stage created_at scored_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
]
SECTIONS = {"lead": Section(model=Lead, extra={"reasons_in_words": "string", "rule": "string"})}


def register() -> None:
    personal_data.register(
        app="leads", fields=FIELDS, sections=SECTIONS, export=export, erase=erase
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    rows = read_rows(Lead.objects.filter(respondent=respondent_id))
    return {"lead": [row | _read_score(row) for row in rows]}


def erase(*, respondent_id: int, now: datetime) -> None:
    Lead.objects.filter(respondent=respondent_id).delete()


def _read_score(row: dict[str, Any]) -> dict[str, str]:
    """The points behind the place on the list, and the rule that adds them up."""
    return {
        "reasons_in_words": "\n".join(words.describe_reasons(row["reasons"])),
        "rule": words.describe_rule(),
    }
