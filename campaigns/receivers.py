"""Providers' reports, and mail that they received for us, come in through anymail's webhooks; their
words stop here.
"""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from anymail.signals import inbound, tracking
from django.dispatch import receiver
from django.utils import timezone

from campaigns import delivery, receiving
from campaigns.bounces import Severity

# Where a provider says whether a bounce is for ever; anymail passes on that it was one.
SEVERITIES = {
    "Amazon SES": ("bounce", "bounceType"),
    "Brevo": ("event",),
    "MailerSend": ("data", "type"),
    "Mailgun": ("event-data", "severity"),
    "Mailjet": ("hard_bounce",),
    "Mandrill": ("event",),
    "Postal": ("payload", "status"),
    "Postmark": ("Type",),
    "Resend": ("data", "bounce", "type"),
    "SendGrid": ("type",),
    "SendinBlue": ("event",),
    "SparkPost": ("msys", "message_event", "bounce_class"),
}
HARD = {"hard_bounce", "hard_bounced", "hardbounce", "hardfail", "permanent", "true", "bounce"}
HARD |= {"10", "30"}  # SparkPost's
SOFT = {"soft_bounce", "soft_bounced", "softbounce", "softfail", "temporary", "transient"}
SOFT |= {"false", "undetermined", "blocked", "20", "21", "22", "23", "24", "40", "70"}


@receiver(tracking)
def record_report(event: Any, esp_name: str, **_: Any) -> None:
    now = timezone.now()
    report = delivery.Report(
        provider=esp_name,
        event_type=event.event_type or "",
        event_id=_get_event_id(event),
        message_id=_get_message_id(event),
        provider_id=_clean(event.message_id),
        recipient=_clean(event.recipient),
        reject_reason=event.reject_reason or "",
        words=f"{event.mta_response or ''} {event.description or ''}",
        happened_at=_get_moment(event.timestamp) or now,
        severity=get_severity(esp_name, event.esp_event),
    )
    delivery.record(report=report, received_at=now)


@receiver(inbound)
def take_mail(event: Any, **_: Any) -> None:
    receiving.take(
        raw=_get_bytes(event.message),
        received_at=timezone.now(),
        envelope_to=_clean(event.message.envelope_recipient),
    )


def _get_bytes(mail: Any) -> bytes:
    """The mail as it came. Some that providers take apart for us cannot be put together again:
    of those the headers and the text will do.
    """
    try:
        return bytes(mail.as_bytes())
    except (LookupError, TypeError, UnicodeError, ValueError):
        lines = [f"{name}: {' '.join(str(value).split())}" for name, value in mail.items()]
        kept = [each for each in lines if not each.lower().startswith("content-")]
        head = "\r\n".join([*kept, "Content-Type: text/plain; charset=utf-8", "", ""])
        return (head + str(mail.text or "")).encode("utf-8", "replace")


def get_severity(provider: str, said: Any) -> Severity:
    for name in SEVERITIES.get(provider, ("",)):
        said = said.get(name) if isinstance(said, dict) else None
    word = str(said).lower()
    return "hard" if word in HARD else "soft" if word in SOFT else ""


def _get_event_id(event: Any) -> str:
    """Without an id and a time of its own, a report is known by all that it says."""
    if event.event_id or event.timestamp:
        return _clean(event.event_id)
    said = json.dumps(event.esp_event, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _get_message_id(event: Any) -> str:
    """Ours, from the metadata; or from the tags, where a provider knows no metadata."""
    given = _clean((event.metadata or {}).get("message_id"))
    return given or next((each for each in map(_clean, event.tags or []) if _is_uuid(each)), "")


def _get_moment(timestamp: datetime | None) -> datetime | None:
    is_naive = timestamp is not None and timezone.is_naive(timestamp)
    return timestamp.replace(tzinfo=UTC) if timestamp and is_naive else timestamp


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _clean(value: Any) -> str:
    """PostgreSQL takes no NUL."""
    return str(value or "").replace("\x00", "")
