"""What other rules would do to the leads that are open now. Counts only, and changes nothing.

Both gradings are made from the same facts at the same moment, so that only the rules differ.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import CharField
from django.db.models.functions import MD5, Cast

from campaigns import engagement
from leads.appraising import get_facts, get_fit
from leads.lead_scoring import Fact, Trait, score_lead
from leads.models import Lead, ScoreRules
from leads.scoring_rules import Rules

MOST_ASKED = 1_000
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Shift:
    """So many leads would get this grade, from better or from worse ones."""

    way: Literal["up", "down"]
    grade: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """`before` and `after` count leads by grade. All are scaled up when only some were asked."""

    leads: int
    asked: int
    before: dict[str, int]
    after: dict[str, int]
    shifts: tuple[Shift, ...]

    @property
    def is_estimate(self) -> bool:
        return self.asked < self.leads


def foresee(*, rules: Rules, now: datetime, most: int = MOST_ASKED) -> Outlook:
    """Up to `most` leads are graded by both rules: the same ones each time, as good as drawn."""
    leads = Lead.objects.to_contact().open()
    count = leads.count()
    drawn = leads.order_by(MD5(Cast("pk", CharField())))[:most]
    pairs = Counter(_grade(list(drawn.values_list("respondent_id", "reasons")), rules, now))
    asked = pairs.total()
    scale = count / asked if asked else 1
    return Outlook(
        leads=count,
        asked=asked,
        before=_sum(((before, n) for (before, _), n in pairs.items()), scale),
        after=_sum(((after, n) for (_, after), n in pairs.items()), scale),
        shifts=_get_shifts(pairs, scale),
    )


def _grade(
    leads: list[tuple[int, list[dict[str, object]]]], rules: Rules, now: datetime
) -> Iterator[tuple[str, str]]:
    in_force = ScoreRules.objects.get_in_force().rules
    for start in range(0, len(leads), BATCH):
        batch = leads[start : start + BATCH]
        standings = engagement.get_standings(respondent_ids=[person for person, _ in batch])
        for person, reasons in batch:
            standing = standings.get(person)
            facts = get_facts(standing) if standing else ()
            fit = get_fit(reasons)
            yield _get_one(fit, facts, in_force, now), _get_one(fit, facts, rules, now)


def _get_one(fit: int, facts: Iterable[Fact], rules: Rules, now: datetime) -> str:
    traits = [Trait(key="", label="", points=fit)]
    return score_lead(traits=traits, facts=facts, rules=rules, now=now).grade


def _sum(counts: Iterable[tuple[str, int]], scale: float) -> dict[str, int]:
    total: Counter[str] = Counter()
    for grade, count in counts:
        total[grade] += count
    return {grade: round(count * scale) for grade, count in total.items()}


def _get_shifts(pairs: Counter[tuple[str, str]], scale: float) -> tuple[Shift, ...]:
    """The largest first."""
    up = _sum(((after, n) for (before, after), n in pairs.items() if after < before), scale)
    down = _sum(((after, n) for (before, after), n in pairs.items() if after > before), scale)
    shifts = [Shift(way="up", grade=grade, count=n) for grade, n in up.items()]
    shifts += [Shift(way="down", grade=grade, count=n) for grade, n in down.items()]
    return tuple(sorted(shifts, key=lambda shift: (-shift.count, shift.grade)))
