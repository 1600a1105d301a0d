"""The cap that a person asked for, beside the sequence's own: the longer of the two holds."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planner import Drop, Hold, Send, plan_next
from campaigns.walking import walk
from tests.campaigns.test_planner import (
    ALVA,
    DAY,
    FIRST,
    RESULT,
    SECOND,
    SEQUENCE,
    START,
    after,
    plan,
)

ALWAYS = replace(SEQUENCE, calendar=replace(SEQUENCE.calendar, window=None))


@pytest.mark.parametrize(
    ("own", "sequences", "until", "reason"),
    [
        (0, 5, 5, "cap"),
        (4, 5, 5, "cap"),
        (5, 5, 5, "cap"),
        (7, 5, 7, "own_cap"),
        (14, 1, 14, "own_cap"),
    ],
)
def test_the_longer_of_both_caps_holds_and_is_named(
    own: int, sequences: int, until: int, reason: str
) -> None:
    person, sequence = replace(ALVA, cap_days=own), replace(SEQUENCE, cap_days=sequences)
    history = after(RESULT, last_mail_at=START)
    decision = plan(history, START + 3 * DAY, person=person, sequence=sequence)
    assert decision == Hold(until=START + until * DAY, reason=reason)


def test_nobody_loses_a_mail_by_asking_for_fewer() -> None:
    """A tip of use for a day only is due after three days, and the person wants one in fourteen."""
    short = replace(FIRST, useful_days=1)
    sequence = replace(SEQUENCE, steps=(RESULT, short, SECOND))
    history = after(RESULT, last_mail_at=START)
    at = START + 14 * DAY
    assert isinstance(plan(history, at, sequence=sequence), Drop)
    kept = plan(history, at, sequence=sequence, person=replace(ALVA, cap_days=14))
    assert isinstance(kept, Send)
    assert kept.not_after == at + DAY


def test_the_result_letter_waits_for_no_cap() -> None:
    history = replace(after(), last_mail_at=START - timedelta(hours=1))
    assert isinstance(plan(history, START, person=replace(ALVA, cap_days=14)), Send)


@given(own=st.sampled_from([0, 7, 14]), cap=st.integers(0, 14))
def test_no_two_mails_are_nearer_than_either_cap(own: int, cap: int) -> None:
    sequence = replace(ALWAYS, cap_days=cap)
    stops = walk(
        get_sequence=lambda _: sequence,
        history=after(),
        person=replace(ALVA, cap_days=own),
        now=START,
        until=START + 200 * DAY,
    )
    sent = [stop for stop in stops if stop.ending == "sent"]
    assert [each.step.key for each in sent if each.step] == ["result", "first", "second", "talk"]
    for one, other in pairwise(sent):
        assert other.at - one.at >= max(own, cap) * DAY


@given(now=st.integers(0, 40))
def test_a_cap_of_nothing_is_no_cap(now: int) -> None:
    history = after(RESULT, last_mail_at=START)
    at = START + now * DAY
    asked = plan_next(sequence=SEQUENCE, history=history, person=replace(ALVA, cap_days=0), now=at)
    assert asked == plan_next(sequence=SEQUENCE, history=history, person=ALVA, now=at)
