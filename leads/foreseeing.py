"""What other rules would do to the leads that are open now. Counts only, and changes nothing.

Both gradings are made from the same facts at the same moment, so that only the rules differ.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal, NamedTuple

from django.db.models import CharField, QuerySet
from django.db.models.functions import MD5, Cast

from campaigns import engagement
from leads.appraising import get_facts, get_fit
from leads.lead_scoring import Fact, get_engagement, get_grade
from leads.models import Lead, ScoreRules
from leads.scoring_rules import Rules

# So many take a quarter of a minute, which somebody who changes rules can wait.
MOST_ASKED = 100_000
PER_SECOND = 6_500  # benchmarks/RESULTS.md
BATCH = 5_000


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


class _Asked(NamedTuple):
    respondent_id: int
    reasons: list[dict[str, Any]]
    override_grade: str


def foresee(*, rules: Rules, now: datetime, most: int = MOST_ASKED) -> Outlook:
    """All open leads are graded by both rules; of more than `most`, so many: the same ones each
    time, as good as drawn. A grade set by hand stays what it is.
    """
    in_all = count()
    pairs = Counter(_grade(_choose(in_all, most), rules, now))
    asked = pairs.total()
    scale = in_all / asked if asked and in_all > most else 1
    return Outlook(
        leads=in_all if in_all > most else asked,
        asked=asked,
        before=_sum(((before, n) for (before, _), n in pairs.items()), scale),
        after=_sum(((after, n) for (_, after), n in pairs.items()), scale),
        shifts=_get_shifts(pairs, scale),
    )


def count() -> int:
    return _get_open().count()


def _get_open() -> QuerySet[Lead]:
    return Lead.objects.to_contact().open()


def _choose(in_all: int, most: int) -> Iterator[_Asked]:
    leads = _get_open()
    if in_all > most:
        leads = leads.order_by(MD5(Cast("pk", CharField())))[:most]
    rows = leads.values_list(*_Asked._fields).iterator(chunk_size=BATCH)
    return map(_Asked._make, rows)


def _grade(leads: Iterator[_Asked], rules: Rules, now: datetime) -> Iterator[tuple[str, str]]:
    """The grade that counts, before and after."""
    in_force = ScoreRules.objects.get_in_force().rules
    while batch := list(islice(leads, BATCH)):
        standings = engagement.get_standings(respondent_ids=[each.respondent_id for each in batch])
        for asked in batch:
            standing = standings.get(asked.respondent_id)
            facts = get_facts(standing) if standing else ()
            yield _get_pair(asked, facts, (in_force, rules), now)


def _get_pair(
    asked: _Asked, facts: tuple[Fact, ...], rules: tuple[Rules, Rules], now: datetime
) -> tuple[str, str]:
    if asked.override_grade:
        return asked.override_grade, asked.override_grade
    fit = get_fit(asked.reasons)
    before, after = (_get_one(fit, facts, each, now) for each in rules)
    return before, after


def _get_one(fit: int, facts: Iterable[Fact], rules: Rules, now: datetime) -> str:
    points = get_engagement(facts=facts, rules=rules, now=now)
    return get_grade(fit=min(rules.most, fit), engagement=points, rules=rules)


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
