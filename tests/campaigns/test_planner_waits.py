"""Time stands still for a sequence that waits: what is left of each delay is left afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planner import Drop, History, Hold, Send, Wait, get_next_due
from tests.campaigns.test_planner import (
    DAY,
    FIRST,
    RESULT,
    SECOND,
    SEQUENCE,
    START,
    TALK,
    after,
    plan,
)

CALM = replace(SEQUENCE, calendar=replace(SEQUENCE.calendar, window=None))


def pause(began: float, ended: float | None, reason: str = "campaign_paused") -> Wait:
    """Days after the start."""
    return Wait(
        began_at=START + began * DAY,
        ended_at=None if ended is None else START + ended * DAY,
        reason=reason,
    )


def get_due(*waits: Wait) -> datetime | None:
    return get_next_due(sequence=CALM, history=after(RESULT, waits=waits))


def test_a_pause_that_lasts_holds_what_is_due_and_says_why() -> None:
    decision = plan(after(RESULT, waits=[pause(1, None)]), START + 4 * DAY)
    assert decision == Hold(until=START + 5 * DAY, reason="campaign_paused")


@pytest.mark.parametrize(("ends", "looks"), [(4.5, 4.5), (30, 5)])
def test_a_freeze_whose_end_is_known_holds_until_then_and_is_looked_at_every_day(
    ends: float, looks: float
) -> None:
    decision = plan(after(RESULT, waits=[pause(1, ends, "frozen_asked")]), START + 4 * DAY)
    assert decision == Hold(until=START + looks * DAY, reason="frozen_asked")


def test_of_several_waits_the_one_that_ends_last_is_told() -> None:
    waits = [pause(1, 9, "frozen_away"), pause(2, None, "frozen_handover"), pause(1, 20)]
    decision = plan(after(RESULT, waits=waits), START + 4 * DAY)
    assert decision == Hold(until=START + 5 * DAY, reason="frozen_handover")


def test_what_is_not_due_is_simply_not_due_in_a_pause_either() -> None:
    assert plan(after(RESULT, waits=[pause(1, None)]), START + DAY) == Hold(
        until=START + 3 * DAY, reason=""
    )


@pytest.mark.parametrize(
    ("waits", "days"),
    [
        ([], 3),
        ([pause(1, 2)], 4),
        ([pause(-5, -1)], 3),
        ([pause(-5, 2)], 5),
        ([pause(1, 2), pause(3, 5)], 6),
        ([pause(1, 3), pause(2, 4)], 6),
        ([pause(1, 4), pause(2, 3)], 6),
        ([pause(2, 4), pause(1, 3)], 6),
        ([pause(3, 5)], 5),
        ([pause(3.5, 9)], 3),
    ],
)
def test_what_is_left_of_the_delay_is_left_after_the_pause(waits: list[Wait], days: float) -> None:
    assert get_due(*waits) == START + days * DAY


def test_a_mail_stays_useful_for_as_much_longer_as_it_had_to_wait() -> None:
    history = after(RESULT, FIRST, waits=[pause(10, 40)])
    at = START + 50 * DAY
    assert isinstance(plan(history, at, sequence=CALM), Send)
    assert plan(history, at + 2 * DAY, sequence=CALM) == Drop(step=SECOND, reason="too_late")


def test_another_campaign_holds_everything_but_the_result_letter() -> None:
    waits = [pause(-1, None, "other_campaign")]
    assert isinstance(plan(History(started_at=START, waits=waits), START), Send)
    decision = plan(after(RESULT, waits=waits), START + 3 * DAY)
    assert decision == Hold(until=START + 4 * DAY, reason="other_campaign")


def test_a_pause_holds_the_result_letter_too() -> None:
    history = History(started_at=START, waits=[pause(-1, None)])
    assert plan(history, START) == Hold(until=START + DAY, reason="campaign_paused")


@given(st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30)), max_size=5))
def test_a_step_is_never_due_earlier_nor_inside_a_wait_that_began_before_it(
    spans: list[tuple[int, int]],
) -> None:
    waits = [pause(began, began + length) for began, length in spans]
    due = get_next_due(sequence=CALM, history=after(RESULT, FIRST, SECOND, waits=waits))
    assert due is not None
    assert due >= START + TALK.delay_days * DAY
    assert due <= START + TALK.delay_days * DAY + sum((n for _, n in spans), 0) * DAY
    # Time that stood still is counted once, however many waits there were.
    stood_still = {
        hour
        for began, length in spans
        for hour in range(max(began, 0) * 24, (began + length) * 24)
        if START + timedelta(hours=hour) < due
    }
    assert due - START == TALK.delay_days * DAY + timedelta(hours=len(stood_still))
