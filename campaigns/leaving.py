"""A person leaves every sequence for a reason of their own: a talk is booked, a goal is reached."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from campaigns import permission
from campaigns.models import Consent, Enrolment


@transaction.atomic
def leave(*, respondent_ids: Collection[int], reason: str, now: datetime) -> int:
    """End what is under way for these people; nothing of it is handed over after this commit.
    Returns how many sequences. Their consents stay: they may enter another campaign later.
    """
    # The lock that a hand-over takes, so that a claimed mail finds the sequence stopped.
    people = Consent.objects.filter(respondent__in=respondent_ids).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk", flat=True))
    enrolments = Enrolment.objects.filter(respondent__in=respondent_ids)
    return permission.stop(enrolments=enrolments, reason=reason, now=now)
