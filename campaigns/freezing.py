"""No campaign mail to some people for a while, at once, whatever has been planned for them. The
planner lets time stand still for them meanwhile; what was about to leave is skipped.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.models import Consent, Enrolment, Freeze, Message

HELD_BY = "frozen_"  # how such reasons begin, of a hold and of a skipped message


@transaction.atomic
def freeze(
    *, respondent_ids: Collection[int], reason: Freeze.Reason, until: datetime | None, now: datetime
) -> int:
    """From this commit on nothing of a campaign is handed over to them, but a result letter, until
    `until` (None: until `release`). A freeze for the same reason goes on, to the new moment.

    Returns for how many people it is new.
    """
    # The lock that a hand-over takes, and then the planner's: whichever commits first decides.
    consents = Consent.objects.filter(respondent__in=respondent_ids).order_by("pk")
    people = set(consents.select_for_update().values_list("respondent_id", flat=True))
    going_on = get_going_on(now=now).filter(respondent__in=people, reason=reason)
    known = set(going_on.values_list("respondent_id", flat=True))
    going_on.update(until=until)
    Freeze.objects.bulk_create(
        Freeze(respondent_id=each, reason=reason, began_at=now, until=until)
        for each in sorted(people - known)
    )
    theirs = Enrolment.objects.filter(respondent__in=people, state=Enrolment.State.ACTIVE)
    theirs.update(next_due_at=now)
    # What may have arrived is not said to have been skipped: its hand-over finds it unknown.
    Message.objects.filter(
        enrolment__in=theirs, state=Message.State.QUEUED, is_urgent=False, doubted_at=None
    ).update(state=Message.State.SKIPPED, reason=HELD_BY + reason, ended_at=now)
    return len(people - known)


@transaction.atomic
def release(*, respondent_ids: Collection[int], reason: Freeze.Reason, now: datetime) -> int:
    """End what this reason froze; other freezes go on. Returns for how many people."""
    going_on = get_going_on(now=now).filter(respondent__in=respondent_ids, reason=reason)
    count = going_on.update(until=now)
    Enrolment.objects.filter(
        respondent__in=respondent_ids, hold_reason=HELD_BY + reason, state=Enrolment.State.ACTIVE
    ).update(next_due_at=now, hold_reason="", hold_until=None)
    return count


def get_going_on(*, now: datetime) -> QuerySet[Freeze]:
    return Freeze.objects.filter(Q(until=None) | Q(until__gt=now))
