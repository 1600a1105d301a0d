import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.ranking import LEAST, Ranked, Z, _get_auc, judge

grades = st.sampled_from(["A1", "A4", "B2", "D4"])
lead = st.builds(Ranked, grade=grades, points=st.integers(0, 200), is_good=st.booleans())
many = st.lists(lead, min_size=LEAST, max_size=60)


def make(good: list[str], bad: list[str]) -> list[Ranked]:
    return [Ranked(grade=grade, points=0, is_good=True) for grade in good] + [
        Ranked(grade=grade, points=0, is_good=False) for grade in bad
    ]


def test_a_perfect_order_is_one_and_a_reversed_one_is_nothing() -> None:
    right = judge(leads=make(["A1"] * 10, ["D4"] * 10), top=5)
    wrong = judge(leads=make(["D4"] * 10, ["A1"] * 10), top=5)
    assert right.auc is not None
    assert wrong.auc is not None
    assert right.precision is not None
    assert wrong.precision is not None
    assert (right.auc.value, wrong.auc.value) == (1.0, 0.0)
    assert (right.precision.value, wrong.precision.value) == (1.0, 0.0)
    assert (right.is_better_than_chance, wrong.is_better_than_chance) == (True, False)


def test_when_all_are_equal_it_is_chance() -> None:
    verdict = judge(leads=make(["B2"] * 20, ["B2"] * 20), top=10)
    assert verdict.auc is not None
    assert verdict.precision is not None
    assert (verdict.auc.value, verdict.precision.value) == (0.5, 0.5)
    assert verdict.auc.low < 0.5 < verdict.auc.high
    assert not verdict.is_better_than_chance


def test_the_points_part_those_of_one_grade() -> None:
    leads = [Ranked(grade="A1", points=120, is_good=True) for _ in range(10)]
    leads += [Ranked(grade="A1", points=119, is_good=False) for _ in range(10)]
    verdict = judge(leads=leads, top=10)
    assert verdict.auc is not None
    assert verdict.auc.value == 1.0


@pytest.mark.parametrize(("good", "bad"), [(9, 50), (50, 9), (0, 0)])
def test_too_few_of_either_kind_say_nothing(good: int, bad: int) -> None:
    verdict = judge(leads=make(["A1"] * good, ["D4"] * bad), top=5)
    assert (verdict.auc, verdict.precision) == (None, None)
    assert (verdict.good, verdict.bad) == (good, bad)


def test_the_interval_of_the_area_is_that_of_hanley_and_mcneil() -> None:
    """Their own example (1982, table I): area 0.893 of 51 and 58 has a standard error of 0.032."""
    leads = [
        Ranked(grade=f"A{6 - rating}", points=0, is_good=is_good)
        for is_good, counts in ((True, [3, 2, 2, 11, 33]), (False, [33, 6, 6, 11, 2]))
        for rating, count in enumerate(counts, start=1)
        for _ in range(count)
    ]
    found = _get_auc([each for each in leads if each.is_good], [x for x in leads if not x.is_good])
    assert found.value == pytest.approx(0.893, abs=0.001)
    assert (found.high - found.value) / Z == pytest.approx(0.032, abs=0.001)


@given(many)
def test_the_area_is_the_share_of_pairs_in_the_right_order(leads: list[Ranked]) -> None:
    verdict = judge(leads=leads, top=10)
    if verdict.auc is None:
        return
    pairs = [
        1.0 if good.place < bad.place else 0.5 if good.place == bad.place else 0.0
        for good in leads
        if good.is_good
        for bad in leads
        if not bad.is_good
    ]
    assert verdict.auc.value == pytest.approx(sum(pairs) / len(pairs))


@given(many, st.integers(1, 80))
def test_intervals_hold_their_value_and_stay_shares(leads: list[Ranked], top: int) -> None:
    verdict = judge(leads=leads, top=top)
    for found in (verdict.auc, verdict.precision):
        if found is not None:
            assert 0 <= found.low <= found.value <= found.high <= 1


@given(many, st.integers(0, 99))
def test_the_order_in_which_leads_are_read_means_nothing(leads: list[Ranked], seed: int) -> None:
    shuffled = list(leads)
    random.Random(seed).shuffle(shuffled)
    assert judge(leads=shuffled, top=10) == judge(leads=leads, top=10)
