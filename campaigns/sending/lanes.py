"""Lanes as rows: read, reserved, rested. What they mean is decided by `pacing`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from campaigns import models, pacing
from campaigns.models import Message
from campaigns.pacing import ALL, Lane, Pace
from campaigns.transport import CONNECTING, Accepted, Outcome, TryLater

HORIZON = timedelta(seconds=20)
COLUMNS = ("free_at", "resumes_at", "refusals", "day", "used")


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """`tired` lanes have had refusals; message id -> slot, or when to ask again for one. A message
    that is in neither may leave at any time.
    """

    tired: set[str]
    slots: Mapping[object, datetime] = field(default_factory=dict)
    later: Mapping[object, datetime] = field(default_factory=dict)


def get_pace() -> Pace:
    return Pace(
        per_second=settings.MAIL_PER_SECOND or None,
        domain_per_minute=settings.MAIL_PER_MINUTE_TO_DOMAIN or None,
        per_day=settings.MAIL_PER_DAY or None,
        warm_up_from=settings.WARM_UP_FROM,
    )


def get_domain(message: Message) -> str:
    return message.to.rpartition("@")[2].lower()


def get_room(*, pace: Pace, now: datetime) -> int | None:
    """How many mails may be claimed, in all. Where there is a limit, others wait for this
    transaction to end.
    """
    is_limited = not pacing.is_unlimited(pace, now.date())
    lane = _read([ALL], lock=is_limited).get(ALL, Lane())
    return pacing.get_room(lane, pace=pace, now=now, horizon=HORIZON)


def reserve(messages: Sequence[Message], *, pace: Pace, now: datetime) -> Reserved:
    """Slots for these messages, where they need any."""
    is_limited = not pacing.is_unlimited(pace, now.date())
    names = {get_domain(message) for message in messages}
    lanes = _read([ALL, *names], lock=is_limited or pace.domain_per_minute is not None)
    tired = {name for name, lane in lanes.items() if lane.refusals}
    if not (is_limited or pace.domain_per_minute or tired):
        return Reserved(tired=tired)
    mails = [(message.pk, get_domain(message)) for message in messages]
    found = pacing.reserve(lanes=lanes, pace=pace, mails=mails, now=now, horizon=HORIZON)
    _write(found.lanes)
    return Reserved(tired=tired, slots=found.slots, later=found.later)


def get_resting_lane(message: Message, outcome: Outcome | None) -> str:
    """The lane that has to rest after this outcome; empty for none.

    Who will not let us in, or not from this sender, will not for anybody: the whole way rests.
    "Slow down" (421, or 4.7.x of RFC 3463) about a recipient is said by that one's domain.
    """
    if not isinstance(outcome, TryLater) or outcome.phase in {"stopped", "sender"}:
        return ""
    if outcome.phase in CONNECTING or outcome.phase == "mail" or outcome.code == 429:
        return ALL
    is_slow_down = outcome.code == 421 or " 4.7." in outcome.evidence[:16]
    return get_domain(message) if is_slow_down else ""


def follow(
    outcomes: Iterable[tuple[Message, Outcome | None]], *, tired: set[str], now: datetime
) -> dict[str, datetime]:
    """Let lanes rest after refusals, and forget refusals of `tired` ones after mail that was
    taken. Lane -> until when it rests now.
    """
    refused: dict[str, str] = {}
    taken: set[str] = set()
    for message, outcome in outcomes:
        if name := get_resting_lane(message, outcome):
            assert isinstance(outcome, TryLater)
            refused[name] = outcome.evidence
        elif isinstance(outcome, Accepted):
            taken |= {get_domain(message), ALL}
    if awake := (taken & tired) - refused.keys():
        rows = models.Lane.objects.filter(name__in=awake)
        rows.update(refusals=0, resumes_at=None, evidence="")
        tired -= awake
    tired |= refused.keys()
    return _rest(refused, now=now) if refused else {}


@transaction.atomic
def _rest(evidence: Mapping[str, str], *, now: datetime) -> dict[str, datetime]:
    lanes = _read(evidence, lock=True)
    rested = {}
    for name, lane in lanes.items():
        if lane.resumes_at is None or lane.resumes_at <= now:  # else another worker met it too
            rested[name] = pacing.rest(lane, name=name, now=now)
    _write(rested)
    for name in rested:
        models.Lane.objects.filter(pk=name).update(evidence=evidence[name])
    lanes |= rested
    return {name: lane.resumes_at for name, lane in lanes.items() if lane.resumes_at}


def _read(names: Iterable[str], *, lock: bool) -> dict[str, Lane]:
    """By name; in one order, so that two who lock several never wait for each other."""
    names = sorted(names)
    rows = models.Lane.objects.filter(name__in=names).order_by("name")
    if lock:
        models.Lane.objects.bulk_create(
            [models.Lane(name=name) for name in names], ignore_conflicts=True
        )
        rows = rows.select_for_update(no_key=True)
    return {row.name: Lane(**{each: getattr(row, each) for each in COLUMNS}) for row in rows}


def _write(lanes: Mapping[str, Lane]) -> None:
    rows = [models.Lane(name=name, **asdict(lane)) for name, lane in sorted(lanes.items())]
    models.Lane.objects.bulk_update(rows, COLUMNS)
