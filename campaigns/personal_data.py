"""What this app keeps about people."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from assessments import personal_data, profiles
from assessments.personal_data import Kind, Purpose, Retention, Rows, describe, read_rows
from campaigns import permission
from campaigns.models import (
    Campaign,
    CampaignVersion,
    CompiledMail,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    DeliveryEvent,
    Enrolment,
    Freeze,
    Lane,
    Message,
    Pause,
    Permit,
    Step,
    Suppression,
    Tip,
)

FIELDS = [
    *describe(
        Consent,
        "respondent purpose state asked_at confirmed_at withdrawn_at",
        kind=Kind.CONSENT,
        purpose=Purpose.EVIDENCE,
        retention=Retention.PERSON,
    ),
    *describe(
        ConsentOrigin,
        "respondent response first_name language asked_at due_at confirmed_at",
        kind=Kind.CONSENT,
        purpose=Purpose.EVIDENCE,
        retention=Retention.PERSON,
    ),
    *describe(
        ConsentOrigin,
        "path ip",
        kind=Kind.ORIGIN,
        purpose=Purpose.EVIDENCE,
        retention=Retention.IP,
    ),
    *describe(
        ConsentEvent,
        "subject_key purpose kind wording source happened_at",
        kind=Kind.FINGERPRINT,
        purpose=Purpose.EVIDENCE,
        retention=Retention.EVIDENCE,
    ),
    *describe(
        Suppression,
        "subject_key reason created_at",
        kind=Kind.FINGERPRINT,
        purpose=Purpose.DO_NOT_CONTACT,
        retention=Retention.STANDING,
    ),
    *describe(
        Enrolment,
        "respondent response campaign version moved_from state reason started_at ended_at "
        "next_due_at hold_reason hold_until",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.PERSON,
    ),
    *describe(
        Freeze,
        "respondent reason began_at until",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.PERSON,
    ),
    *describe(
        Message,
        "id key kind enrolment respondent step_key tip_key template to language compiled variant "
        "state reason created_at due_at not_after attempt sending_at resent_at doubted_at sent_at "
        "ended_at phase provider_id",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.PERSON,
    ),
    *describe(
        Message,
        "values evidence",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.CONTENTS,
    ),
    *describe(
        DeliveryEvent,
        "message claimed_id provider kind code happened_at received_at",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.PERSON,
    ),
    *describe(
        Lane,
        "name evidence",
        kind=Kind.MAIL,
        purpose=Purpose.TIPS,
        retention=Retention.CONTENTS,
    ),
    *describe(
        CampaignVersion,
        "published_by",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
    *describe(
        Permit,
        "granted_by",
        kind=Kind.STAFF,
        purpose=Purpose.ADMINISTRATION,
        retention=Retention.STAFF,
    ),
]
IMPERSONAL = {
    Campaign: ["key", "name", "weekdays", "zone", "blackout_dates", "pause_reason"],
    CampaignVersion: ["document", "compiled"],
    CompiledMail: ["digest", "subject", "text", "html"],
    ConsentWording: ["language", "text"],
    DeliveryEvent: ["key"],
    Message: ["is_urgent", "claim", "lease_until"],
    Pause: ["reason"],
    Permit: ["host", "database"],
    Step: ["key", "subject", "subject_b", "preview", "body"],
    Tip: ["key", "role_key", "tags", "subject", "subject_b", "preview", "body"],
}


def register() -> None:
    personal_data.register(
        app="campaigns", fields=FIELDS, impersonal=IMPERSONAL, export=export, erase=erase
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    consents = Consent.objects.filter(respondent=respondent_id)
    origins = ConsentOrigin.objects.filter(respondent=respondent_id)
    mails = Message.objects.filter(respondent=respondent_id)
    reports = DeliveryEvent.objects.filter(message__in=mails)
    keys = [permission.get_subject_key(each.email) for each in _get_person(respondent_id)]
    return {
        "consents": read_rows(consents.order_by("pk")),
        "requests": read_rows(origins.order_by("pk")),
        "consent_events": read_rows(
            ConsentEvent.objects.filter(subject_key__in=keys).order_by("pk")
        ),
        "suppressions": read_rows(Suppression.objects.filter(subject_key__in=keys)),
        "enrolments": read_rows(Enrolment.objects.filter(respondent=respondent_id).order_by("pk")),
        "freezes": read_rows(Freeze.objects.filter(respondent=respondent_id).order_by("began_at")),
        "mails": read_rows(mails.order_by("created_at")),
        "reports": read_rows(reports.order_by("happened_at")),
    }


def erase(*, respondent_id: int, now: datetime) -> None:
    """A confirmation locks its request first, so this does too; `suppress` takes the lock that
    a hand-over takes, so that what is claimed at this moment does not leave.
    """
    origins = ConsentOrigin.objects.filter(respondent=respondent_id)
    list(origins.order_by("pk").select_for_update().values_list("pk"))
    for person in _get_person(respondent_id):
        permission.suppress(email=person.email, reason=Suppression.Reason.ERASED, now=now)
        Lane.objects.filter(evidence__icontains=person.email).update(evidence="")
    DeliveryEvent.objects.filter(message__respondent=respondent_id).delete()
    Message.objects.filter(respondent=respondent_id).delete()
    Enrolment.objects.filter(respondent=respondent_id).delete()
    Consent.objects.filter(respondent=respondent_id).delete()
    origins.delete()


def _get_person(respondent_id: int) -> QuerySet[Any]:
    return profiles.get_people().filter(pk=respondent_id)
