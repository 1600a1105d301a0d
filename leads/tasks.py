"""The worker's entry points for leads. Safe to run twice, late or never."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from leads import (
    alerting,
    checking,
    digesting,
    grading,
    handover,
    importing,
    invariants,
    refreshing,
    refusing,
)
from leads.hooks import dealing, telling
from pmoportal.bell import ring

logger = logging.getLogger(__name__)

BATCH = 500
# Mails to write in one go.
MAILS = 50
# Told to one webhook in a row; at five seconds each well within a task's time.
TOLD = 20


@shared_task
def refresh_lead(*, respondent_id: int, **_: Any) -> None:
    refreshing.refresh_lead(respondent_id=respondent_id, now=timezone.now())


@shared_task
def refresh_stale_leads(**_: Any) -> None:
    now = timezone.now()
    grading.expire(now=now, limit=BATCH)
    if refreshing.refresh_stale(now=now, limit=BATCH) >= BATCH:
        ring(refresh_stale_leads)


@shared_task
def check_lead_invariants(**_: Any) -> None:
    now = timezone.now()
    checking.check_slice(now=now)
    for broken in invariants.check(now=now):
        logger.error("invariant broken: %s (%d leads)", broken.sentence, broken.count)


@shared_task
def forget_refusals(**_: Any) -> None:
    refusing.forget(now=timezone.now())


@shared_task
def tell_hooks(**_: Any) -> None:
    """Deal what happened, and ring once for each hook that something waits for."""
    now = timezone.now()
    telling.settle_stale(now=now)
    if dealing.deal(now=now, limit=BATCH) >= BATCH:
        ring(tell_hooks)
    for hook_id in telling.get_ready(now=now):
        ring(tell_hook, hook_id=hook_id)


@shared_task
def tell_hook(*, hook_id: int, **_: Any) -> None:
    told = telling.tell(hook_id=hook_id, now=timezone.now(), limit=TOLD, clock=timezone.now)
    if told.is_more:
        ring(tell_hook, hook_id=hook_id)


@shared_task
def purge_integrations(**_: Any) -> None:
    now = timezone.now()
    dealing.purge(now=now, limit=BATCH * 10)
    importing.forget(now=now)


@shared_task
def tell_of_grades(**_: Any) -> None:
    alerting.tell_of_grades(now=timezone.now(), limit=BATCH)


@shared_task
def tell_mornings(**_: Any) -> None:
    """What is due from half past seven on: reminders, digests, what nobody has touched."""
    now = timezone.now()
    alerting.remind(now=now, limit=BATCH)
    alerting.tell_of_untouched(now=now, limit=BATCH)
    digesting.post_digests(now=now, limit=MAILS)


@shared_task
def resume_silent(**_: Any) -> None:
    handover.resume_silent(now=timezone.now(), limit=MAILS)
