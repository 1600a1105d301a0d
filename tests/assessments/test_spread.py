from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import spread

POINTS = st.integers(0, 100)


def people(*names: str) -> dict[str, str]:
    """Each person with the one sitting they have."""
    return {name: f"{name}1" for name in names}


def test_count_columns_puts_the_best_score_in_the_last_column() -> None:
    assert spread.count_columns([0, 9, 10, 95, 100]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_build_bars_marks_the_reader_and_fills_the_height() -> None:
    bars = spread.build_bars([0, 2, 0, 0, 4, 0, 0, 0, 0, 1], own=47)
    assert [(bar.low, bar.percent) for bar in bars if bar.percent] == [
        (10, 50),
        (40, 100),
        (90, 25),
    ]
    assert [bar.low for bar in bars if bar.is_own] == [40]


@pytest.mark.parametrize(
    ("points", "share"),
    [(5, 10), (15, 30), (55, 50), (95, 80)],
)
def test_get_share_below_counts_half_of_the_own_column(points: int, share: int) -> None:
    assert spread.get_share_below([2, 2, 0, 0, 0, 2, 0, 0, 0, 4], points) == share


@given(st.lists(POINTS, min_size=1), POINTS, POINTS)
def test_a_higher_score_is_never_higher_than_fewer(others: list[int], one: int, other: int) -> None:
    columns = spread.count_columns(others)
    low, high = sorted((one, other))
    assert 0 <= spread.get_share_below(columns, low) <= spread.get_share_below(columns, high) <= 100


def test_build_band_gives_the_middle_half_rounded_to_five() -> None:
    assert spread.build_band([10, 31, 52, 68, 99]) == (30, 70)


@given(st.lists(POINTS, min_size=5))
def test_a_band_lies_within_the_scores_and_shows_no_exact_one(points: list[int]) -> None:
    low, high = spread.build_band(points)
    assert low <= high
    assert low % 5 == high % 5 == 0
    assert min(points) - 2.5 <= low
    assert high <= max(points) + 2.5


def test_get_widest_names_ties_and_nobody_when_all_agree() -> None:
    assert spread.get_widest({"a": (20, 60), "b": (40, 50), "c": (0, 40)}) == ("a", "c")
    assert spread.get_widest({"a": (50, 50)}) == ()
    assert spread.get_widest({}) == ()


def test_may_freeze_waits_for_five_people() -> None:
    assert not spread.may_freeze(people(*"abcd"), [])
    assert spread.may_freeze(people(*"abcde"), [])


@pytest.mark.parametrize(
    ("members", "may"),
    [
        ("abcde", False),  # nothing new
        ("abcdefghi", False),  # four came
        ("abcdefghij", True),  # five came
        ("defgh", True),  # three left, three came
        ("cdefg", False),  # two left, two came
    ],
)
def test_may_freeze_again_when_five_people_differ(members: str, may: bool) -> None:
    assert spread.may_freeze(people(*members), [people(*"abcde")]) is may


def test_somebody_who_answered_anew_differs_once() -> None:
    again = people(*"abcde") | {"a": "a2", "b": "b2", "c": "c2", "d": "d2"}
    assert not spread.may_freeze(again, [people(*"abcde")])
    assert spread.may_freeze(again | {"e": "e2"}, [people(*"abcde")])


def test_a_group_that_shrinks_back_is_held_against_every_earlier_mirror() -> None:
    first, grown = people(*"abcde"), people(*"abcdefghij")
    returned = people(*"abcdef")  # four differ from `grown`, one from `first`
    assert not spread.may_freeze(returned, [first, grown])
    assert not spread.may_freeze(people(*"abcde"), [first, grown])


@given(st.lists(st.sets(st.sampled_from("abcdefghijklm")), max_size=20))
def test_no_sequence_of_comings_and_goings_makes_two_mirrors_that_differ_by_fewer_than_five(
    sequence: list[set[str]],
) -> None:
    frozen: list[dict[str, str]] = []
    for group in sequence:
        members = people(*group)
        if spread.may_freeze(members, frozen):
            frozen.append(members)
    for one, other in combinations(frozen, 2):
        assert len(one.keys() ^ other.keys()) >= 5
