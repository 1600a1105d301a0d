"""Which mails are to leave when: what is planned already, and what the planner that decides for
real would decide about people under way. Nothing is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from assessments import profiles
from campaigns import histories, planner, sequences, walking
from campaigns.models import Campaign, Enrolment, Message

WAITING = (Message.State.QUEUED, Message.State.CLAIMED)


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A mail that nobody has planned yet. It counts its days from `since`, when the step before it
    came to its end (`is_first`: when the person entered). `ahead` counts the person's mails that
    are to leave before it; `waits` are why it does not leave as soon as it is due.
    """

    enrolment: Enrolment
    at: datetime
    step: planner.Step
    tip: str
    since: datetime
    is_first: bool
    due_at: datetime
    ahead: int
    waits: tuple[walking.Stop, ...]

    @property
    def certainty(self) -> Literal["expected", "likely"]:
        """Whether it is the person's next mail, or hangs on others that come before."""
        return "likely" if self.ahead else "expected"

    @property
    def stood_still(self) -> bool:
        """Whether a pause or the like made it due later than by its days alone."""
        counted = timezone.localtime(self.since) + timedelta(days=self.step.delay_days)
        return timezone.localdate(self.due_at) > counted.date()

    @property
    def is_overdue(self) -> bool:
        """Whether its day had passed before anybody could look at it."""
        looked_at = self.waits[0].at if self.waits else self.at
        return timezone.localdate(self.due_at) < timezone.localdate(looked_at)


def get_under_way(*, campaign: Campaign) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(campaign=campaign, state=Enrolment.State.ACTIVE)


def choose(*, people: QuerySet[Enrolment], most: int) -> tuple[int, list[Enrolment]]:
    """How many they are, and whom to lead on: all, or every so many in the order in which they
    are due, so that each day is asked as much as its share.
    """
    count = people.count()
    every = -(-count // most)
    if every > 1:
        place = Window(RowNumber(), order_by=[F("next_due_at").asc(), F("pk").asc()])
        numbered = people.annotate(turn=place % every)
        ids = list(numbered.filter(turn=every // 2).values_list("pk", flat=True))
        people = Enrolment.objects.filter(pk__in=ids)
    return count, list(people.select_related("campaign"))


def lead_on(
    *, enrolments: Sequence[Enrolment], now: datetime, until: datetime
) -> Iterator[tuple[Enrolment, list[Departure]]]:
    """Each of them with the mails that are to leave; read once for all, decided one by one."""
    known = profiles.get_profiles({each.response_id for each in enrolments})
    past = histories.get_past(people={each.respondent_id for each in enrolments})
    waits = histories.get_waits(enrolments=enrolments)
    caps = histories.get_caps(people={each.respondent_id for each in enrolments})
    for each in enrolments:
        profile = known.get(each.response_id)
        if profile is None:
            yield each, []
            continue
        history = histories.build_history(each, past.get(each.respondent_id, ()), waits[each.pk])
        person = histories.build_person(profile, cap_days=caps.get(each.respondent_id, 0))
        yield each, list(_walk(each, history, person, now, until))


def _walk(
    enrolment: Enrolment,
    history: planner.History,
    person: planner.Person,
    now: datetime,
    until: datetime,
) -> Iterator[Departure]:
    waits: list[walking.Stop] = []
    ahead = int(history.is_mail_open)
    reader = sequences.get_version_reader(enrolment.version_id)
    for stop in walking.walk(
        get_sequence=reader, history=history, person=person, now=now, until=until
    ):
        if stop.ending == "held":
            waits.append(stop)
        if stop.ending == "sent":
            assert stop.step
            assert stop.since
            assert stop.due_at
            yield Departure(
                enrolment=enrolment,
                at=stop.at,
                step=stop.step,
                tip=stop.tip,
                since=stop.since,
                is_first=stop.is_first,
                due_at=stop.due_at,
                ahead=ahead,
                waits=tuple(wait for wait in waits if wait.step == stop.step),
            )
            ahead += 1


def get_planned(*, campaign: Campaign, until: datetime) -> QuerySet[Message]:
    """Mails that are written already and have not left."""
    return Message.objects.filter(
        enrolment__campaign=campaign, state__in=WAITING, due_at__lte=until
    )


def is_closed(*, reader: sequences.Reader, day: date) -> bool:
    calendar = reader(get_midnight(day)).calendar
    return planner.is_closed(calendar=calendar, day=day)


def get_midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def get_end(day: date) -> datetime:
    return get_midnight(day + timedelta(days=1)) - timedelta(microseconds=1)
