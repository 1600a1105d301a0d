"""Move due enrolments forward: ask the planner, write what it decided.

One transaction per batch; people whom another process holds are passed over. What the planner
decides becomes a message row, a hold on the enrolment, or its end.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from assessments import profiles
from campaigns import cohorts, histories, letters, permission, planner, sequences
from campaigns.models import (
    CampaignVersion,
    DeliveryEvent,
    Enrolment,
    Message,
    make_message_id,
)
from pmoportal import crashing

logger = logging.getLogger(__name__)

State = Message.State
LOOK_AGAIN_AFTER_ERROR = timedelta(hours=1)
# The oldest are chosen in the index before anything is joined or locked: the statistics know
# little of how few are due, and a plan that sorts all of them grows with the table. Some may be
# in other hands, so there are more candidates than places.
LOCK_PEOPLE = """
    WITH candidate AS MATERIALIZED (
        SELECT id, respondent_id, next_due_at FROM campaigns_enrolment
        WHERE state = 'active' AND next_due_at <= %(now)s
        ORDER BY next_due_at, id LIMIT %(candidates)s
    )
    SELECT person.id
    FROM candidate JOIN assessments_respondent AS person ON person.id = candidate.respondent_id
    ORDER BY candidate.next_due_at, candidate.id
    LIMIT %(limit)s FOR NO KEY UPDATE OF person SKIP LOCKED
"""
CANDIDATES = 4

# One statement: Django's bulk_update builds a CASE per column and row, mostly in Python.
WRITE = """
    UPDATE campaigns_enrolment AS enrolment SET
        state = new.state, reason = new.reason, ended_at = new.ended_at,
        next_due_at = new.next_due_at, hold_reason = new.hold_reason, hold_until = new.hold_until
    FROM unnest(%(pk)s::bigint[], %(state)s::text[], %(reason)s::text[],
        %(ended_at)s::timestamptz[], %(next_due_at)s::timestamptz[], %(hold_reason)s::text[],
        %(hold_until)s::timestamptz[])
        AS new (id, state, reason, ended_at, next_due_at, hold_reason, hold_until)
    WHERE enrolment.id = new.id
