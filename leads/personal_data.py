"""What this app keeps about people."""

from datetime import datetime
from typing import Any

from django.db import connection

from assessments import personal_data
from assessments.personal_data import Kind, Purpose, Retention, Rows, Section, describe, read_rows
from campaigns import posting
from leads import words
from leads.models import (
    Alert,
    Calendar,
    ClosingReason,
    Consultant,
    Delivery,
    Event,
    GradeOverride,
    HandOver,
    Hook,
    Lead,
    Note,
    OpeningQuestion,
    Preference,
    Proposal,
    Refusal,
    SavedView,
    ScoreFault,
    ScoreRules,
    StageChange,
    Token,
)
from leads.models import (
    Kind as EventKind,
)

FIELDS = [
    *describe(
        Lead,
        "respondent response may_contact fit engagement grade reasons weakest_role organisation "
        "owner stage created_at scored_at next_step_at next_step reminded_for touched_at taken_at "
        "held_at holds_organisation alerted_grade escalated_at weakest_key rules_number "
        "override_grade override_until effective_grade heard_at quiet_since judgement judged_at "
        "changed_at carried_at",
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
        ScoreFault,
        "lead columns found_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.PERSON,
    ),
    *describe(
        Event,
        "respondent_id lead_id details kind happened_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.REPORTS,
    ),
    *describe(
        Delivery,
        "respondent_id lead_id body kind created_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.REPORTS,
    ),
    *describe(
        Proposal,
        "by name lines created_at applied_at",
        kind=Kind.SALES,
        purpose=Purpose.CONTACT,
        retention=Retention.CONTENTS,
    ),
    *describe(
        Token,
        "created_by",
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
]
IMPERSONAL = {
    Delivery: ("evidence",),
    Hook: ("name", "url", "kinds"),
    Token: ("name", "scopes", "prefix", "digest"),
    ClosingReason: ("key", "name"),
    OpeningQuestion: ("role_key", "text"),
    ScoreRules: ("document", "note"),
    Refusal: ("page",),
}

SECTIONS = {
    "lead": Section(model=Lead, extra={"reasons_in_words": "string", "rule": "string"}),
    "lead_stages": Section(model=StageChange),
    "lead_hand_overs": Section(model=HandOver),
    "lead_grades": Section(model=GradeOverride),
    "lead_wrong_scores": Section(model=ScoreFault),
    "lead_notes": Section(model=Note),
    "lead_alerts": Section(model=Alert),
    "lead_events": Section(model=Event),
    "lead_deliveries": Section(model=Delivery),
}


def register() -> None:
    personal_data.register(
        app="leads",
        fields=FIELDS,
        impersonal=IMPERSONAL,
        sections=SECTIONS,
        export=export,
        erase=erase,
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    own = {"lead__respondent": respondent_id}
    return {
        "lead": [
            row | _read_score(row)
            for row in read_rows(Lead.objects.filter(respondent=respondent_id))
        ],
        "lead_stages": read_rows(StageChange.objects.filter(**own)),
        "lead_hand_overs": read_rows(HandOver.objects.filter(**own)),
        "lead_grades": read_rows(GradeOverride.objects.filter(**own)),
        "lead_wrong_scores": read_rows(ScoreFault.objects.filter(**own)),
        "lead_notes": read_rows(Note.objects.filter(**own)),
        "lead_alerts": read_rows(Alert.objects.filter(**own)),
        "lead_events": read_rows(Event.objects.filter(respondent_id=respondent_id)),
        "lead_deliveries": read_rows(Delivery.objects.filter(respondent_id=respondent_id)),
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
    for told in (Event, Delivery):  # but that the person was erased is told
        told.objects.filter(respondent_id=respondent_id).exclude(kind=EventKind.ERASED).delete()
    Proposal.objects.all().delete()  # changes that nobody has made: they may name anybody


def _read_score(row: dict[str, Any]) -> dict[str, str]:
    """The points behind the place on the list, and the rule that adds them up."""
    return {
        "reasons_in_words": "\n".join(words.describe_reasons(row["reasons"])),
        "rule": words.describe_rule(ScoreRules.objects.get_in_force().rules),
    }
