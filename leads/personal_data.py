"""What this app keeps about people."""

from datetime import datetime

from django.db import connection

from assessments import personal_data
from assessments.personal_data import Kind, Purpose, Retention, Rows, describe, read_rows
from campaigns import posting
from leads.models import (
    Alert,
    Calendar,
    ClosingReason,
    Consultant,
    GradeOverride,
    HandOver,
    Lead,
    Note,
    OpeningQuestion,
    Preference,
    Refusal,
    SavedView,
    ScoreRules,
    StageChange,
)

FIELDS = [
    *describe(
        Lead,
        "respondent response may_contact fit engagement grade reasons weakest_role organisation "
        "owner stage created_at scored_at next_step_at next_step reminded_for touched_at taken_at "
        "held_at holds_organisation alerted_grade escalated_at weakest_key rules_number "
        "override_grade override_until effective_grade heard_at quiet_since judgement judged_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        StageChange,
        "lead before after reason text by at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        HandOver,
        "lead kind before after is_for_organisation reason by at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        Note,
        "lead text by at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        Alert,
        "lead kind cause key at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        GradeOverride,
        "lead grade computed reason until at by",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        Consultant,
        "user",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        SavedView,
        "owner name query",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        Refusal,
        "user",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        ScoreRules,
        "published_by",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        Preference,
        "user",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        Calendar,
        "user",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
]
IMPERSONAL = {
    ClosingReason: ("key", "name"),
    OpeningQuestion: ("role_key", "text"),
    Refusal: ("page",),
    ScoreRules: ("document", "note"),
}


def register() -> None:
    personal_data.register(
        app="leads", fields=FIELDS, impersonal=IMPERSONAL, export=export, erase=erase
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    own = {"lead__respondent": respondent_id}
    return {
        "lead": read_rows(Lead.objects.filter(respondent=respondent_id)),
        "lead_stages": read_rows(StageChange.objects.filter(**own)),
        "lead_hand_overs": read_rows(HandOver.objects.filter(**own)),
        "lead_grades": read_rows(GradeOverride.objects.filter(**own)),
        "lead_notes": read_rows(Note.objects.filter(**own)),
        "lead_alerts": read_rows(Alert.objects.filter(**own)),
    }


def erase(*, respondent_id: int, now: datetime) -> None:
    """With what colleagues were told about the person by mail, and the history that is else
    only added to.
    """
    alerts = Alert.objects.filter(lead__respondent=respondent_id)
    posting.forget(keys=list(alerts.values_list("key", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pmo.purge = 'on'")
        Lead.objects.filter(respondent=respondent_id).delete()
        cursor.execute("SET LOCAL pmo.purge = 'off'")
