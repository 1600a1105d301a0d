"""How rules would have ranked the leads of the past, beside how those turned out. Counts only.

Each lead is scored at the moment it was judged, by the facts of before: what came after, such as
an answer to an offer, would tell the rules what they are to foretell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from campaigns.engagement import get_standings
from leads.appraising import get_facts, get_fit
from leads.lead_scoring import Fact, Trait, score_lead
from leads.models import Lead, ScoreRules
from leads.ranking import Ranked, Verdict, judge
from leads.scoring_rules import Rules

TOP = 20
MOST_TRIED = 1_000
BATCH = 500
GOOD, BAD = Lead.Judgement.GOOD, Lead.Judgement.BAD
# What somebody said of a lead counts; else how it ended.
OUTCOMES = {Lead.Stage.WON: GOOD, Lead.Stage.LOST: BAD}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of trying one edition; `number` is None for rules that are not published."""

    number: int | None
    verdict: Verdict


def try_rules(*, wanted: Mapping[int | None, Rules]) -> list[Trial]:
    """Each of these rules on the newest judged leads, the same for all."""
    past = list(_get_past())
    return [
        Trial(number=number, verdict=judge(leads=[_rank(each, rules) for each in past], top=TOP))
        for number, rules in wanted.items()
    ]


def get_newest_editions(*, limit: int) -> dict[int | None, Rules]:
    editions = ScoreRules.objects.get_editions()
    return {number: editions[number].rules for number in sorted(editions, reverse=True)[:limit]}


@dataclass(frozen=True, kw_only=True)
class _Past:
    fit: int
    facts: tuple[Fact, ...]
    at: datetime
    is_good: bool


def _get_past() -> Iterator[_Past]:
    judged = Lead.objects.filter(Q(stage__in=("won", "lost")) | ~Q(judgement=""))
    rows = list(judged.order_by("-touched_at", "-pk")[:MOST_TRIED])
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        standings = get_standings(respondent_ids=[lead.respondent_id for lead in batch])
        for lead in batch:
            if (standing := standings.get(lead.respondent_id)) and standing.may_score:
                yield _look_back(lead, get_facts(standing))


def _look_back(lead: Lead, facts: tuple[Fact, ...]) -> _Past:
    at = lead.judged_at or lead.touched_at or lead.scored_at
    outcome = lead.judgement or OUTCOMES[Lead.Stage(lead.stage)]
    return _Past(
        fit=get_fit(lead.reasons),
        facts=tuple(fact for fact in facts if fact.at <= at),
        at=at,
        is_good=outcome == GOOD,
    )


def _rank(past: _Past, rules: Rules) -> Ranked:
    traits = [Trait(key="", label="", points=past.fit)]
    score = score_lead(traits=traits, facts=past.facts, rules=rules, now=past.at)
    points = score.fit + score.engagement
    return Ranked(grade=score.grade, points=points, is_good=past.is_good)