"""
WRITTEN = ("pk", "state", "reason", "ended_at", "next_due_at", "hold_reason", "hold_until")


@dataclass(frozen=True, kw_only=True)
class Planned:
    """How many enrolments were looked at, and how many messages are now ready to be sent."""

    looked_at: int
    ready: int


@dataclass(kw_only=True)
class Batch:
    """What one batch has read, and what it is going to write."""

    now: datetime
    profiles: Mapping[uuid.UUID, profiles.Profile]
    past: dict[int, list[Message]]
    compiled: Mapping[int, Mapping[str, str]]
    waits: Mapping[int, Sequence[planner.Wait]]
    caps: Mapping[int, int]
    messages: list[Message] = field(default_factory=list)

    def keep(self, message: Message) -> None:
        """Written with the rest, and known to the next decision about the same person."""
        self.messages.append(message)
        self.past.setdefault(message.respondent_id or 0, []).append(message)


@transaction.atomic
def plan_due(*, now: datetime, limit: int) -> Planned:
    """Decide for up to `limit` due enrolments, oldest first, and whatever else is due for the
    same people; a constant number of queries.
    """
    due = _lock_due(now=now, limit=limit)
    if not due:
        return Planned(looked_at=0, ready=0)
    batch = _read(due, now)
    for enrolment in due:
        _advance(enrolment, batch)
    _refuse(due, batch)
    _recognise(batch)
    Message.objects.bulk_create(batch.messages, ignore_conflicts=True)
    _write(due)
    crashing.reach("in_planner")
    ready = sum(m.state == State.QUEUED and m.due_at <= now for m in batch.messages)
    return Planned(looked_at=len(due), ready=ready)


def _lock_due(*, now: datetime, limit: int) -> list[Enrolment]:
    """Where two campaigns want the same person, the one of higher priority comes first."""
    # The person first, and alone: the cap is one for all of somebody's enrolments, and a lock
    # on one of these, kept for a person who is then passed over, would hide it from others.
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PEOPLE, {"now": now, "limit": limit, "candidates": CANDIDATES * limit})
        people = {person for (person,) in cursor.fetchall()}
    theirs = (
        Enrolment.objects.filter(
            state=Enrolment.State.ACTIVE, next_due_at__lte=now, respondent__in=people
        )
        .order_by("next_due_at", "pk")
        .select_related("campaign")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
    )
    return sorted(theirs, key=lambda each: -each.campaign.priority)


def _read(due: Sequence[Enrolment], now: datetime) -> Batch:
    versions = CampaignVersion.objects.filter(pk__in={each.version_id for each in due})
    return Batch(
        now=now,
        profiles=profiles.get_profiles({each.response_id for each in due}),
        past=histories.get_past(people={each.respondent_id for each in due}),
        compiled=dict(versions.values_list("pk", "compiled")),
        waits=histories.get_waits(enrolments=due),
        caps=histories.get_caps(people={each.respondent_id for each in due}),
    )


def _advance(enrolment: Enrolment, batch: Batch) -> None:
    """Apply decisions until one asks for patience, sends or ends."""
    try:
        _apply_decisions(enrolment, batch)
    except Exception:  # a defect in one enrolment must not stop everybody's mail
        logger.exception("enrolment %s cannot be planned", enrolment.pk)
        _hold(enrolment, until=batch.now + LOOK_AGAIN_AFTER_ERROR, reason="error")


def _apply_decisions(enrolment: Enrolment, batch: Batch) -> None:
    profile = batch.profiles[enrolment.response_id]
    sequence = sequences.get_sequence(version_id=enrolment.version_id, year=batch.now.year)
    history = histories.build_history(
        enrolment, batch.past.get(enrolment.respondent_id, ()), batch.waits[enrolment.pk]
    )
    cap_days = batch.caps.get(enrolment.respondent_id, 0)
    person = histories.build_person(profile, cap_days=cap_days)
    while True:
        decision = planner.plan_next(
            sequence=sequence, history=history, person=person, now=batch.now
        )
        match decision:
            case planner.Hold():
                return _hold(enrolment, until=decision.until, reason=decision.reason)
            case planner.Finish():
                return _finish(enrolment, decision.reason, batch.now)
            case planner.Send():
                batch.keep(_build_message(enrolment, decision, profile, batch))
                ended = {**history.ended_steps, decision.step.key: decision.at}
                following = planner.get_next_due(
                    sequence=sequence, history=replace(history, ended_steps=ended)
                )
                return _hold(enrolment, until=following or decision.at, reason="")
            case planner.Skip() | planner.Drop():
                batch.keep(_build_unsent(enrolment, decision, profile, batch.now))
                ended = {**history.ended_steps, decision.step.key: batch.now}
                history = replace(history, ended_steps=ended)


def _build_message(
    enrolment: Enrolment, send: planner.Send, profile: profiles.Profile, batch: Batch
) -> Message:
    document = sequences.get_document(enrolment.version_id)
    step = next(each for each in document["campaign"]["steps"] if each["key"] == send.step.key)
    tip = next((each for each in document["tips"] if each["key"] == send.tip), None)
    source = f"tip:{send.tip}" if tip else f"step:{send.step.key}"
    variant, compiled = _choose_compiled(enrolment, source, profile.language, batch)
    return Message(
        **_get_base(enrolment, send.step, profile, batch.now),
        tip_key=send.tip,
        variant=variant,
        compiled_id=compiled,
        values=letters.build_values(profile=profile, step=step, tip=tip),
        due_at=send.at,
        not_after=send.not_after,
    )


def _choose_compiled(
    enrolment: Enrolment, source: str, language: str, batch: Batch
) -> tuple[str, str]:
    """Which subject, where there are two, and the digest of the mail that has it."""
    compiled = batch.compiled[enrolment.version_id]
    first, second = f"{source}/{language}", f"{source}/{language}/b"
    if second not in compiled:
        return "", compiled[first]
    variant = cohorts.choose(seed=str(enrolment.respondent_id), key=source)
    return variant, compiled[second if variant == "b" else first]


def _build_unsent(
    enrolment: Enrolment,
    decision: planner.Skip | planner.Drop,
    profile: profiles.Profile,
    now: datetime,
) -> Message:
    state = State.SKIPPED if isinstance(decision, planner.Skip) else State.DROPPED
    return Message(
        **_get_base(enrolment, decision.step, profile, now),
        state=state,
        reason=decision.reason,
        due_at=now,
        ended_at=now,
    )


def _get_base(
    enrolment: Enrolment, step: planner.Step, profile: profiles.Profile, now: datetime
) -> dict[str, object]:
    key = f"{enrolment.pk}:{step.key}"
    return {
        "id": make_message_id(key, profile.email, enrolment.started_at),
        "is_urgent": step.kind == "result",
        "key": key,
        "kind": Message.Kind.CAMPAIGN,
        "enrolment": enrolment,
        "respondent_id": enrolment.respondent_id,
        "step_key": step.key,
        "to": profile.email,
        "language": profile.language,
        "created_at": now,
    }


def _write(due: Sequence[Enrolment]) -> None:
    values = {name: [getattr(each, name) for each in due] for name in WRITTEN}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def _refuse(due: Sequence[Enrolment], batch: Batch) -> None:
    """Turn what we may not send into a skipped message and a stopped enrolment."""
    queued = [message for message in batch.messages if message.state == State.QUEUED]
    refusals = permission.get_refusals(messages=queued, now=batch.now)
    enrolments = {each.pk: each for each in due}
    for message in queued:
        refusal = refusals.get(message.key)
        if refusal and not refusal.is_for_now:
            message.state, message.reason = State.SKIPPED, refusal.reason
            message.ended_at = batch.now
            enrolment = enrolments[message.enrolment_id or 0]
            _end(enrolment, Enrolment.State.STOPPED, refusal.reason, batch.now)


def _recognise(batch: Batch) -> None:
    """A database that was restored plans again what has left; its reports tell of it."""
    queued = {message.pk: message for message in batch.messages if message.state == State.QUEUED}
    lost = DeliveryEvent.objects.filter(message=None, claimed_id__in=queued)
    for report in lost.exclude(kind=DeliveryEvent.Kind.REFUSED):
        assert report.claimed_id
        message, at = queued[report.claimed_id], report.happened_at
        message.state, message.reason = State.SENT, "proved"
        message.sending_at = message.sent_at = message.ended_at = at


def _hold(enrolment: Enrolment, *, until: datetime, reason: str) -> None:
    enrolment.next_due_at = until
    enrolment.hold_reason = reason
    enrolment.hold_until = until if reason else None


def _finish(enrolment: Enrolment, reason: str, now: datetime) -> None:
    _end(enrolment, Enrolment.State.FINISHED, reason, now)


def _end(enrolment: Enrolment, state: Enrolment.State, reason: str, now: datetime) -> None:
    enrolment.state, enrolment.reason, enrolment.ended_at = state, reason, now
    enrolment.next_due_at = enrolment.hold_until = None
    enrolment.hold_reason = ""
