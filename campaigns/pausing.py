"""Pause, close or stop a campaign, by a person or by the guard of our name, and let it go on.

Nothing is lost by a pause: planned mail and due people wait, and go on by the one planner. A
closed campaign takes in nobody new. A stopped one is over for everybody.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from campaigns import bounces, locks, permission, words
from campaigns.bounces import BOUNCES_OF, COMPLAINTS_OF, Reputation
from campaigns.models import Campaign, DeliveryEvent, Enrolment, Message, Pause

logger = logging.getLogger(__name__)

Kind = DeliveryEvent.Kind

LOOK_BACK = timedelta(days=30)
BY_HAND = words.BY_HAND
STOPPED = "campaign_stopped"


@transaction.atomic
def pause(*, campaign_id: int, reason: str, now: datetime, by: str = "") -> bool:
    """Nothing of this campaign is handed over after this commit. `by` is the name of the person who
    chose it; nobody's for the guard. Whether it was running.
    """
    locks.lock_campaign(campaign_id=campaign_id)
    running = Campaign.objects.filter(pk=campaign_id, paused_at=None)
    return bool(running.update(paused_at=now, pause_reason=reason, paused_by=by))


@transaction.atomic
def resume(*, campaign_id: int, now: datetime) -> bool:
    """Time goes on where it stood still: what was due is looked at again, and everything else is
    due as much later as the pause was long. Whether it was paused.
    """
    locks.lock_campaign(campaign_id=campaign_id)
    campaign = Campaign.objects.exclude(paused_at=None).filter(pk=campaign_id).first()
    if campaign is None:
        return False
    assert campaign.paused_at
    began_at = campaign.paused_at
    Pause.objects.create(
        campaign=campaign,
        began_at=began_at,
        ended_at=max(now, began_at),
        reason=campaign.pause_reason,
        paused_by=campaign.paused_by,
    )
    running = {"paused_at": None, "pause_reason": "", "paused_by": ""}
    Campaign.objects.filter(pk=campaign_id).update(**running)
    Enrolment.objects.filter(
        campaign=campaign_id, state=Enrolment.State.ACTIVE, hold_reason="campaign_paused"
    ).update(next_due_at=now, hold_reason="", hold_until=None)
    Message.objects.filter(
        enrolment__campaign=campaign_id, state=Message.State.QUEUED, reason="campaign_paused"
    ).update(due_at=now, not_after=F("not_after") + (now - began_at), reason="")
    return True


def close(*, campaign_id: int, now: datetime) -> bool:
    """Nobody new enters; those under way go on to their end. Whether it was open."""
    return bool(Campaign.objects.filter(pk=campaign_id, closed_at=None).update(closed_at=now))


def reopen(*, campaign_id: int) -> bool:
    """People enter again from now on; nobody who was stopped comes back. Whether it was closed."""
    closed = Campaign.objects.filter(pk=campaign_id, closed_at__isnull=False)
    return bool(closed.update(closed_at=None))


@transaction.atomic
def stop(*, campaign_id: int, now: datetime) -> int:
    """End it for everybody under way, and close it. Returns for how many people.

    What a worker has claimed is asked about once more before it leaves, and then finds the
    enrolment stopped.
    """
    locks.lock_campaign(campaign_id=campaign_id)
    close(campaign_id=campaign_id, now=now)
    enrolments = Enrolment.objects.filter(campaign=campaign_id)
    return permission.stop(enrolments=enrolments, reason=STOPPED, now=now)


def watch(*, now: datetime) -> Counter[str]:
    """Halt each campaign whose mail is complained about, or comes back, too often. How many are
    in which standing.
    """
    standings: Counter[str] = Counter()
    for campaign in Campaign.objects.filter(paused_at=None):
        standing = get_reputation(campaign=campaign, now=now)
        standings[standing] += 1
        if standing == "complaints_warn":
            logger.warning("campaign %s: people complain about its mail", campaign.key)
        elif standing and pause(campaign_id=campaign.pk, reason=standing, now=now):
            logger.error("campaign %s was halted: %s", campaign.key, standing)
    return standings


def get_reputation(*, campaign: Campaign, now: datetime) -> Reputation:
    """How its last mails were received, since it was last resumed."""
    resumed_at = campaign.pauses.aggregate(at=Max("ended_at"))["at"]
    since = max(now - LOOK_BACK, resumed_at or now - LOOK_BACK)
    last = Message.objects.filter(enrolment__campaign=campaign, sending_at__gt=since)
    rows = last.order_by("-sending_at").values_list("pk", "state", "reason")[:COMPLAINTS_OF]
    mails = list(rows)
    newest = mails[:BOUNCES_OF]
    complaints = _count([pk for pk, *_ in mails], Kind.COMPLAINT)
    bounced = _count([pk for pk, *_ in newest], Kind.HARD_BOUNCE, Kind.POLICY_BOUNCE)
    # Without a provider's reports, the server's own no is all we hear.
    bounced += sum(state == Message.State.FAILED and why == "refused" for _, state, why in newest)
    return bounces.judge_reputation(
        sent=len(mails), complaints=complaints, recent=len(newest), bounces=bounced
    )


def _count(messages: list[UUID], *kinds: Kind) -> int:
    """How many of these mails had a report of one of these kinds."""
    reports = DeliveryEvent.objects.filter(message__in=messages, kind__in=kinds)
    return reports.values("message").distinct().count()
