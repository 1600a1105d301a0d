"""The worker's entry points. A task is a doorbell: safe to run twice, early, late or never."""

import logging
from functools import cache
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from assessments.personal_data import is_key_right
from campaigns import (
    advancing,
    delivery,
    invariants,
    measuring,
    pausing,
    purging,
    rights,
    sending,
)
from campaigns.inbox import InboxError, open_inbox
from campaigns.receiving import fetching
from campaigns.transport import Transport, get_key_life, open_transport
from pmoportal import pulse
from pmoportal.bell import ring

logger = logging.getLogger(__name__)

BATCH = 200
FETCH_BATCH = 50
# Emptying a row is cheap, and a million mails a day must be emptied in a day.
PURGE_BATCH = 2_500
CLICK_BATCH = 500
REMINDER_BATCH = 500


@shared_task
def plan_due_messages(**_: Any) -> None:
    planned = advancing.plan_due(now=timezone.now(), limit=BATCH)
    if planned.ready:
        ring(send_due_messages)
    if planned.looked_at >= BATCH:
        ring(plan_due_messages)


@shared_task
def send_due_messages(**_: Any) -> None:
    sent = sending.send_due(
        now=timezone.now(), limit=BATCH, transport=get_transport(), clock=timezone.now
    )
    if sent.is_more:
        ring(send_due_messages)


@shared_task
def settle_stale(**_: Any) -> None:
    settled = sending.settle_stale(now=timezone.now(), key_life=get_key_life(email=settings.EMAIL))
    if settled["freed"] or settled["keyed"] or settled["resent"]:
        ring(send_due_messages)
    delivery.settle_proven(now=timezone.now(), limit=BATCH)
    pulse.leave(now=timezone.now())


@shared_task
def watch_reputation(**_: Any) -> None:
    pausing.watch(now=timezone.now())


@shared_task
def judge_clicks(**_: Any) -> None:
    judged = measuring.judge_due(now=timezone.now(), limit=CLICK_BATCH)
    if judged.visits >= CLICK_BATCH:
        ring(judge_clicks)


@shared_task
def check_invariants(**_: Any) -> None:
    for broken in invariants.check(now=timezone.now()):
        logger.error("invariant broken: %s (%d rows)", broken.sentence, broken.count)


@shared_task
def remind_of_requests(**_: Any) -> None:
    if rights.remind(now=timezone.now(), limit=REMINDER_BATCH):
        ring(send_due_messages)


@shared_task
def purge(**_: Any) -> None:
    purging.purge(now=timezone.now(), limit=PURGE_BATCH)


@shared_task
def purge_slowly(**_: Any) -> None:
    purging.purge_slowly(now=timezone.now(), limit=PURGE_BATCH)


@shared_task
def fetch_replies(**_: Any) -> None:
    """Does nothing where no inbox is set up."""
    if settings.INBOUND is None:
        return
    try:
        inbox = open_inbox(inbound=settings.INBOUND)
        try:
            taken = fetching.fetch(inbox=inbox, limit=FETCH_BATCH, clock=timezone.now)
        finally:
            inbox.close()
    except InboxError as error:
        logger.warning("%s", error)
        return
    if taken >= FETCH_BATCH:
        ring(fetch_replies)


@cache
def get_transport() -> Transport:
    """This process's connections to the mail server, kept open between batches.

    Raises RuntimeError while suppressed addresses would not be recognised.
    """
    if not is_key_right():
        raise RuntimeError(
            "no mail leaves: ADDRESS_KEY is not the key that suppressed addresses are hashed with; "
            "set it back, or run manage.py rekey_addresses"
        )
    return open_transport(email=settings.EMAIL, connections=settings.SENDING_CONNECTIONS)
