"""What became of each mail: the rows' word against the judge's book. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests.chaos.crew import CONCURRENCY
from tests.chaos.judge import Taken
from tests.chaos.storm import Deed

GRACE = 60  # seconds that a row may be held past its lease
LONGEST_SILENCE = 75  # seconds without mail after the broker was back
RECOVERED_WITHIN = 120  # seconds after the last deed; the sweeps come every 30
ENDED = {"sent", "failed", "unknown"}
BY_ANSWER = "lost_after_"  # unknown because the server fell silent, not because of us


@dataclass(frozen=True, kw_only=True)
class Row:
    """A message as the database has it; `should` is the state that its server leads to."""

    pk: UUID
    to: str
    state: str
    reason: str
    should: str
    sending_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    people: int
    window: int
    rows: Sequence[Row]
    taken: Sequence[Taken]
    deeds: Sequence[Deed]
    holders: Mapping[UUID, UUID]
    cuts: int
    exits: int
    longest_hold: float
    recovered: float | None
    broken: Sequence[str]
    # Nobody is told to settle while the broker is frozen: leases wait as long.
    broker_frozen: float = 0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    figures: Mapping[str, str]
    broken: Sequence[str]


def judge(evidence: Evidence) -> Verdict:
    """The figures to be printed, and the sentences of the promises that were broken."""
    wire = Counter(each.message_id.strip("<>").partition("@")[0] for each in evidence.taken)
    sent = [row for row in evidence.rows if row.state == "sent"]
    unknown = [row for row in evidence.rows if row.state == "unknown"]
    lost = _count_lost(evidence, wire)
    double = sum(count > 1 for count in wire.values())
    double += sum(count > 1 for count in Counter(each.to for each in evidence.taken).values())
    ours = [row for row in unknown if not row.reason.startswith(BY_ANSWER)]
    at_once = _get_most_of_one_process(ours, evidence.holders)
    bound = evidence.window * _count_stopped(evidence)
    wrong = [row for row in evidence.rows if row.state not in {row.should, "unknown"}]
    arrived = sum(wire[str(row.pk)] > 0 for row in unknown)
    silence = _get_longest_silence(evidence)
    known = len(sent) <= sum(wire.values()) <= len(sent) + len(unknown)
    promises = {
        f"{lost} lost": lost == 0,
        f"{double} double": double == 0,
        f"{len(ours)} unknown, and at most {bound} may be": len(ours) <= bound,
        f"one process left {at_once} unknown": at_once <= evidence.window,
        "the wire has fewer mails than are sent, or more than are sent or unknown": known,
        f"{len(wrong)} ended otherwise than their server said": not wrong,
        f"a row was held {evidence.longest_hold:.0f} s past its lease": (
            evidence.longest_hold <= GRACE + evidence.broker_frozen
        ),
        f"{silence:.0f} s without mail after the broker was back": silence <= LONGEST_SILENCE,
        f"recovered after: {_describe_seconds(evidence.recovered)}": (
            evidence.recovered is not None and evidence.recovered <= RECOVERED_WITHIN
        ),
        f"invariants: {'; '.join(evidence.broken)}": not evidence.broken,
    }
    figures = {
        "people": f"{evidence.people}",
        "sent": f"{len(sent)}",
        "failed, as they should": f"{sum(row.state == 'failed' for row in evidence.rows)}",
        "on the wire": f"{sum(wire.values())}",
        "lost": f"{lost}",
        "double": f"{double}",
        "unknown": f"{len(ours)} (bound {bound}; most of one process {at_once})",
        "unknown by the server's silence": f"{len(unknown) - len(ours)}",
        "unknown that had arrived": f"{arrived} of {len(unknown)}",
        "deeds": _describe_deeds(evidence),
        "unknown per kill": _describe_per_kill(ours, evidence.deeds),
        "held longest past its lease": f"{evidence.longest_hold:.1f} s",
        "longest until mail after the broker": f"{silence:.1f} s",
        "recovered after": _describe_seconds(evidence.recovered),
        "invariants broken": f"{len(evidence.broken)}",
    }
    return Verdict(figures=figures, broken=[each for each, kept in promises.items() if not kept])


def _count_lost(evidence: Evidence, wire: Counter[str]) -> int:
    """People without a message, messages that never ended, and sent ones that never were."""
    missing = evidence.people - len({row.to for row in evidence.rows})
    stuck = sum(row.state not in ENDED for row in evidence.rows)
    unsent = sum(row.state == "sent" and not wire[str(row.pk)] for row in evidence.rows)
    return missing + stuck + unsent


def _count_stopped(evidence: Evidence) -> int:
    """How many processes may have been stopped with a window open."""
    killed = sum(deed.processes for deed in evidence.deeds)
    return killed + evidence.cuts + CONCURRENCY * evidence.exits


def _get_most_of_one_process(unknown: Sequence[Row], holders: Mapping[UUID, UUID]) -> int:
    """A claim belongs to one process. A row that nobody was seen to hold counts as a claim."""
    counts = Counter(holders.get(row.pk, row.pk) for row in unknown)
    return max(counts.values(), default=0)


def _get_longest_silence(evidence: Evidence) -> float:
    """From the moment when the broker is back, or empty, to the next mail; 0 without such."""
    times = [each.at for each in evidence.taken]
    back = [deed.at for deed in evidence.deeds if "broker" in deed.what]
    waits = [min((time - at for time in times if time >= at), default=0) for at in back]
    return max(waits, default=0)


def _describe_per_kill(unknown: Sequence[Row], deeds: Sequence[Deed]) -> str:
    """Each belongs to the first deed after it was handed over that stopped a process."""
    kills = [deed.at for deed in deeds if deed.processes]
    if not kills:
        return "-"
    blamed: Counter[float | None] = Counter()
    for row in unknown:
        at = row.sending_at.timestamp() if row.sending_at else 0
        blamed[next((kill for kill in kills if kill >= at), None)] += 1
    spread = Counter(blamed[kill] for kill in kills)
    count = sum(count for kill, count in blamed.items() if kill)
    mean, each = count / len(kills), count / sum(deed.processes for deed in deeds)
    words = ", ".join(f"{times} left {count}" for count, times in sorted(spread.items()))
    return f"{mean:.2f} on average, {each:.2f} per process stopped ({words})"


def _describe_deeds(evidence: Evidence) -> str:
    counts = Counter(deed.what for deed in evidence.deeds)
    words = [f"{count} {what.replace('_', ' ')}" for what, count in sorted(counts.items())]
    if evidence.cuts:
        words.append(f"{evidence.cuts} connections cut")
    if evidence.exits:
        words.append(f"{evidence.exits} workers exited by themselves")
    flowing = sum(deed.was_flowing for deed in evidence.deeds)
    stopped = sum(deed.processes for deed in evidence.deeds)
    return f"{', '.join(words)}; {flowing} while mail flowed; {stopped} sending processes stopped"


def _describe_seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"
