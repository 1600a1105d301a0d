"""Stop a campaign's mail, by a person or by the guard of our name, and let it go on.

Nothing is lost by a pause: planned mail and due people wait, and go on by the one planner.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from campaigns import bounces, permission
from campaigns.bounces import BOUNCES_OF, COMPLAINTS_OF, Reputation
from campaigns.models import Campaign, DeliveryEvent, Enrolment, Message

logger = logging.getLogger(__name__)

Kind = DeliveryEvent.Kind

LOOK_BACK = timedelta(days=30)
BY_HAND = "by_hand"


@transaction.atomic
def pause(*, campaign_id: int, reason: str, now: datetime) -> bool:
    """Nothing of this campaign is handed over after this commit. Whether it was running."""
    permission.lock_campaign(campaign_id=campaign_id)
    running = Campaign.objects.filter(pk=campaign_id, paused_at=None)
    return bool(running.update(paused_at=now, pause_reason=reason))


@transaction.atomic
def resume(*, campaign_id: int, now: datetime) -> bool:
    """What waited is due again. Whether it was paused."""
    permission.lock_campaign(campaign_id=campaign_id)
    paused = Campaign.objects.filter(pk=campaign_id, paused_at__isnull=False)
    if not paused.update(paused_at=None, pause_reason="", resumed_at=now):
        return False
    Enrolment.objects.filter(
        campaign=campaign_id, state=Enrolment.State.ACTIVE, hold_reason="campaign_paused"
    ).update(next_due_at=now, hold_reason="", hold_until=None)
    Message.objects.filter(
        enrolment__campaign=campaign_id, state=Message.State.QUEUED, reason="campaign_paused"
    ).update(due_at=now, reason="")
    return True


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
    since = max(now - LOOK_BACK, campaign.resumed_at or now - LOOK_BACK)
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
