"""How many mails leave on each coming day; `outlook` says of one day which, to whom, and why.
Nothing is written: everybody under way is led on by the planner that decides for real.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import Greatest, TruncDate
from django.utils import timezone

from campaigns import sequences
from campaigns.forecasting import departures, newcomers
from campaigns.models import Campaign

# Above this many people a sample is led on, and the counts are scaled up.
LARGEST_CROWD = 1_000

Counts = dict[tuple[date, str], float]


@dataclass(frozen=True, kw_only=True)
class Day:
    """Mails of one day: to those under way, and to newcomers if they come as they did lately.
    Nothing but result letters leaves on a closed day.
    """

    date: date
    mails: int
    newcomers: float
    is_closed: bool


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`asked` of `people` under way were led on; when those are fewer, the counts are estimates.
    `steps` counts the same mails by step key, newcomers' left out.
    """

    days: Sequence[Day]
    steps: Mapping[str, int]
    people: int
    asked: int
    newcomers_a_day: float

    @property
    def is_estimate(self) -> bool:
        return self.asked < self.people


def forecast(*, campaign: Campaign, document: dict[str, Any], now: datetime, days: int) -> Forecast:
    """Today, with what is still to come of it, and the days after. `document` is what newcomers
    get. A paused campaign sends nothing. The number of queries does not grow with the people.
    """
    today = timezone.localdate(now)
    dates = [today + timedelta(days=ahead) for ahead in range(days)]
    people, asked, rate = 0, 0, 0.0
    counts: Counts = {}
    expected: Mapping[date, float] = {}
    if campaign.paused_at is None:
        people, asked, counts = _count(campaign, now, departures.get_end(dates[-1]))
        rate = newcomers.get_rate(campaign=campaign, now=now)
        expected = newcomers.expect(document=document, now=now, dates=dates, rate=rate)
    mails: dict[date, float] = defaultdict(float)
    steps: dict[str, float] = defaultdict(float)
    for (day, key), count in counts.items():
        mails[day] += count
        steps[key] += count
    reader = sequences.get_reader(document=document)
    return Forecast(
        days=[
            Day(
                date=each,
                mails=round(mails[each]),
                newcomers=expected.get(each, 0.0),
                is_closed=departures.is_closed(reader=reader, day=each),
            )
            for each in dates
        ],
        steps={key: round(count) for key, count in steps.items()},
        people=people,
        asked=asked,
        newcomers_a_day=rate,
    )


def _count(campaign: Campaign, now: datetime, until: datetime) -> tuple[int, int, Counts]:
    """People under way, those who were asked, and the mails of all by day and step."""
    counts: Counts = defaultdict(float)
    under_way = departures.get_under_way(campaign=campaign)
    people, chosen = departures.choose(people=under_way, most=LARGEST_CROWD)
    for _person, leaving in departures.lead_on(enrolments=chosen, now=now, until=until):
        for each in leaving:
            counts[timezone.localdate(each.at), each.step.key] += people / len(chosen)
    # What is overdue leaves now.
    planned = departures.get_planned(campaign=campaign, until=until).order_by()
    by_day = planned.annotate(day=TruncDate(Greatest("due_at", now)))
    for day, key, count in by_day.values_list("day", "step_key").annotate(Count("pk")):
        counts[day, key] += count
    return people, len(chosen), counts
