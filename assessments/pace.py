"""How long people take, counted so that no single person is left in the numbers.

Pure. A count of seconds is a histogram: one number per span between EDGES, the last one open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

AWAY_SECONDS = 300  # a longer pause is a person who went away, and says nothing about the question
EDGES = (0, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 45, 60, 90, 120, 180, 240, 300, 480, 900, 1800)


@dataclass(kw_only=True)
class Count:
    """`answered` and `left` people, and their times as a histogram over EDGES."""

    answered: int = 0
    left: int = 0
    seconds: list[int] = field(default_factory=lambda: [0] * len(EDGES))

    def add(self, other: "Count") -> None:
        self.answered += other.answered
        self.left += other.left
        self.seconds = [a + b for a, b in zip(self.seconds, other.seconds, strict=True)]

    def add_time(self, seconds: int) -> None:
        self.seconds[_get_place(seconds)] += 1


def measure(*, since: datetime, now: datetime) -> int | None:
    """Whole seconds from `since` to `now`; None when somebody was away, 0 for a clock set back."""
    seconds = max(0, round((now - since).total_seconds()))
    return seconds if seconds <= AWAY_SECONDS else None


def count_sitting(
    *, questions: Sequence[str], seconds: dict[str, int | None], is_completed: bool
) -> dict[str, Count]:
    """One ended sitting as counts by question key, and by "" for the test as a whole.

    `questions` are the keys in order, `seconds` the time of each that was answered. The first
    one without an answer is where the person left. Only a completed sitting without a long
    pause says how long the test takes.
    """
    counts = {key: Count(answered=1) for key in questions if key in seconds}
    for key, count in counts.items():
        taken = seconds[key]
        if taken is not None:
            count.add_time(taken)
    counts[""] = Count(answered=int(is_completed), left=int(not is_completed))
    times = [taken for taken in seconds.values() if taken is not None]
    if is_completed and len(times) == len(questions):
        counts[""].add_time(sum(times))
    if not is_completed:
        left_at = next((key for key in questions if key not in seconds), None)
        if left_at is not None:
            counts.setdefault(left_at, Count()).left += 1
    return counts


def get_median(histogram: Iterable[int]) -> float | None:
    """The median in seconds, evenly spread within its span; None when nobody was timed.

    Grouped median: L + (n/2 - F) / f * w, with F the count below the span.
    """
    counts = list(histogram)
    half = sum(counts) / 2
    below = 0
    for place, count in enumerate(counts):
        if count and below + count >= half:
            low = EDGES[place]
            high = EDGES[place + 1] if place + 1 < len(EDGES) else 2 * low
            return low + (half - below) / count * (high - low)
        below += count
    return None


def _get_place(seconds: int) -> int:
    return max(place for place, edge in enumerate(EDGES) if edge <= seconds)
