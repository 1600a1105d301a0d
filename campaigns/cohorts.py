"""Who gets which of two subjects, and what can be said of the difference.

Pure. Intervals are of 95 %. They hold for one look at a number that was agreed on beforehand;
whoever looks often finds differences that are not there, so below ENOUGH nothing is said.
"""

import hashlib
from dataclasses import dataclass
from math import sqrt
from typing import Literal

Cohort = Literal["a", "b"]
Verdict = Literal["too_few", "no_difference", "a_better", "b_better"]

ENOUGH = 100  # people, in each cohort
MARGIN = 0.02  # a difference smaller than this is none that anybody would act on
Z = 1.959964  # of the normal distribution, for 95 %


@dataclass(frozen=True, kw_only=True)
class Share:
    """`count` of `of`, with Wilson's score interval; of nobody, everything is possible."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def is_enough(self) -> bool:
        return self.of >= ENOUGH


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`difference` is the share of b less that of a, between `low` and `high`."""

    a: Share
    b: Share
    difference: float
    low: float
    high: float
    verdict: Verdict


def choose(*, seed: str, key: str) -> Cohort:
    """The same for the same person and mail, and as good as a coin over many people.

    Named, so that it has nothing to do with the moment the planner hashes from the same words.
    """
    digest = hashlib.sha256(f"cohort\0{seed}\0{key}".encode()).digest()
    return "b" if digest[0] & 1 else "a"


def estimate(*, count: int, of: int) -> Share:
    """Wilson's score interval (E. B. Wilson, JASA 22, 1927, p. 209):

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)
    """
    if not of:
        return Share(count=0, of=0, low=0.0, high=1.0)
    p, square = count / of, Z * Z / of
    middle = p + square / 2
    reach = Z * sqrt(p * (1 - p) / of + square / (4 * of))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return Share(count=count, of=of, low=max(0.0, min(low, p)), high=min(1.0, max(high, p)))


def compare(*, a: tuple[int, int], b: tuple[int, int], is_more_better: bool) -> Comparison:
    """Two cohorts, each as (count, of). Newcombe's hybrid score interval from those of Wilson
    (R. G. Newcombe, Statistics in Medicine 17, 1998, p. 873, method 10), with d = q − p:

    d − √((q − low q)² + (high p − p)²)  to  d + √((high q − q)² + (p − low p)²)
    """
    first, second = (estimate(count=count, of=of) for count, of in (a, b))
    p, q = first.value, second.value
    low = q - p - sqrt((q - second.low) ** 2 + (first.high - p) ** 2)
    high = q - p + sqrt((second.high - q) ** 2 + (p - first.low) ** 2)
    is_enough = first.is_enough and second.is_enough
    verdict = _judge(low, high, is_more_better=is_more_better) if is_enough else "too_few"
    return Comparison(a=first, b=second, difference=q - p, low=low, high=high, verdict=verdict)


def _judge(low: float, high: float, *, is_more_better: bool) -> Verdict:
    if low > 0 or high < 0:
        return "b_better" if (low > 0) == is_more_better else "a_better"
    return "no_difference" if low >= -MARGIN and high <= MARGIN else "too_few"
