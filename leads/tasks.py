"""The worker's entry points for leads. Safe to run twice, late or never."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from leads import refreshing

BATCH = 200


@shared_task
def refresh_lead(*, respondent_id: int, **_: Any) -> None:
    refreshing.refresh_lead(respondent_id=respondent_id, now=timezone.now())


@shared_task
def refresh_stale_leads(**_: Any) -> None:
    refreshing.refresh_stale(now=timezone.now(), limit=BATCH)
