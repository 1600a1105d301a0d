"""What a lead is worth calling for: fit from what they told us, engagement from what they did.

Pure. The same facts, rules and moment always give the same score, whoever asks. Ages are told by
instants and not by calendars, so that neither time zones nor the nights of DST matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.scoring_rules import ENGAGEMENTS, FITS, Rules


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
    """Both axes, the grade (A-D and 1-4), and the reasons, heaviest first. They add up to the
    points of each axis unless their sum passes the most there can be.
    """

    fit: int
    engagement: int
    grade: str
    reasons: tuple[Reason, ...]


def score_lead(
    *, traits: Iterable[Trait], facts: Iterable[Fact], rules: Rules, now: datetime
) -> LeadScore:
    """Add up the traits, and the facts as the rules value them, halved by each half-life.

    A fact dated after `now`, from a clock that runs ahead, counts as fresh. Facts of a kind that
    the rules do not value, a scanner's click among them, are left out.
    """
    fits = [
        Reason(axis="fit", key=each.key, label=each.label, points=each.points)
        for each in traits
        if each.points
    ]
    acts = [_weigh(fact, rules, now) for fact in facts if _has_value(fact, rules)]
    fit = min(rules.most, sum(reason.points for reason in fits))
    engagement = min(rules.most, sum(reason.points for reason in acts))
    return LeadScore(
        fit=fit,
        engagement=engagement,
        grade=get_grade(fit=fit, engagement=engagement, rules=rules),
        reasons=tuple(sorted([*fits, *acts], key=_get_place)),
    )


def get_engagement(*, facts: Iterable[Fact], rules: Rules, now: datetime) -> int:
    """The points of `score_lead` alone, for those who ask it of very many."""
    points = (_get_points(fact, rules, now) for fact in facts if _has_value(fact, rules))
    return min(rules.most, sum(points))


def get_grade(*, fit: int, engagement: int, rules: Rules) -> str:
    """A lead belongs to the first grade whose floor it reaches, on each axis."""
    letter = _find(fit, FITS, rules.fit_floors)
    return letter + _find(engagement, ENGAGEMENTS, rules.engagement_floors)


def _has_value(fact: Fact, rules: Rules) -> bool:
    return fact.key in rules.facts and rules.facts[fact.key].points > 0


def _weigh(fact: Fact, rules: Rules, now: datetime) -> Reason:
    points, age = _get_points(fact, rules, now), _get_age(fact, now)
    return Reason(axis="engagement", key=fact.key, label="", points=points, days_ago=age.days)


def _get_points(fact: Fact, rules: Rules, now: datetime) -> int:
    rule = rules.facts[fact.key]
    halvings = _get_age(fact, now) / timedelta(days=rule.half_life_days)
    points: float = rule.points * 0.5**halvings
    return round(points)


def _get_age(fact: Fact, now: datetime) -> timedelta:
    return max(now - fact.at, timedelta(0))


def _get_place(reason: Reason) -> tuple[int, bool, str, str, int]:
    """Total, so that the order in which facts are read shows nowhere."""
    is_act = reason.axis != "fit"
    return -reason.points, is_act, reason.key, reason.label, reason.days_ago or 0


def _find(points: int, grades: tuple[str, ...], floors: tuple[int, ...]) -> str:
    found = (grade for grade, floor in zip(grades, floors, strict=False) if points >= floor)
    return next(found, grades[-1])
