"""Providers' reports come in through anymail's webhooks; their words stop here."""

from typing import Any

from anymail.signals import tracking
from django.dispatch import receiver
from django.utils import timezone

from campaigns import delivery


@receiver(tracking)
def record_report(event: Any, esp_name: str, **_: Any) -> None:
    now = timezone.now()
    report = delivery.Report(
        provider=esp_name,
        event_type=event.event_type or "",
        event_id=str(event.event_id or ""),
        message_id=str((event.metadata or {}).get("message_id", "")),
        provider_id=str(event.message_id or ""),
        recipient=event.recipient or "",
        reject_reason=event.reject_reason or "",
        words=f"{event.mta_response or ''} {event.description or ''}",
        happened_at=event.timestamp or now,
    )
    delivery.record(report=report, received_at=now)
