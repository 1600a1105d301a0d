from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.lead_scoring import HALF_LIFE, Fact, LeadScore, Reason, Trait, score_lead

NOW = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
VALUES = {"confirmed": 25, "contact_allowed": 40}


def score(
    traits: Sequence[Trait] = (), facts: Sequence[Fact] = (), now: datetime = NOW
) -> LeadScore:
    return score_lead(traits=traits, facts=facts, values=VALUES, now=now)


def trait(points: int) -> Trait:
    return Trait(key="own-role", label="PMO-chef", points=points)


def fact(key: str, days_ago: float = 0) -> Fact:
    return Fact(key=key, at=NOW - timedelta(days=days_ago))


def test_score_lead_of_nothing_is_d4() -> None:
    assert score() == LeadScore(fit=0, engagement=0, grade="D4", reasons=())


def test_score_lead_gives_its_reasons_heaviest_first() -> None:
    result = score([trait(20)], [fact("confirmed", 3)])
    assert result.reasons == (
        Reason(axis="engagement", key="confirmed", label="", points=23, days_ago=3),
        Reason(axis="fit", key="own-role", label="PMO-chef", points=20),
    )


def test_score_lead_halves_a_fact_in_thirty_days() -> None:
    assert score(facts=[fact("contact_allowed", HALF_LIFE.days)]).engagement == 20


def test_score_lead_counts_a_fact_from_a_fast_clock_as_fresh() -> None:
    assert score(facts=[fact("contact_allowed", -2)]).engagement == 40


def test_score_lead_ignores_facts_that_have_no_value() -> None:
    assert score(facts=[fact("opened")]).reasons == ()


@pytest.mark.parametrize(
    ("fit", "grade"), [(60, "A4"), (59, "B4"), (40, "B4"), (20, "C4"), (19, "D4")]
)
def test_score_lead_grades_fit_by_its_floors(fit: int, grade: str) -> None:
    assert score([trait(fit)]).grade == grade


def test_score_lead_stops_at_a_hundred() -> None:
    assert score([trait(70), trait(70)]).fit == 100


@given(st.lists(st.sampled_from(sorted(VALUES))), st.floats(0, 400), st.floats(0, 400))
def test_score_lead_only_falls_as_time_passes(keys: list[str], first: float, more: float) -> None:
    facts = [fact(key) for key in keys]
    earlier = score(facts=facts, now=NOW + timedelta(days=first))
    later = score(facts=facts, now=NOW + timedelta(days=first + more))
    assert 0 <= later.engagement <= earlier.engagement <= 100
