"""The worker's entry point for what logging in leaves behind."""

from typing import Any

from celery import shared_task
from django.utils import timezone

BATCH = 1000


@shared_task
def forget_logins(**_: Any) -> None:
    from pmoportal import logins  # noqa: PLC0415  # needs loaded models

    logins.forget(now=timezone.now(), limit=BATCH)
