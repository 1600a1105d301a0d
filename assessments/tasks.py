"""The worker's entry points for the test. Safe to run twice, late or never."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from assessments import comparing, erasures, purging, tallying

BATCH = 1000


@shared_task
def purge(**_: Any) -> None:
    purging.purge(now=timezone.now(), limit=BATCH)
    erasures.write_lines()


@shared_task
def tally(**_: Any) -> None:
    tallying.tally_ended(now=timezone.now(), limit=BATCH)


@shared_task
def freeze_snapshots(**_: Any) -> None:
    comparing.freeze_snapshots(now=timezone.now())
