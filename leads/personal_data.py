"""What this app keeps about people."""

from datetime import datetime

from assessments import personal_data
from assessments.personal_data import Kind, Purpose, Retention, Rows, describe, read_rows
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


def register() -> None:
    personal_data.register(app="leads", fields=FIELDS, export=export, erase=erase)


def export(*, respondent_id: int) -> dict[str, Rows]:
    return {"lead": read_rows(Lead.objects.filter(respondent=respondent_id))}


def erase(*, respondent_id: int, now: datetime) -> None:
    Lead.objects.filter(respondent=respondent_id).delete()
