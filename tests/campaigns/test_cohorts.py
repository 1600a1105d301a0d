"""Who gets which subject, and what may be said of the difference."""

from datetime import UTC, datetime, time
from math import sqrt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import planner, windows
from campaigns.cohorts import ENOUGH, Comparison, choose, compare, estimate

PEOPLE = 20_000
ALWAYS = windows.Window(weekdays=frozenset(range(1, 8)), opens=time(8), closes=time(16))
CALENDAR = planner.Calendar(window=ALWAYS, zone=ZoneInfo("UTC"))
MORNING = datetime(2026, 9, 15, 9, tzinfo=UTC)


@st.composite
def counted(draw: st.DrawFn, least: int = 1) -> tuple[int, int]:
    of = draw(st.integers(least, 5_000))
    return draw(st.integers(0, of)), of


def judge(a: tuple[int, int], b: tuple[int, int], *, is_more_better: bool = True) -> str:
    return compare(a=a, b=b, is_more_better=is_more_better).verdict


# --- Who gets which ----------------------------------------------------------------------


@given(seed=st.text(), key=st.text())
def test_a_person_always_gets_the_same_subject_of_a_mail(seed: str, key: str) -> None:
    assert choose(seed=seed, key=key) == choose(seed=seed, key=key)


@pytest.mark.parametrize("key", ["step:talk", "step:retake", "tip:pace-1"])
def test_half_the_people_get_each_within_what_coins_do(key: str) -> None:
    chosen = [choose(seed=str(person), key=key) for person in range(PEOPLE)]
    # Five standard deviations of a fair coin: once in two million.
    assert abs(chosen.count("b") - PEOPLE / 2) < 5 * sqrt(PEOPLE / 4)


def test_the_cohorts_of_two_mails_have_nothing_to_do_with_each_other() -> None:
    same = sum(
        choose(seed=str(person), key="step:talk") == choose(seed=str(person), key="step:retake")
        for person in range(PEOPLE)
    )
    assert abs(same - PEOPLE / 2) < 5 * sqrt(PEOPLE / 4)


def test_a_cohort_is_not_mailed_earlier_than_the_other() -> None:
    step = planner.Step(key="step:talk", kind="text", delay_days=0, useful_days=1)
    moments: dict[str, list[float]] = {"a": [], "b": []}
    for number in range(PEOPLE):
        person = planner.Person(seed=str(number), weakest=(), tiers={})
        at = planner._spread(step, CALENDAR, person, MORNING)
        moments[choose(seed=person.seed, key=step.key)].append((at - MORNING).total_seconds())
    early, late = sorted(sum(each) / len(each) for each in moments.values())
    # Evenly over 30 minutes, so five standard deviations of the difference of two means.
    assert late - early < 5 * 1800 / sqrt(12) * 2 / sqrt(PEOPLE)


# --- Shares ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, p. 857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    share = estimate(count=count, of=of)
    assert (round(share.low, 4), round(share.high, 4)) == (low, high)


def test_of_nobody_everything_is_possible() -> None:
    share = estimate(count=0, of=0)
    assert (share.low, share.value, share.high, share.is_enough) == (0.0, 0.0, 1.0, False)


@given(counted())
def test_a_share_lies_within_its_interval_and_that_between_none_and_all(
    counts: tuple[int, int],
) -> None:
    share = estimate(count=counts[0], of=counts[1])
    assert 0 <= share.low <= share.value <= share.high <= 1


# --- Differences -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("b", "a", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, p. 873, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 10), -0.2775, 0.2775),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(
    b: tuple[int, int], a: tuple[int, int], low: float, high: float
) -> None:
    found = compare(a=a, b=b, is_more_better=True)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(a=counted(), b=counted())
def test_the_interval_contains_the_difference_that_was_seen(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    found = compare(a=a, b=b, is_more_better=True)
    assert found.low <= found.difference <= found.high


@given(a=counted(), b=counted(), is_more_better=st.booleans())
def test_swapping_the_subjects_turns_everything_round(
    a: tuple[int, int], b: tuple[int, int], is_more_better: bool
) -> None:
    swapped = {"a_better": "b_better", "b_better": "a_better"}
    there = compare(a=a, b=b, is_more_better=is_more_better)
    back = compare(a=b, b=a, is_more_better=is_more_better)
    assert back.verdict == swapped.get(there.verdict, there.verdict)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


@given(a=counted(), b=counted(), times=st.integers(2, 50))
def test_more_people_with_the_same_shares_narrow_the_interval(
    a: tuple[int, int], b: tuple[int, int], times: int
) -> None:
    few = compare(a=a, b=b, is_more_better=True)
    many = compare(a=_multiply(a, times), b=_multiply(b, times), is_more_better=True)
    assert few.low <= many.low
    assert many.high <= few.high
    assert many.high - many.low < few.high - few.low


# --- Verdicts ----------------------------------------------------------------------------


@given(a=counted(), b=counted())
def test_below_enough_people_nothing_is_said(a: tuple[int, int], b: tuple[int, int]) -> None:
    few = (min(a[0], ENOUGH - 1), ENOUGH - 1)
    assert (judge(few, b), judge(b, few)) == ("too_few", "too_few")


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        ((5, 100), (25, 100), "b_better"),
        ((25, 100), (5, 100), "a_better"),
        ((5, 100), (8, 100), "too_few"),
        ((500, 10_000), (505, 10_000), "no_difference"),
        ((0, 99), (99, 99), "too_few"),
    ],
)
def test_the_verdict_follows_from_the_interval(
    a: tuple[int, int], b: tuple[int, int], verdict: str
) -> None:
    assert judge(a, b) == verdict


def test_of_what_is_bad_less_is_better() -> None:
    assert judge((5, 100), (25, 100), is_more_better=False) == "a_better"


@given(a=counted(ENOUGH), b=counted(ENOUGH))
def test_a_winner_is_named_only_when_no_difference_is_ruled_out(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    found: Comparison = compare(a=a, b=b, is_more_better=True)
    is_ruled_out = found.low > 0 or found.high < 0
    assert (found.verdict in {"a_better", "b_better"}) == is_ruled_out


def _multiply(counts: tuple[int, int], times: int) -> tuple[int, int]:
    return counts[0] * times, counts[1] * times
