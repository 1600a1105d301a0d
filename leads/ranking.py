"""How well an order of leads tells the good from the bad, and whether that can be said at all.

Pure. Intervals are of 95 %. They hold for one look; whoever tries many rules on the same leads and
keeps the best will be disappointed by the next ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

LEAST = 10  # good leads, and bad ones, below which nothing is said
Z = 1.959964  # of the normal distribution, for 95 %


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """One lead of the past: its grade and points as they would have been, and how it went."""

    grade: str
    points: int
    is_good: bool

    @property
    def place(self) -> tuple[str, int]:
        """The smaller, the earlier it would have been called."""
        return self.grade, -self.points


@dataclass(frozen=True, kw_only=True)
class Estimate:
    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`auc` is how often a good lead stands before a bad one: 1 always, 0.5 by chance. `precision`
    is the share of good ones among the first `top`. Both are None when there are too few to say.
    """

    good: int
    bad: int
    top: int
    auc: Estimate | None
    precision: Estimate | None

    @property
    def is_better_than_chance(self) -> bool:
        return self.auc is not None and self.auc.low > 0.5


def judge(*, leads: Sequence[Ranked], top: int) -> Verdict:
    good = [lead for lead in leads if lead.is_good]
    bad = [lead for lead in leads if not lead.is_good]
    is_enough = min(len(good), len(bad)) >= LEAST
    first = min(top, len(leads))
    return Verdict(
        good=len(good),
        bad=len(bad),
        top=first,
        auc=_get_auc(good, bad) if is_enough else None,
        precision=_get_precision(leads, first) if is_enough else None,
    )


def _get_auc(good: Sequence[Ranked], bad: Sequence[Ranked]) -> Estimate:
    """The Mann-Whitney statistic, by ranks; equals count half. Interval by Hanley and McNeil
    (Radiology 143, 1982, p. 29).
    """
    m, n = len(good), len(bad)
    area = (m * n - _count_inversions(good, bad)) / (m * n)
    q1, q2 = area / (2 - area), 2 * area * area / (1 + area)
    square = area * (1 - area) + (m - 1) * (q1 - area * area) + (n - 1) * (q2 - area * area)
    reach = Z * sqrt(max(square, 0.0) / (m * n))
    return Estimate(value=area, low=max(0.0, area - reach), high=min(1.0, area + reach))


def _count_inversions(good: Sequence[Ranked], bad: Sequence[Ranked]) -> float:
    """Pairs in which the bad lead stands first, and half of those in which neither does."""
    places: dict[tuple[str, int], list[int]] = {}
    for lead in [*good, *bad]:
        places.setdefault(lead.place, [0, 0])[not lead.is_good] += 1
    inversions, passed = 0.0, 0
    for place in sorted(places):
        goods, bads = places[place]
        inversions += goods * (passed + bads / 2)
        passed += bads
    return inversions


def _get_precision(leads: Sequence[Ranked], top: int) -> Estimate:
    """Of equals at the edge, as many are good as is their share: no order is made up among them.

    Wilson's score interval (JASA 22, 1927, p. 209).
    """
    ordered = sorted(leads, key=lambda lead: lead.place)
    edge = ordered[top - 1].place
    above = [lead for lead in ordered if lead.place < edge]
    equal = [lead for lead in ordered if lead.place == edge]
    share = sum(lead.is_good for lead in equal) / len(equal)
    p = (sum(lead.is_good for lead in above) + share * (top - len(above))) / top
    square = Z * Z / top
    middle, reach = p + square / 2, Z * sqrt(p * (1 - p) / top + square / (4 * top))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return Estimate(value=p, low=max(0.0, min(low, p)), high=min(1.0, max(high, p)))
