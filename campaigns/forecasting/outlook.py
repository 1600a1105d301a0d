"""What goes out on one coming day: which steps, how many, to whom and why. Nothing is written.

Nobody is looked at before their next look, so only those whose comes before the day is over are
led on. They are listed from the latest look back: whose own day it is come first.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from campaigns import sequences
from campaigns.forecasting import departures, newcomers
from campaigns.forecasting.departures import Departure
from campaigns.models import Campaign, Enrolment, Message

# Above this many people a sample is led on, and the counts are scaled up.
LARGEST_CROWD = 1_000
# A part of the list: at most so many people are led on, until so many mails are found.
LOOKED_AT = 500
LISTED = 50

Place = tuple[datetime, int]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """By step key: `planned` are written already, `foreseen` what the planner would decide on that
    day. Estimates when `asked` of `people` were led on, who may have a mail on that day.
    """

    day: date
    planned: Mapping[str, int]
    foreseen: Mapping[str, int]
    newcomers: float
    is_closed: bool
    people: int
    asked: int

    @property
    def is_estimate(self) -> bool:
        return self.asked < self.people

    @property
    def mails(self) -> int:
        return sum(self.planned.values()) + sum(self.foreseen.values())


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of the foreseen mails, by time, found among `looked_at` people; `next` is where to look
    on, None when all have been looked at.
    """

    departures: Sequence[Departure]
    looked_at: int
    next: Place | None


def get_outlook(
    *, campaign: Campaign, document: dict[str, Any], now: datetime, day: date
) -> Outlook:
    """`day` is today or later; today's is what is still to come of it. `document` is what newcomers
    get. A paused campaign sends nothing. The number of queries does not grow with the people.
    """
    planned: dict[str, int] = {}
    foreseen: dict[str, float] = {}
    people, asked, expected = 0, 0, 0.0
    if campaign.paused_at is None:
        mails = get_planned(campaign=campaign, now=now, day=day).order_by()
        planned = dict(mails.values_list("step_key").annotate(Count("pk")))
        people, asked, foreseen = _count(campaign, now, day)
        expected = _expect_newcomers(campaign, document, now, day)
    reader = sequences.get_reader(document=document)
    return Outlook(
        day=day,
        planned=planned,
        foreseen={key: round(count) for key, count in foreseen.items()},
        newcomers=expected,
        is_closed=departures.is_closed(reader=reader, day=day),
        people=people,
        asked=asked,
    )


def get_planned(*, campaign: Campaign, now: datetime, day: date) -> QuerySet[Message]:
    """Mails of the day that are written already, by time; what is overdue leaves today."""
    mails = departures.get_planned(campaign=campaign, until=departures.get_end(day))
    if day > timezone.localdate(now):
        mails = mails.filter(due_at__gte=departures.get_midnight(day))
    return mails.order_by("due_at", "pk")


def list_part(*, campaign: Campaign, now: datetime, day: date, after: Place | None = None) -> Part:
    """The next foreseen mails of the day, after the person at a place. Bounded work, and a fixed
    number of queries.
    """
    if campaign.paused_at is not None:
        return Part(departures=[], looked_at=0, next=None)
    chosen = _get_next(campaign, day, after)
    found: list[Departure] = []
    looked_at = 0
    for _person, leaving in departures.lead_on(
        enrolments=chosen, now=now, until=departures.get_end(day)
    ):
        looked_at += 1
        found += _keep(leaving, day)
        if len(found) >= LISTED:
            break
    is_all = looked_at == len(chosen) < LOOKED_AT
    return Part(
        departures=sorted(found, key=lambda each: each.at),
        looked_at=looked_at,
        next=None if is_all else _get_place(chosen[looked_at - 1]),
    )


def _count(campaign: Campaign, now: datetime, day: date) -> tuple[int, int, dict[str, float]]:
    """People who may have a mail that day, those who were asked, and the mails by step."""
    counts: dict[str, float] = defaultdict(float)
    people, chosen = departures.choose(people=_get_people(campaign, day), most=LARGEST_CROWD)
    for _person, leaving in departures.lead_on(
        enrolments=chosen, now=now, until=departures.get_end(day)
    ):
        for each in _keep(leaving, day):
            counts[each.step.key] += people / len(chosen)
    return people, len(chosen), counts


def _expect_newcomers(
    campaign: Campaign, document: dict[str, Any], now: datetime, day: date
) -> float:
    today = timezone.localdate(now)
    dates = [today + timedelta(days=ahead) for ahead in range((day - today).days + 1)]
    rate = newcomers.get_rate(campaign=campaign, now=now)
    expected = newcomers.expect(document=document, now=now, dates=dates, rate=rate)
    return expected.get(day, 0.0)


def _get_people(campaign: Campaign, day: date) -> QuerySet[Enrolment]:
    people = departures.get_under_way(campaign=campaign)
    return people.filter(next_due_at__lte=departures.get_end(day))


def _get_next(campaign: Campaign, day: date, after: Place | None) -> list[Enrolment]:
    people = _get_people(campaign, day)
    if after is not None:
        at, pk = after
        people = people.filter(next_due_at__lte=at).filter(Q(next_due_at__lt=at) | Q(pk__lt=pk))
    in_order = people.order_by("-next_due_at", "-pk")
    return list(in_order.select_related("campaign", "respondent")[:LOOKED_AT])


def _get_place(enrolment: Enrolment) -> Place:
    assert enrolment.next_due_at
    return enrolment.next_due_at, enrolment.pk


def _keep(leaving: Sequence[Departure], day: date) -> list[Departure]:
    return [each for each in leaving if timezone.localdate(each.at) == day]
