"""What a lead is worth calling for: fit from what they told us, engagement from what they did.

Pure. The same facts and the same moment always give the same score, whoever asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=30)

# Grades by points, best first: a lead belongs to the first one whose floor it reaches.
FIT_GRADES = (("A", 60), ("B", 40), ("C", 20), ("D", 0))
ENGAGEMENT_GRADES = (("1", 60), ("2", 40), ("3", 20), ("4", 0))
MOST = 100


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One thing the person said that has to do with fit. `key` names it, `label` shows it."""

    key: str
    label: str
    points: int


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing the person did, and when (aware)."""

    key: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One line of the breakdown: `points` of the `axis`, for what, and how many days ago."""

    axis: str
    key: str
    label: str
    points: int
    days_ago: int | None = None


@dataclass(frozen=True, kw_only=True)
class LeadScore:
    """Both axes 0-100, the grade (A-D and 1-4), and the reasons that add up to the points
    unless the sum passes 100.
    """

    fit: int
    engagement: int
    grade: str
    reasons: tuple[Reason, ...]


def score_lead(
    *,
    traits: Iterable[Trait],
    facts: Iterable[Fact],
    values: Mapping[str, int],
    now: datetime,
) -> LeadScore:
    """Add up the traits, and the facts by `values` (points when fresh), halved every 30 days.

    A fact dated after `now`, from a clock that runs ahead, counts as fresh.
    """
    fits = [
        Reason(axis="fit", key=each.key, label=each.label, points=each.points)
        for each in traits
        if each.points
    ]
    acts = [_weigh(fact, values, now) for fact in facts if values.get(fact.key)]
    fit = min(MOST, sum(reason.points for reason in fits))
    engagement = min(MOST, sum(reason.points for reason in acts))
    return LeadScore(
        fit=fit,
        engagement=engagement,
        grade=_get_grade(fit, FIT_GRADES) + _get_grade(engagement, ENGAGEMENT_GRADES),
        reasons=tuple(sorted([*fits, *acts], key=lambda reason: -reason.points)),
    )


def _weigh(fact: Fact, values: Mapping[str, int], now: datetime) -> Reason:
    age = max(now - fact.at, timedelta(0))
    points = round(values[fact.key] * 0.5 ** (age / HALF_LIFE))
    return Reason(axis="engagement", key=fact.key, label="", points=points, days_ago=age.days)


def _get_grade(points: int, grades: Iterable[tuple[str, int]]) -> str:
    return next(grade for grade, floor in grades if points >= floor)
