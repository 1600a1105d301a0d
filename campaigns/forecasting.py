"""How many mails leave on each coming day. Nothing is written: everybody under way is led on by
the planner that decides for real.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from assessments import profiles
from campaigns import histories, planner, sequences, walking
from campaigns.models import Campaign, Enrolment, Message

# Above this many people a sample is led on, and the counts are scaled up.
LARGEST_CROWD = 1_000
LOOK_BACK = timedelta(days=28)
WAITING = (Message.State.QUEUED, Message.State.CLAIMED)


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
    until = _get_midnight(dates[-1] + timedelta(days=1)) - timedelta(seconds=1)
    people = 0
    enrolments: list[Enrolment] = []
    rate = 0.0
    mails: dict[date, float] = defaultdict(float)
    newcomers: dict[date, float] = defaultdict(float)
    steps: dict[str, float] = defaultdict(float)
    reader = sequences.get_reader(document=document)
    if campaign.paused_at is None:
        people, enrolments = _choose(campaign)
        scale = people / len(enrolments) if enrolments else 0
        for at, key in _lead_on(enrolments, now, until):
            mails[timezone.localdate(at)] += scale
            steps[key] += scale
        for at, key in _get_queued(campaign, now, until):
            mails[timezone.localdate(at)] += 1
            steps[key] += 1
        if campaign.closed_at is None:
            rate = _get_rate(campaign, now)
            newcomers |= _expect_newcomers(document, reader, now, dates, rate)
    return Forecast(
        days=[
            Day(
                date=each,
                mails=round(mails[each]),
                newcomers=newcomers[each],
                is_closed=planner.is_closed(
                    calendar=reader(_get_midnight(each)).calendar, day=each
                ),
            )
            for each in dates
        ],
        steps={key: round(count) for key, count in steps.items()},
        people=people,
        asked=len(enrolments),
        newcomers_a_day=rate,
    )


def _choose(campaign: Campaign) -> tuple[int, list[Enrolment]]:
    """How many are under way, and those of them to lead on: all, or as many by lot."""
    active = Enrolment.objects.filter(campaign=campaign, state=Enrolment.State.ACTIVE)
    ids = list(active.values_list("pk", flat=True))
    chosen = ids if len(ids) <= LARGEST_CROWD else random.Random(0).sample(ids, LARGEST_CROWD)  # noqa: S311  # a poll
    return len(ids), list(Enrolment.objects.filter(pk__in=chosen).select_related("campaign"))


def _lead_on(
    enrolments: Sequence[Enrolment], now: datetime, until: datetime
) -> list[tuple[datetime, str]]:
    """When which step's mail leaves, for all of them."""
    known = profiles.get_profiles({each.response_id for each in enrolments})
    past = histories.get_past(people={each.respondent_id for each in enrolments})
    waits = histories.get_waits(enrolments=enrolments)
    caps = histories.get_caps(people={each.respondent_id for each in enrolments})
    mails = []
    for each in enrolments:
        if each.response_id not in known:
            continue
        history = histories.build_history(each, past.get(each.respondent_id, ()), waits[each.pk])
        person = histories.build_person(
            known[each.response_id], cap_days=caps.get(each.respondent_id, 0)
        )
        mails += _walk(sequences.get_version_reader(each.version_id), history, person, now, until)
    return mails


def _walk(
    reader: sequences.Reader,
    history: planner.History,
    person: planner.Person,
    now: datetime,
    until: datetime,
) -> list[tuple[datetime, str]]:
    stops = walking.walk(
        get_sequence=reader,
        history=history,
        person=person,
        now=now,
        until=until,
    )
    return [(each.at, each.step.key) for each in stops if each.ending == "sent" and each.step]


def _get_queued(campaign: Campaign, now: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """What is planned already; what is overdue leaves now."""
    queued = Message.objects.filter(
        enrolment__campaign=campaign, state__in=WAITING, due_at__lte=until
    )
    return [(max(at, now), key) for at, key in queued.values_list("due_at", "step_key")]


def _get_rate(campaign: Campaign, now: datetime) -> float:
    """Newcomers a day, lately."""
    since = now - LOOK_BACK
    return (
        Enrolment.objects.filter(campaign=campaign, started_at__gt=since).count() / LOOK_BACK.days
    )


def _expect_newcomers(
    document: dict[str, Any],
    reader: sequences.Reader,
    now: datetime,
    dates: Sequence[date],
    rate: float,
) -> dict[date, float]:
    """One of every kind of role as the weakest enters at noon of each day, sharing the rate."""
    expected: dict[date, float] = defaultdict(float)
    until = _get_midnight(dates[-1]) + timedelta(days=1)
    people = _imagine(document) if rate else []
    for day in dates:
        start = max(now, _get_midnight(day) + timedelta(hours=12))
        for person in people:
            for at, _ in _walk(reader, planner.History(started_at=start), person, start, until):
                expected[timezone.localdate(at)] += rate / len(people)
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


def _get_midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
