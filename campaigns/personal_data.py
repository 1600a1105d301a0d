"""What this app keeps about people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from assessments import personal_data, profiles
from assessments.personal_data import Rows, read_rows
from campaigns import caught, engagement, letters, permission, purging, rights
from campaigns.columns import FIELDS, IMPERSONAL, SECTIONS
from campaigns.models import (
    AddressChange,
    Click,
    ClickCount,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    DeliveryEvent,
    Enrolment,
    Freeze,
    Lane,
    Message,
    Preference,
    Reply,
    RightsRequest,
    Suppression,
    TipAnswer,
)


def register() -> None:
    personal_data.register(
        app="campaigns",
        fields=FIELDS,
        impersonal=IMPERSONAL,
        sections=SECTIONS,
        export=export,
        erase=erase,
        suppress=suppress,
        get_signs=engagement.get_signs,
        get_addresses=get_addresses,
        forgettings=purging.FORGETTINGS,
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    consents = Consent.objects.filter(respondent=respondent_id)
    mails = Message.objects.filter(respondent=respondent_id)
    reports = DeliveryEvent.objects.filter(message__in=mails)
    keys = [permission.get_subject_key(each.email) for each in _get_person(respondent_id)]
    events = ConsentEvent.objects.filter(subject_key__in=keys)
    return {
        "consents": read_rows(consents.order_by("pk")),
        "requests": _read_requests(respondent_id),
        "consent_events": _add(events.order_by("pk"), _read_wording, "wording"),
        "suppressions": read_rows(Suppression.objects.filter(subject_key__in=keys)),
        "preferences": read_rows(Preference.objects.filter(respondent=respondent_id)),
        "address_changes": read_rows(
            AddressChange.objects.filter(respondent=respondent_id).order_by("pk")
        ),
        "freezes": read_rows(Freeze.objects.filter(respondent=respondent_id).order_by("pk")),
        "enrolments": _add(
            Enrolment.objects.filter(respondent=respondent_id).order_by("pk"),
            lambda row: {"campaign_name": row.campaign.name},
            "campaign",
        ),
        "mails": _add(
            mails.order_by("created_at", "pk"), _render, "compiled", "enrolment__campaign"
        ),
        "reports": read_rows(reports.order_by("happened_at", "pk")),
        "clicks": read_rows(Click.objects.filter(message__in=mails).order_by("at", "pk")),
        "click_counts": read_rows(ClickCount.objects.filter(message__in=mails).order_by("pk")),
        "replies": read_rows(_get_replies(respondent_id).order_by("received_at", "pk")),
        "tip_answers": read_rows(
            TipAnswer.objects.filter(respondent=respondent_id).order_by("answered_at", "pk")
        ),
        "rights_requests": read_rows(
            RightsRequest.objects.filter(respondent=respondent_id).order_by("pk")
        ),
    }


def _add(rows: QuerySet[Any], read: Callable[[Any], dict[str, Any]], *with_: str) -> Rows:
    """The registered columns of each row, and what `read` makes of it."""
    full = rows.select_related(*with_)
    return [row | read(each) for row, each in zip(read_rows(rows), full, strict=True)]


def _read_requests(respondent_id: int) -> Rows:
    origins = ConsentOrigin.objects.filter(respondent=respondent_id).order_by("pk")
    full = origins.prefetch_related("wordings")
    return [
        row | {"wordings": "\n\n".join(wording.text for wording in each.wordings.all())}
        for row, each in zip(read_rows(origins), full, strict=True)
    ]


def _read_wording(event: ConsentEvent) -> dict[str, Any]:
    return {"text": event.wording.text if event.wording else None}


def _render(message: Message) -> dict[str, Any]:
    """What the mail said; nothing once its contents are forgotten, or when there never were any."""
    try:
        rendered = letters.render(message)
    except (LookupError, ValueError):
        return {"subject": None, "text": None}
    return {"subject": rendered.subject, "text": rendered.text}


def erase(*, respondent_id: int, now: datetime) -> None:
    """A confirmation locks its request first, so this does too; `suppress` takes the lock that
    a hand-over takes, so that what is claimed at this moment does not leave.
    """
    origins = ConsentOrigin.objects.filter(respondent=respondent_id)
    list(origins.order_by("pk").select_for_update().values_list("pk"))
    theirs = Message.objects.filter(respondent=respondent_id)
    for person in _get_person(respondent_id):
        permission.suppress(email=person.email, reason=Suppression.Reason.ERASED, now=now)
        _close_requests(person, now)
        for email in {person.email, *get_addresses(respondent_id=respondent_id)}:
            _erase_words(email)
    _get_replies(respondent_id).delete()
    TipAnswer.objects.filter(respondent=respondent_id).delete()
    caught.forget_after_commit(list(theirs.values_list("pk", flat=True)))
    theirs.delete()
    Enrolment.objects.filter(respondent=respondent_id).delete()
    Consent.objects.filter(respondent=respondent_id).delete()
    Freeze.objects.filter(respondent=respondent_id).delete()
    Preference.objects.filter(respondent=respondent_id).delete()
    AddressChange.objects.filter(respondent=respondent_id).delete()
    origins.delete()


def get_addresses(*, respondent_id: int) -> set[str]:
    """Those that the person has proved, which may have been another once."""
    proved = Q(kind=Message.Kind.CAMPAIGN) | Q(template="address_moved")
    theirs = Message.objects.filter(proved, respondent=respondent_id)
    return {email.lower() for email in theirs.values_list("to", flat=True)}


def suppress(*, subject_key: str, now: datetime) -> None:
    permission.suppress_erased(subject_key=subject_key, now=now)


def _close_requests(person: Any, now: datetime) -> None:
    """While the person's mails are still there, to say who carried them."""
    receipt = personal_data.get_receipt(
        subject_key=permission.get_subject_key(person.email), at=now
    )
    rights.queue_at_providers(respondent_id=person.pk, receipt=receipt, now=now)
    rights.let_go(respondent_ids=[person.pk], receipt=receipt, now=now)


def _erase_words(email: str) -> None:
    """Where others speak of the address: mail servers, and mail to colleagues."""
    Lane.objects.filter(evidence__icontains=email).update(evidence="")
    to_others = Message.objects.filter(respondent=None)
    to_others.filter(
        Q(to=email) | Q(values__icontains=email) | Q(evidence__icontains=email)
    ).delete()


def _get_replies(respondent_id: int) -> QuerySet[Reply]:
    """Theirs, and what came from their address when nobody knew whose it was."""
    addresses = _get_person(respondent_id).values("email")
    return Reply.objects.filter(Q(respondent=respondent_id) | Q(sender__in=addresses))


def _get_person(respondent_id: int) -> QuerySet[Any]:
    return profiles.get_people().filter(pk=respondent_id)
