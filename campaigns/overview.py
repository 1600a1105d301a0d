"""Readings of the mail for the dashboard: is anything wrong, what goes out next, what came in.

A door. Counts only; nothing here names a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from campaigns import invariants, permit, rights
from campaigns.models import Campaign, Consent, Enrolment, Lane, Message, Purpose
from campaigns.permission import CONFIRMATION
from campaigns.words import BY_HAND, describe_invariant, describe_pause, describe_permit

State = Message.State
RECENT = timedelta(hours=24)
RESTING_SHOWN = 5
WAITING = (State.QUEUED, State.CLAIMED, State.SENDING)


@dataclass(frozen=True, kw_only=True)
class Broken:
    sentence: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """A campaign that is paused; `words` say when, and by whom or by what."""

    campaign_id: int
    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """Counts of failed and unknown mails are those of the last 24 hours; `held_back` counts the
    confirming mails that wait because too many were asked for at once. `no_permit` says why no
    mail leaves at all; `halted` campaigns were paused by the guard, `chosen` ones by a person;
    `resting` lanes are domains (or *).
    """

    broken: Sequence[Broken]
    failed: int
    unknown: int
    held_back: int
    no_permit: str
    halted: Sequence[Standstill]
    chosen: Sequence[Standstill]
    resting: Sequence[str]
    unpublished: Sequence[str]
    campaigns: int


@dataclass(frozen=True, kw_only=True)
class Day:
    """What may leave on one day: mails written already, and people whose next step is due."""

    date: date
    queued: int
    due: int

    @property
    def total(self) -> int:
        return self.queued + self.due


@dataclass(frozen=True, kw_only=True)
class Came:
    today: int
    period: int


@dataclass(frozen=True, kw_only=True)
class Traffic:
    confirmed: Came
    sent: Came
    withdrawn: Came


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What leaves as soon as mail may: messages due, also by step, and people due for planning."""

    messages: int
    people: int
    unknown: int
    by_step: Sequence[tuple[str, int]]


def get_due_requests(*, now: datetime) -> rights.Due:
    """What people have asked of us by law, and its time is over or nearly so."""
    return rights.get_due(today=timezone.localdate(now))


def get_waiting(*, now: datetime) -> Waiting:
    due = Message.objects.filter(state=State.QUEUED, due_at__lte=now)
    steps = due.values_list("kind", "template", "step_key").annotate(count=Count("pk"))
    people = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, next_due_at__lte=now)
    by_step = [(template or step or kind, count) for kind, template, step, count in steps]
    return Waiting(
        messages=sum(count for _, count in by_step),
        people=people.count(),
        unknown=Message.objects.filter(state=State.UNKNOWN).count(),
        by_step=sorted(by_step),
    )


def get_health(*, now: datetime) -> Health:
    since = now - RECENT
    counts = Message.objects.filter(sending_at__gte=since).aggregate(
        failed=Count("pk", filter=Q(state=State.FAILED)),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN)),
    )
    campaigns = list(Campaign.objects.annotate(editions=Count("versions")).order_by("key"))
    resting = Lane.objects.filter(resumes_at__gt=now).order_by("name")
    return Health(
        broken=[
            Broken(sentence=describe_invariant(each.sentence), count=each.count)
            for each in invariants.check(now=now)
        ],
        failed=counts["failed"],
        unknown=counts["unknown"],
        held_back=_get_held_back(now).count(),
        no_permit=describe_permit(permit.get_standing().reason),
        halted=_get_standstills(campaigns, by_hand=False),
        chosen=_get_standstills(campaigns, by_hand=True),
        resting=list(resting.values_list("name", flat=True)[:RESTING_SHOWN]),
        unpublished=[each.name for each in campaigns if not each.editions],
        campaigns=len(campaigns),
    )


def get_coming_days(*, now: datetime, days: int) -> list[Day]:
    """Today and the days after, by the site's clock. What is overdue counts as today."""
    today = timezone.localdate(now)
    until = now + timedelta(days=days)
    queued = _count_by_day(
        Message.objects.filter(state__in=WAITING, due_at__lt=until), "due_at", today
    )
    due = _count_by_day(
        Enrolment.objects.filter(state=Enrolment.State.ACTIVE, next_due_at__lt=until),
        "next_due_at",
        today,
    )
    dates = [today + timedelta(days=ahead) for ahead in range(days)]
    return [Day(date=each, queued=queued.get(each, 0), due=due.get(each, 0)) for each in dates]


def get_sending(*, limit: int) -> list[tuple[int, str]]:
    """Number and name of campaigns that send mail now, those that go first foremost."""
    published = Campaign.objects.filter(versions__withdrawn_at=None, versions__isnull=False)
    running = published.filter(paused_at=None).distinct().order_by("-priority", "pk")
    return [(each.pk, each.name) for each in running[:limit]]


def get_traffic(*, today: datetime, since: datetime) -> Traffic:
    """Confirmations, mails and withdrawals from `today` (midnight) on, and from `since` on."""
    confirmed = Consent.objects.filter(purpose=Purpose.TIPS).aggregate(
        confirmed_today=Count("pk", filter=Q(confirmed_at__gte=today)),
        confirmed=Count("pk", filter=Q(confirmed_at__gte=since)),
        withdrawn_today=Count("pk", filter=Q(withdrawn_at__gte=today)),
        withdrawn=Count("pk", filter=Q(withdrawn_at__gte=since)),
    )
    sent = Message.objects.filter(state=State.SENT, sending_at__gte=since).aggregate(
        today=Count("pk", filter=Q(sending_at__gte=today)), period=Count("pk")
    )
    return Traffic(
        confirmed=Came(today=confirmed["confirmed_today"], period=confirmed["confirmed"]),
        sent=Came(today=sent["today"], period=sent["period"]),
        withdrawn=Came(today=confirmed["withdrawn_today"], period=confirmed["withdrawn"]),
    )


def _get_standstills(campaigns: Iterable[Campaign], *, by_hand: bool) -> list[Standstill]:
    return [
        Standstill(
            campaign_id=each.pk,
            name=each.name,
            words=describe_pause(at=each.paused_at, reason=each.pause_reason, by=each.paused_by),
        )
        for each in campaigns
        if each.paused_at and (each.pause_reason == BY_HAND) == by_hand
    ]


def _get_held_back(now: datetime) -> QuerySet[Message]:
    """Never tried, unlike mails that wait for another try."""
    waiting = Message.objects.filter(state=State.QUEUED, due_at__gt=now, attempt=0, reason="")
    return waiting.filter(template=CONFIRMATION)


def _count_by_day(rows: QuerySet, column: str, today: date) -> dict[date, int]:
    grouped = rows.annotate(day=TruncDate(column)).values("day").annotate(count=Count("pk"))
    counts: dict[date, int] = {}
    for day, count in grouped.order_by("day").values_list("day", "count"):
        place = max(day, today)
        counts[place] = counts.get(place, 0) + count
    return counts
