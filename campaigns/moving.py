"""What becomes of the people under way when a version is published, and taking it back.

A step once received is never received again, because steps keep their keys from version to
version. What is planned already stays as it was planned.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from campaigns import histories, locks, permission, planner, sequences
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message

People = CampaignVersion.People
State = Enrolment.State
REPLACED = "replaced"
# Above this many people a sample is looked at, and the counts are scaled up.
LARGEST_CROWD = 2_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """Before which step how many would stand, and how many of them would get it at once."""

    step_key: str
    waiting: int
    at_once: int


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What moving everybody would mean. `finished` have had all that is left. When fewer were
    `asked` than there are `people`, the counts are estimates.
    """

    people: int
    asked: int
    places: Sequence[Place]
    finished: int

    @property
    def is_estimate(self) -> bool:
        return self.asked < self.people


def get_impact(*, campaign: Campaign, document: dict[str, Any], now: datetime) -> Impact:
    """Where those under way would stand in `document`; six queries, whatever the size."""
    people, enrolments = _choose(campaign)
    scale = people / len(enrolments) if enrolments else 0
    past = histories.get_past(people={each.respondent_id for each in enrolments})
    waits = histories.get_waits(enrolments=enrolments)
    sequence = sequences.build_sequence(document=document, years=(now.year, now.year + 1))
    waiting: Counter[str] = Counter()
    at_once: Counter[str] = Counter()
    for each in enrolments:
        history = histories.build_history(each, past.get(each.respondent_id, ()), waits[each.pk])
        step = planner.get_next_step(sequence=sequence, history=history)
        due = planner.get_next_due(sequence=sequence, history=history)
        waiting[step.key if step else ""] += 1
        at_once[step.key if step else ""] += due is not None and due <= now
    return Impact(
        people=people,
        asked=len(enrolments),
        places=[
            Place(
                step_key=step.key,
                waiting=round(waiting[step.key] * scale),
                at_once=round(at_once[step.key] * scale),
            )
            for step in sequence.steps
            if waiting[step.key]
        ],
        finished=round(waiting[""] * scale),
    )


@transaction.atomic
def move(*, version: CampaignVersion, people: str, now: datetime) -> int:
    """Do with those under way in other versions as `people` says (People); for how many it was."""
    CampaignVersion.objects.filter(pk=version.pk).update(people=people)
    others = Enrolment.objects.filter(campaign=version.campaign_id).exclude(version=version)
    under_way = others.filter(state=State.ACTIVE)
    if people == People.FINISH:
        return permission.stop(enrolments=others, reason=REPLACED, now=version.published_at)
    if people == People.KEEP:
        return under_way.count()
    # The planner looks at them all once more, and holds whose turn it is not.
    return under_way.update(moved_from=F("version"), version=version, next_due_at=now)


def may_undo(*, version: CampaignVersion) -> bool:
    """Whether it is in force, follows on another, and no mail of it has been handed over."""
    newest = _get_in_force(version.campaign_id).first()
    return newest == version and _get_before(version) is not None and not _has_left(version)


@transaction.atomic
def undo(*, version: CampaignVersion, now: datetime) -> bool:
    """Everybody is back where they were, and the version before is in force. False, and nothing
    changed, when a mail of it had left, or was just leaving.
    """
    locks.lock_campaign(campaign_id=version.campaign_id)
    before = _get_before(version)
    if before is None or not may_undo(version=version):
        return False
    CampaignVersion.objects.filter(pk=version.pk).update(withdrawn_at=now)
    _get_planned(version).delete()
    own = Enrolment.objects.filter(version=version)
    own.filter(state=State.ACTIVE).update(next_due_at=now)
    own.filter(moved_from=None).update(version=before)
    own.update(version=F("moved_from"), moved_from=None)
    _revive(version, now)
    return True


def _choose(campaign: Campaign) -> tuple[int, list[Enrolment]]:
    """How many are under way, and those of them to look at: all, or as many by lot."""
    under_way = Enrolment.objects.filter(campaign=campaign, state=State.ACTIVE)
    chosen = ids = list(under_way.values_list("pk", flat=True))
    if len(ids) > LARGEST_CROWD:
        chosen = random.Random(0).sample(ids, LARGEST_CROWD)  # noqa: S311  # a poll
    return len(ids), list(Enrolment.objects.filter(pk__in=chosen).select_related("campaign"))


def _get_in_force(campaign_id: int) -> QuerySet[CampaignVersion]:
    versions = CampaignVersion.objects.filter(campaign=campaign_id, withdrawn_at=None)
    return versions.order_by("-number")


def _get_before(version: CampaignVersion) -> CampaignVersion | None:
    return _get_in_force(version.campaign_id).filter(number__lt=version.number).first()


def _get_planned(version: CampaignVersion) -> QuerySet[Message]:
    return Message.objects.filter(enrolment__version=version, created_at__gte=version.published_at)


def _has_left(version: CampaignVersion) -> bool:
    planned = _get_planned(version)
    claimed = planned.filter(state__in=[Message.State.CLAIMED, Message.State.SENDING])
    return planned.filter(sending_at__isnull=False).exists() or claimed.exists()


def _revive(version: CampaignVersion, now: datetime) -> None:
    """Those whom this version finished, unless they have entered anew."""
    again = Enrolment.objects.filter(
        respondent=OuterRef("respondent"), campaign=version.campaign_id, state=State.ACTIVE
    )
    finished = Enrolment.objects.filter(
        ~Exists(again),
        campaign=version.campaign_id,
        state=State.STOPPED,
        reason=REPLACED,
        ended_at=version.published_at,
    )
    ids = list(finished.values_list("pk", flat=True))
    Enrolment.objects.filter(pk__in=ids).update(
        state=State.ACTIVE, reason="", ended_at=None, next_due_at=now
    )
    Message.objects.filter(enrolment__in=ids, state=Message.State.SKIPPED, reason=REPLACED).update(
        state=Message.State.QUEUED, reason="", ended_at=None
    )
