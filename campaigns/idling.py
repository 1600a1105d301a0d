"""People who have given no sign of life for long: told first, then erased.

Each row keeps the last sign that was looked for, so that only those are looked at whose time
seems to be over, and they once in all that time.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments import personal_data, profiles
from campaigns import letters, posting
from campaigns.models import Consent, Enrolment, Message
from pmoportal.months import get_months_before

# Each erasure is a transaction over all tables.
ERASED_AT_ONCE = 300


def get_silent(now: datetime) -> QuerySet[Any]:
    """Those to be told, if nothing newer is found of them."""
    since = get_months_before(now, settings.KEEP_IDLE_MONTHS) + _get_notice()
    return profiles.get_people().filter(warned_at=None, alive_at__lt=since).order_by("alive_at")


def get_warned(now: datetime) -> QuerySet[Any]:
    """Those who were told, and whose time is over."""
    told = profiles.get_people().filter(warned_at__lt=now - _get_notice())
    return told.order_by("warned_at")


@transaction.atomic
def warn(now: datetime, limit: int) -> int:
    """Tell those who let us write to them; the others are given the same time in silence.

    How many were looked at.
    """
    people = list(get_silent(now).select_for_update(skip_locked=True)[:limit])
    signs = _get_signs([person.pk for person in people], now)
    for person in people:
        person.alive_at = max(person.alive_at, signs.get(person.pk, person.alive_at))
    profiles.get_people().bulk_update(people, ["alive_at"])
    ids = [person.pk for person in people]
    silent = list(get_silent(now).filter(pk__in=ids))
    get_silent(now).filter(pk__in=ids).update(warned_at=now)
    _tell(silent, now)
    return len(people)


def erase(now: datetime, limit: int) -> int:
    """Erase those who were told and are still silent; the others start anew. How many of both."""
    people = list(get_warned(now)[: min(limit, ERASED_AT_ONCE)])
    signs = _get_signs([person.pk for person in people], now)
    for person in people:
        newest = signs.get(person.pk)
        if newest is not None and newest > person.warned_at:
            _live_on(person.pk, newest)
        else:
            personal_data.erase(respondent_id=person.pk, now=now)
    return len(people)


def stay(*, respondent_id: int, now: datetime) -> bool:
    """The person wants to be kept. False when it is too late."""
    return bool(_live_on(respondent_id, now))


def is_here(*, respondent_id: int) -> bool:
    return profiles.get_people().filter(pk=respondent_id).exists()


def _live_on(respondent_id: int, at: datetime) -> int:
    people = profiles.get_people().filter(pk=respondent_id)
    return people.update(alive_at=at, warned_at=None)


def _get_signs(people: Collection[int], now: datetime) -> dict[int, datetime]:
    under_way = Enrolment.objects.filter(respondent__in=people, state=Enrolment.State.ACTIVE)
    signs = personal_data.get_signs(respondent_ids=people)
    return signs | dict.fromkeys(under_way.values_list("respondent", flat=True), now)


def _tell(people: Iterable[Any], now: datetime) -> None:
    ids = [person.pk for person in people]
    given = Consent.objects.filter(respondent__in=ids, state=Consent.State.CONFIRMED)
    may_be_told = set(given.values_list("respondent", flat=True))
    gone_on = timezone.localtime(now + _get_notice())
    for person in people:
        if person.pk in may_be_told:
            posting.post(
                kind=Message.Kind.SYSTEM,
                key=f"farewell:{person.pk}:{now:%Y-%m-%d}",
                to=person.email,
                template="farewell",
                language=person.language,
                values={
                    letters.STAY_RESPONDENT: person.pk,
                    "gone_on": letters.get_date(gone_on, person.language),
                },
                respondent_id=person.pk,
                now=now,
            )


def _get_notice() -> timedelta:
    return timedelta(days=settings.WARN_IDLE_DAYS)
