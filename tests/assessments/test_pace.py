from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import pace
from tests.factories import TUESDAY

QUESTIONS = ("first", "second", "third")


@pytest.mark.parametrize(
    ("seconds", "measured"), [(0, 0), (7.4, 7), (300, 300), (301, None), (-60, 0)]
)
def test_measure_leaves_out_those_who_were_away(seconds: float, measured: int | None) -> None:
    now = TUESDAY + timedelta(seconds=seconds)
    assert pace.measure(since=TUESDAY, now=now) == measured


def test_a_completed_sitting_counts_every_question_and_the_whole() -> None:
    counts = pace.count_sitting(
        questions=QUESTIONS,
        seconds={"first": 12, "second": 4, "third": 9},
        is_completed=True,
    )
    assert {key: (each.answered, each.left) for key, each in counts.items()} == {
        "first": (1, 0),
        "second": (1, 0),
        "third": (1, 0),
        "": (1, 0),
    }
    assert pace.get_median(counts[""].seconds) == 27.5  # 25 seconds: the middle of 25-30


def test_a_sitting_that_was_left_counts_where_it_was_left() -> None:
    counts = pace.count_sitting(questions=QUESTIONS, seconds={"first": 12}, is_completed=False)
    assert {key: (each.answered, each.left) for key, each in counts.items()} == {
        "first": (1, 0),
        "second": (0, 1),
        "": (0, 1),
    }


def test_a_sitting_with_a_pause_says_nothing_about_the_whole() -> None:
    counts = pace.count_sitting(
        questions=QUESTIONS,
        seconds={"first": 12, "second": None, "third": 9},
        is_completed=True,
    )
    assert sum(counts["second"].seconds) == sum(counts[""].seconds) == 0
    assert sum(counts["third"].seconds) == 1


def test_get_median_of_nobody_is_none() -> None:
    assert pace.get_median([]) is None


@given(st.lists(st.integers(0, 300), min_size=1))
def test_the_median_lies_in_the_span_of_the_middle_time(seconds: list[int]) -> None:
    count = pace.Count()
    for each in seconds:
        count.add_time(each)
    median = pace.get_median(count.seconds)
    middle = sorted(seconds)[(len(seconds) - 1) // 2]
    low = max(edge for edge in pace.EDGES if edge <= middle)
    high = min(edge for edge in pace.EDGES if edge > middle)
    assert median is not None
    assert low <= median <= high


@given(st.lists(st.integers(0, 4000)), st.lists(st.integers(0, 4000)))
def test_counts_add_up_whatever_the_order(ones: list[int], others: list[int]) -> None:
    def count(seconds: list[int]) -> pace.Count:
        made = pace.Count(answered=len(seconds))
        for each in seconds:
            made.add_time(each)
        return made

    added = count(ones)
    added.add(count(others))
    assert added == count(ones + others)
