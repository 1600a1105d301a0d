"""Those who are not here yet: how many mails they get, if as many come as lately."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from assessments import profiles
from campaigns import planner, sequences, walking
from campaigns.forecasting.departures import get_end, get_midnight
from campaigns.models import Campaign, Enrolment

LOOK_BACK = timedelta(days=28)


def get_rate(*, campaign: Campaign, now: datetime) -> float:
    """Newcomers a day, lately; nobody comes into a closed campaign."""
    if campaign.closed_at is not None:
        return 0.0
    lately = Enrolment.objects.filter(campaign=campaign, started_at__gt=now - LOOK_BACK)
    return lately.count() / LOOK_BACK.days


def expect(
    *, document: dict[str, Any], now: datetime, dates: Sequence[date], rate: float
) -> dict[date, float]:
    """One of every kind of role as the weakest enters at noon of each day, sharing the rate."""
    expected: dict[date, float] = defaultdict(float)
    reader = sequences.get_reader(document=document)
    until = get_end(dates[-1])
    people = _imagine(document) if rate else []
    for day in dates:
        start = max(now, get_midnight(day) + timedelta(hours=12))
        for person in people:
            history = planner.History(started_at=start)
            for stop in walking.walk(
                get_sequence=reader, history=history, person=person, now=start, until=until
            ):
                if stop.ending == "sent":
                    expected[timezone.localdate(stop.at)] += rate / len(people)
    return expected


def _imagine(document: dict[str, Any]) -> list[planner.Person]:
    roles = profiles.get_role_keys(assessment_key=document["campaign"]["assessment"])
    return [
        planner.Person(
            seed=role,
            weakest=(role, *(each for each in roles if each != role)),
            tiers=dict.fromkeys(roles, "weak"),
        )
        for role in roles
    ]
