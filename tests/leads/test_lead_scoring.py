from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.lead_scoring import Fact, LeadScore, Reason, Trait, get_engagement, score_lead
from leads.scoring_rules import KINDS, SHIPPED, FactRule, Rules

NOW = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
kinds = st.sampled_from(KINDS)
ages = st.floats(0, 1000).map(lambda days: timedelta(days=days))
facts_at = st.lists(
    st.builds(lambda key, age: Fact(key=key, at=NOW - age), kinds, ages), max_size=12
)
traits_told = st.lists(
    st.builds(
        lambda n, points: Trait(key=f"q{n}", label=f"l{n}", points=points),
        st.integers(0, 3),
        st.integers(0, 40),
    ),
    max_size=5,
)
fact_rules = st.builds(
    lambda points, days: FactRule(points=points, half_life_days=days),
    st.integers(0, 100),
    st.integers(1, 730),
)
rules_of_any_kind = st.builds(
    lambda facts, most: Rules(
        facts=facts, fit_floors=(60, 40, 20), engagement_floors=(60, 40, 20), most=most
    ),
    st.dictionaries(kinds, fact_rules),
    st.integers(1, 100),
)


def score(
    traits: Sequence[Trait] = (),
    facts: Sequence[Fact] = (),
    now: datetime = NOW,
    rules: Rules = SHIPPED,
) -> LeadScore:
    return score_lead(traits=traits, facts=facts, rules=rules, now=now)


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


@pytest.mark.parametrize("kind", KINDS)
def test_score_lead_halves_each_kind_of_fact_in_its_half_life(kind: str) -> None:
    rule = SHIPPED.facts[kind]
    aged = score(facts=[fact(kind, rule.half_life_days)])
    assert aged.engagement == round(rule.points / 2)


def test_an_answer_by_mail_counts_most_of_all_facts() -> None:
    points = {kind: score(facts=[fact(kind)]).engagement for kind in KINDS}
    assert max(points, key=lambda kind: points[kind]) == "answered"
    assert sorted(points.values(), reverse=True)[:2] == [points["answered"], points["replied"]]


@pytest.mark.parametrize("kind", ["clicked_by_scanner", "opened", "delivered", ""])
def test_what_is_no_fact_of_ours_scores_nothing(kind: str) -> None:
    """A scanner's click has no kind that rules could give points to."""
    assert score(facts=[fact(kind)]) == score()


def test_score_lead_counts_a_fact_from_a_fast_clock_as_fresh() -> None:
    assert score(facts=[fact("contact_allowed", -2)]).engagement == 40


@pytest.mark.parametrize("night", [(3, 29), (10, 25)])
def test_score_lead_knows_no_summer_time(night: tuple[int, int]) -> None:
    """Thirty times 24 hours are one half-life, whatever the clocks on the walls do meanwhile."""
    begun = datetime(2026, *night, tzinfo=STOCKHOLM).astimezone(UTC)
    facts = [Fact(key="contact_allowed", at=begun)]
    for zone in (UTC, STOCKHOLM):
        later = (begun + timedelta(days=30)).astimezone(zone)
        assert score(facts=facts, now=later).engagement == 20


@pytest.mark.parametrize(
    ("fit", "grade"), [(60, "A4"), (59, "B4"), (40, "B4"), (20, "C4"), (19, "D4")]
)
def test_score_lead_grades_fit_by_its_floors(fit: int, grade: str) -> None:
    assert score([trait(fit)]).grade == grade


def test_score_lead_stops_at_the_most_there_can_be() -> None:
    assert score([trait(70), trait(70)]).fit == 100


@given(traits_told, facts_at, rules_of_any_kind, ages, ages)
def test_engagement_only_falls_as_time_passes(
    traits: list[Trait], facts: list[Fact], rules: Rules, first: timedelta, more: timedelta
) -> None:
    earlier = score(traits, facts, NOW + first, rules)
    later = score(traits, facts, NOW + first + more, rules)
    assert 0 <= later.engagement <= earlier.engagement <= rules.most
    assert later.fit == earlier.fit


@given(traits_told, facts_at, rules_of_any_kind)
def test_the_reasons_add_up_to_the_points_unless_there_are_too_many(
    traits: list[Trait], facts: list[Fact], rules: Rules
) -> None:
    result = score(traits, facts, rules=rules)
    for axis, points in (("fit", result.fit), ("engagement", result.engagement)):
        total = sum(reason.points for reason in result.reasons if reason.axis == axis)
        assert points == min(rules.most, total)


@given(facts_at, rules_of_any_kind)
def test_the_points_alone_are_the_points_with_their_reasons(
    facts: list[Fact], rules: Rules
) -> None:
    alone = get_engagement(facts=facts, rules=rules, now=NOW)
    assert alone == score(facts=facts, rules=rules).engagement


@given(traits_told, facts_at, st.randoms())
def test_the_order_of_facts_and_traits_means_nothing(
    traits: list[Trait], facts: list[Fact], chance: Random
) -> None:
    before = score(traits, facts)
    chance.shuffle(traits)
    chance.shuffle(facts)
    assert score(traits, facts) == before


@given(traits_told, facts_at, kinds, ages)
def test_one_more_fact_never_lowers_a_score(
    traits: list[Trait], facts: list[Fact], kind: str, age: timedelta
) -> None:
    more = [*facts, Fact(key=kind, at=NOW - age)]
    assert score(traits, more).engagement >= score(traits, facts).engagement
