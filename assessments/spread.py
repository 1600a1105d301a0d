"""Many people's scores without any one person's: columns of ten points, and quartile bands.

Pure. Also the rule that keeps an organisation's mirror from being computed backwards.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

COLUMNS = 10
LEAST_MEMBERS = 5
ROUND_TO = 5

Band = tuple[int, int]
# Who is in a mirror: the person (a series of sittings) -> the sitting that counts.
Members = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One column of a distribution: its first point, its share of the tallest column in percent,
    and whether the reader's own score stands in it.
    """

    low: int
    percent: int
    is_own: bool


def count_columns(points: Iterable[int]) -> list[int]:
    """How many of `points` (0-100) fall in 0-9, 10-19, … 90-100."""
    columns = [0] * COLUMNS
    for each in points:
        columns[get_column(each)] += 1
    return columns


def get_column(points: int) -> int:
    return min(points // COLUMNS, COLUMNS - 1)


def build_bars(columns: Sequence[int], own: int) -> tuple[Bar, ...]:
    tallest = max(columns) or 1
    return tuple(
        Bar(
            low=place * 10,
            percent=round(100 * count / tallest),
            is_own=place == get_column(own),
        )
        for place, count in enumerate(columns)
    )


def get_share_below(columns: Sequence[int], points: int) -> int:
    """The percentage of all with a lower score, half of the own column counted, to the nearest
    ten: more than that the columns do not know. (Percentile rank with grouped scores.)
    """
    place = get_column(points)
    below = sum(columns[:place]) + columns[place] / 2
    return 10 * math.floor(10 * below / (sum(columns) or 1) + 0.5)


def build_band(points: Sequence[int]) -> Band:
    """The lower and upper quartile (inclusive method), rounded to five. Two points or more."""
    low, _, high = statistics.quantiles(points, n=4, method="inclusive")
    return _round(low), _round(high)


def get_widest(bands: Mapping[str, Band]) -> tuple[str, ...]:
    """The keys whose bands are the widest; none when nobody differs anywhere."""
    widths = {key: high - low for key, (low, high) in bands.items()}
    widest = max(widths.values(), default=0)
    return tuple(key for key, width in widths.items() if width == widest > 0)


def may_freeze(members: Members, earlier: Iterable[Members]) -> bool:
    """Whether a mirror of `members` may be made after those in `earlier`.

    At least five people are in it, and at least five differ (came, left or answered anew) from
    *every* earlier one: were it only the last, a group that grows and shrinks back could be
    held against the one it came from, and the difference would be one person.
    """
    if len(members) < LEAST_MEMBERS:
        return False
    return all(_count_differing(members, each) >= LEAST_MEMBERS for each in earlier)


def _count_differing(one: Members, other: Members) -> int:
    return sum(one.get(person) != other.get(person) for person in one.keys() | other.keys())


def _round(points: float) -> int:
    return ROUND_TO * math.floor(points / ROUND_TO + 0.5)
