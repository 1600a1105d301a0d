"""One person led through a sequence in a moment: every decision the planner would make, and when.

Pure, and without rules of its own: it asks `planner.plan_next` again and again, by a clock that
jumps to the next moment at which anything could change.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from campaigns import planner, windows

Ending = Literal["sent", "skipped", "dropped", "held", "finished", "never_open"]

# Each step has a few holds at most; whoever asks for more goes round in a circle.
MOST_DECISIONS = 5_000


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One decision on the way. `at` is when a mail leaves, or when a wait begins, and `until` when
    that ends. `step` is what it was about; None when the sequence is over. A mail that leaves was
    due at `due_at`, counted from `since`: when the step before it ended, or, `is_first`, the start.
    """

    at: datetime
    ending: Ending
    step: planner.Step | None
    reason: str = ""
    tip: str = ""
    until: datetime | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    is_first: bool = False


def walk(
    *,
    get_sequence: Callable[[datetime], planner.Sequence],
    history: planner.History,
    person: planner.Person,
    now: datetime,
    until: datetime,
) -> list[Stop]:
    """The stops from `now` to `until`, in the order of time.

    `get_sequence` tells the sequence as it is known at a moment: red days are known year by year.
    A mail is taken to leave when it is planned to, also the one under way. A step that is not due
    yet is no stop; one that is due and has to wait is one, however many times the planner would
    look meanwhile.
    """
    stops: list[Stop] = []
    history = replace(history, is_mail_open=False)
    for stop in _get_stops(get_sequence, history, person, now):
        if stop.at > until:
            break
        if stops and _goes_on(stops[-1], stop):
            stops[-1] = replace(stops[-1], until=stop.until)
        else:
            stops.append(stop)
    return stops


def _get_stops(
    get_sequence: Callable[[datetime], planner.Sequence],
    history: planner.History,
    person: planner.Person,
    now: datetime,
) -> Iterator[Stop]:
    for _ in range(MOST_DECISIONS):
        sequence = get_sequence(now)
        step = planner.get_next_step(sequence=sequence, history=history)
        try:
            decision = planner.plan_next(sequence=sequence, history=history, person=person, now=now)
        except windows.NeverOpen:
            yield Stop(at=now, ending="never_open", step=step, reason="never_open")
            return
        match decision:
            case planner.Hold(until=until, reason=reason):
                if reason:
                    yield Stop(at=now, ending="held", step=step, reason=reason, until=until)
                now = until
            case planner.Finish(reason=reason):
                yield Stop(at=now, ending="finished", step=None, reason=reason)
                return
            case planner.Send(at=at, tip=tip):
                yield Stop(
                    at=at,
                    ending="sent",
                    step=step,
                    tip=tip,
                    since=max(history.ended_steps.values(), default=history.started_at),
                    due_at=planner.get_next_due(sequence=sequence, history=history),
                    is_first=not history.ended_steps,
                )
                history = _remember(history, decision.step, at, tip)
                # As when planning for real: it looks again when the next step is due.
                now = max(at, planner.get_next_due(sequence=sequence, history=history) or at)
            case planner.Skip(reason=reason):
                yield Stop(at=now, ending="skipped", step=step, reason=reason)
                history = _remember(history, decision.step, now)
            case planner.Drop(reason=reason):
                yield Stop(at=now, ending="dropped", step=step, reason=reason)
                history = _remember(history, decision.step, now)


def _goes_on(last: Stop, stop: Stop) -> bool:
    return last.ending == stop.ending == "held" and (last.step, last.reason) == (
        stop.step,
        stop.reason,
    )


def _remember(
    history: planner.History, step: planner.Step, at: datetime, tip: str | None = None
) -> planner.History:
    """`tip` None: nothing left."""
    ended = {**history.ended_steps, step.key: at}
    if tip is None:
        return replace(history, ended_steps=ended)
    tips = frozenset({*history.tips, tip}) if tip else history.tips
    return replace(history, ended_steps=ended, tips=tips, last_mail_at=at)
