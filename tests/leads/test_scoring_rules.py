from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.scoring_rules import KINDS, SHIPPED, FactRule, Rules, find_faults, read, write

floors = st.tuples(st.integers(1, 100), st.integers(1, 100), st.integers(1, 100))
rules = st.builds(
    Rules,
    facts=st.dictionaries(
        st.sampled_from(KINDS),
        st.builds(FactRule, points=st.integers(0, 100), half_life_days=st.integers(1, 730)),
    ),
    fit_floors=floors,
    engagement_floors=floors,
    most=st.integers(1, 100),
)


def test_the_shipped_rules_are_as_they_were_when_leads_were_first_scored_by_them() -> None:
    """Changing them here would make every stored score of number 0 a lie: publish instead."""
    assert write(SHIPPED) == {
        "facts": {
            "answered": {"points": 50, "half_life_days": 30},
            "replied": {"points": 45, "half_life_days": 30},
            "contact_allowed": {"points": 40, "half_life_days": 30},
            "asked_again": {"points": 30, "half_life_days": 30},
            "confirmed": {"points": 25, "half_life_days": 30},
            "sequence_completed": {"points": 10, "half_life_days": 30},
            "clicked": {"points": 8, "half_life_days": 14},
        },
        "fit_floors": {"A": 60, "B": 40, "C": 20},
        "engagement_floors": {"1": 60, "2": 40, "3": 20},
        "most": 100,
    }
    assert find_faults(SHIPPED) == ()


@given(rules)
def test_a_document_reads_as_the_rules_it_was_written_from(written: Rules) -> None:
    assert read(write(written)) == written


@given(rules)
def test_rules_without_a_fault_can_give_every_grade(found: Rules) -> None:
    if not find_faults(found):
        for best, middle, least in (found.fit_floors, found.engagement_floors):
            assert found.most >= best > middle > least >= 1


@pytest.mark.parametrize(
    ("rules", "faults"),
    [
        (replace(SHIPPED, fit_floors=(40, 40, 20)), ("fit_floors",)),
        (replace(SHIPPED, engagement_floors=(60, 40, 0)), ("engagement_floors",)),
        (replace(SHIPPED, most=50), ("fit_floors", "engagement_floors")),
        (replace(SHIPPED, most=101), ("most",)),
        (
            replace(SHIPPED, facts={"opened": FactRule(points=1, half_life_days=1)}),
            ("unknown_kind",),
        ),
        (replace(SHIPPED, facts={"clicked": FactRule(points=101, half_life_days=1)}), ("points",)),
        (replace(SHIPPED, facts={"clicked": FactRule(points=1, half_life_days=0)}), ("half_life",)),
    ],
)
def test_a_fault_has_its_name(rules: Rules, faults: tuple[str, ...]) -> None:
    assert find_faults(rules) == faults
