"""What became of each step for each person: every (enrolment, step) has exactly one Ending.

Read, never written: a row where there is a message, and what the enrolment says where there is
none. Counted for a whole campaign in four queries, or listed for one enrolment.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from campaigns.models import CampaignVersion, Enrolment, Message

CHUNK = 1_000
SHOWN = (
    "enrolment_id",
    "step_key",
    "state",
    "reason",
    "created_at",
    "due_at",
    "sent_at",
    "ended_at",
)


class Ending(TextChoices):
    """How a step of a person ended, or stands now; in the order of the sum."""

    SENT = "sent", _("Sent")
    HELD = "held", _("Held")
    WAITING = "waiting", _("Waiting")
    UNDER_WAY = "under_way", _("On its way")
    SKIPPED = "skipped", _("Skipped")
    DROPPED = "dropped", _("Dropped")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Unknown")
    NEVER = "never", _("Never came")


OF_MESSAGES = {
    Ending.SENT: (Message.State.SENT,),
    Ending.UNDER_WAY: (Message.State.QUEUED, Message.State.CLAIMED, Message.State.SENDING),
    Ending.SKIPPED: (Message.State.SKIPPED,),
    Ending.DROPPED: (Message.State.DROPPED,),
    Ending.FAILED: (Message.State.FAILED,),
    Ending.UNKNOWN: (Message.State.UNKNOWN,),
}
BY_STATE = {str(state): ending for ending, states in OF_MESSAGES.items() for state in states}
# Who is under way, but not simply until a day has come.
IS_HELD = Q(state=Enrolment.State.ACTIVE) & ~Q(hold_reason="")

Steps = Mapping[int, list[dict[str, Any]]]
Reasons = Counter[tuple[Ending, str]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step for everybody: how many ended how, and why."""

    step_key: str
    reasons: Reasons

    @property
    def counts(self) -> Counter[Ending]:
        counts: Counter[Ending] = Counter()
        for (ending, _reason), count in self.reasons.items():
            counts[ending] += count
        return counts

    @property
    def planned(self) -> int:
        return self.reasons.total()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One step for one person. Without a message it is still to come, or never came; `is_next`
    when it is the one that the planner looks at.
    """

    step_key: str
    ending: Ending
    reason: str
    message: Message | None
    is_next: bool = False


def get_steps(*, campaign_id: int) -> Steps:
    """Version -> its steps as in the document; the newest version first."""
    versions = CampaignVersion.objects.filter(campaign=campaign_id).order_by("-number")
    return dict(versions.values_list("pk", "document__campaign__steps"))


def get_lines(*, campaign_id: int, steps: Steps) -> list[Line]:
    """Every step of the newest version in order, then those that only earlier ones have."""
    keys = _get_keys(steps)
    tally: dict[str, Reasons] = defaultdict(Counter)
    for (version, state, reason), people in _count_people(campaign_id):
        for key in keys[version]:
            tally[key][_get_absence(state, reason)] += people
    for (version, state, why, key, ending, reason), mails in _count_mails(campaign_id):
        if key in keys[version]:
            tally[key][_get_absence(state, why)] -= mails
        tally[key][BY_STATE[ending], reason] += mails
    for (version, reason, had), people in _count_held(campaign_id):
        held_at = next((key for key in keys[version] if key not in had), None)
        if held_at is not None:
            tally[held_at][Ending.WAITING, ""] -= people
            tally[held_at][Ending.HELD, reason] += people
    in_order = dict.fromkeys([key for own in keys.values() for key in own] + list(tally))
    return [Line(step_key=key, reasons=+tally[key]) for key in in_order]


def get_entries(
    *, enrolment: Enrolment, messages: Iterable[Message], steps: Steps
) -> Iterator[Entry]:
    """Every step of one person: first what the version that they are in now no longer has."""
    keys = [step["key"] for step in steps[enrolment.version_id]]
    had = {message.step_key: message for message in messages}
    next_key = next((key for key in keys if key not in had), None)
    for key in dict.fromkeys([*(key for key in had if key not in keys), *keys]):
        message = had.get(key)
        is_next = key == next_key and enrolment.state == Enrolment.State.ACTIVE
        ending, reason = _get_ending(enrolment, message, is_next=is_next)
        yield Entry(step_key=key, ending=ending, reason=reason, message=message, is_next=is_next)


def get_all_entries(
    *, people: QuerySet[Enrolment], steps: Steps
) -> Iterator[tuple[Enrolment, Entry]]:
    """Those of many people, a chunk at a time, so that a million rows need no memory."""
    in_order = people.select_related("respondent", "version").defer(
        "version__document", "version__compiled"
    )
    mails = Message.objects.order_by("created_at").only(*SHOWN)
    chunks = in_order.order_by("pk").prefetch_related(Prefetch("messages", mails))
    for enrolment in chunks.iterator(chunk_size=CHUNK):
        messages = enrolment.messages.all()
        for entry in get_entries(enrolment=enrolment, messages=messages, steps=steps):
            yield enrolment, entry


def get_people(
    *,
    people: QuerySet[Enrolment],
    steps: Steps,
    ending: Ending,
    step_key: str = "",
    reason: str | None = None,
) -> QuerySet[Enrolment]:
    """Those of `people` for whom the step (any: "") is held, waits or never came."""
    if reason is not None and ending == Ending.HELD:
        people = people.filter(hold_reason=reason)
    elif reason is not None and ending == Ending.NEVER:
        people = people.filter(reason=reason)
    is_held = IS_HELD
    if step_key:
        keys = _get_keys(steps)
        having = [version for version, own in keys.items() if step_key in own]
        people = people.annotate(had=_get_had()).filter(version__in=having)
        people = people.exclude(Q(had__contains=[step_key]))
        is_held &= _is_next(keys, step_key)
    if ending == Ending.NEVER:
        return people.exclude(state=Enrolment.State.ACTIVE)
    people = people.filter(state=Enrolment.State.ACTIVE)
    return people.filter(is_held) if ending == Ending.HELD else people.exclude(is_held)


def _is_next(keys: Mapping[int, list[str]], step_key: str) -> Q:
    """That all before it have their message, in the version that the person is in."""
    is_next = Q(pk__in=[])
    for version, own in keys.items():
        if step_key in own:
            is_next |= Q(version=version, had__contains=own[: own.index(step_key)])
    return is_next


def _get_keys(steps: Steps) -> dict[int, list[str]]:
    return {version: [step["key"] for step in own] for version, own in steps.items()}


def _get_absence(state: str, reason: str) -> tuple[Ending, str]:
    """Why there is no message, for a step that nobody has come to yet."""
    return (Ending.WAITING, "") if state == Enrolment.State.ACTIVE else (Ending.NEVER, reason)


def _get_ending(
    enrolment: Enrolment, message: Message | None, *, is_next: bool
) -> tuple[Ending, str]:
    if message is not None:
        return BY_STATE[message.state], message.reason
    if is_next and enrolment.hold_reason:
        return Ending.HELD, enrolment.hold_reason
    return _get_absence(enrolment.state, enrolment.reason)


def _count_people(campaign_id: int) -> Iterator[tuple[Any, int]]:
    people = Enrolment.objects.filter(campaign=campaign_id)
    return _count(people, "version", "state", "reason")


def _count_mails(campaign_id: int) -> Iterator[tuple[Any, int]]:
    mails = Message.objects.filter(enrolment__campaign=campaign_id)
    person = ("enrolment__version", "enrolment__state", "enrolment__reason")
    return _count(mails, *person, "step_key", "state", "reason")


def _count_held(campaign_id: int) -> Iterator[tuple[Any, int]]:
    held = Enrolment.objects.filter(IS_HELD, campaign=campaign_id).annotate(had=_get_had())
    return _count(held, "version", "hold_reason", "had")


def _get_had() -> ArraySubquery:
    """The steps that a person has a message for; sorted, so that they can be grouped."""
    own = Message.objects.filter(enrolment=OuterRef("pk")).order_by("step_key")
    return ArraySubquery(own.values("step_key"))


def _count(rows: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, int]]:
    for *values, count in rows.order_by().values_list(*columns).annotate(Count("pk")):
        yield tuple(values), count
