from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planner import (
    Calendar,
    Drop,
    Finish,
    History,
    Hold,
    Person,
    Send,
    Sequence,
    Skip,
    Step,
    get_next_due,
    get_opening,
    plan_next,
)
from campaigns.windows import Window

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
OFFICE = Window(weekdays=frozenset({1, 2, 3, 4, 5}), opens=time(8, 30), closes=time(16))

RESULT = Step(key="result", kind="result", delay_days=0, useful_days=7)
FIRST = Step(key="first", kind="tip", delay_days=3, useful_days=14, role_rank=1)
SECOND = Step(key="second", kind="tip", delay_days=7, useful_days=14, role_rank=2)
TALK = Step(key="talk", kind="text", delay_days=35, useful_days=14)

SEQUENCE = Sequence(
    steps=(RESULT, FIRST, SECOND, TALK),
    tips={
        ("pace", "weak"): ("pace-1", "pace-2"),
        ("picture", "developing"): ("picture-1",),
    },
    cap_days=1,
    calendar=Calendar(window=OFFICE, zone=STOCKHOLM),
)
ALVA = Person(
    seed="1", weakest=("pace", "picture"), tiers={"pace": "weak", "picture": "developing"}
)
# A Tuesday, half past nine in Stockholm.
START = datetime(2026, 9, 15, 7, 30, tzinfo=UTC)


def after(*steps: Step, at: datetime = START, **more: object) -> History:
    history = History(started_at=START, ended_steps={step.key: at for step in steps})
    return replace(history, **more)


def plan(history: History, now: datetime, **more: object) -> object:
    arguments = {"sequence": SEQUENCE, "person": ALVA, "history": history, "now": now}
    return plan_next(**(arguments | more))


def test_plan_next_sends_the_result_letter_at_once_even_on_a_sunday_night() -> None:
    sunday = datetime(2026, 9, 20, 21, 0, tzinfo=UTC)
    history = History(started_at=sunday)
    assert plan(history, sunday) == Send(step=RESULT, at=sunday, not_after=sunday + 7 * DAY)


def test_plan_next_is_patient_until_the_delay_has_passed() -> None:
    assert plan(after(RESULT), START + 2 * DAY) == Hold(until=START + 3 * DAY, reason="")


def test_plan_next_chooses_the_first_unread_tip_of_the_weakest_role() -> None:
    decision = plan(after(RESULT, tips={"pace-1"}), START + 3 * DAY)
    assert isinstance(decision, Send)
    assert decision.tip == "pace-2"


def test_plan_next_chooses_the_second_weakest_role_by_its_own_tier() -> None:
    decision = plan(after(RESULT, FIRST), START + 7 * DAY)
    assert isinstance(decision, Send)
    assert decision.tip == "picture-1"


def test_plan_next_skips_when_every_tip_has_been_had() -> None:
    history = after(RESULT, tips={"pace-1", "pace-2"})
    assert plan(history, START + 3 * DAY) == Skip(step=FIRST, reason="no_unread_tip")


def test_plan_next_skips_a_tip_when_too_little_was_answered() -> None:
    nobody = Person(seed="1", weakest=(), tiers={})
    decision = plan(after(RESULT), START + 3 * DAY, person=nobody)
    assert decision == Skip(step=FIRST, reason="no_scored_role")


def test_plan_next_holds_until_monday_when_the_friday_window_has_closed() -> None:
    friday_evening = datetime(2026, 9, 18, 16, 0, tzinfo=UTC)
    monday = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
    assert plan(after(RESULT), friday_evening) == Hold(until=monday, reason="window")


def test_plan_next_holds_for_the_cap_before_it_looks_at_the_window() -> None:
    now = START + 3 * DAY
    history = after(RESULT, last_mail_at=now - DAY / 2)
    assert plan(history, now) == Hold(until=now + DAY / 2, reason="cap")


def test_plan_next_never_lets_a_mail_overtake_one_under_way() -> None:
    now = START + 3 * DAY
    history = after(RESULT, is_mail_open=True)
    assert plan(history, now) == Hold(until=now + timedelta(minutes=1), reason="mail_under_way")


def test_plan_next_drops_what_is_no_longer_useful() -> None:
    assert plan(after(RESULT), START + 18 * DAY) == Drop(step=FIRST, reason="too_late")


def test_plan_next_finishes_after_the_last_step() -> None:
    assert plan(after(RESULT, FIRST, SECOND, TALK), START + 90 * DAY) == Finish()


SUNDAY = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)
MONDAY = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "now", "opens"),
    [("first", START, START), ("first", SUNDAY, MONDAY), ("result", SUNDAY, SUNDAY)],
)
def test_get_opening_keeps_all_but_the_result_letter_to_the_window(
    step: str, now: datetime, opens: datetime
) -> None:
    assert get_opening(sequence=SEQUENCE, step_key=step, now=now) == opens


def test_get_opening_knows_of_calendars_that_never_open() -> None:
    window = replace(OFFICE, weekdays=frozenset())
    closed = replace(SEQUENCE, calendar=replace(SEQUENCE.calendar, window=window))
    assert get_opening(sequence=closed, step_key="first", now=START) is None
    assert get_opening(sequence=closed, step_key="result", now=START) == START


def test_get_opening_is_always_now_in_a_demonstration() -> None:
    demo = replace(SEQUENCE, calendar=replace(SEQUENCE.calendar, window=None))
    assert get_opening(sequence=demo, step_key="first", now=SUNDAY) == SUNDAY


def test_plan_next_spreads_people_inside_the_window() -> None:
    now = START + 3 * DAY
    times = {
        plan(after(RESULT), now, person=replace(ALVA, seed=str(seed))).at  # type: ignore[attr-defined]
        for seed in range(50)
    }
    assert len(times) == 50
    assert all(now <= at < now + timedelta(minutes=30) for at in times)


def test_plan_next_counts_days_on_the_wall_clock_over_a_dst_night() -> None:
    before = datetime(2026, 10, 23, 7, 0, tzinfo=UTC)  # nine in the morning, summer time
    due = get_next_due(sequence=SEQUENCE, history=after(RESULT, at=before))
    assert due == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)  # nine in the morning, winter time


def test_plan_next_shortens_every_day_in_a_demonstration() -> None:
    calendar = Calendar(window=None, zone=STOCKHOLM, day=timedelta(seconds=5))
    sequence = replace(SEQUENCE, calendar=calendar)
    decision = plan(after(RESULT), START, sequence=sequence)
    assert decision == Hold(until=START + timedelta(seconds=15), reason="")


@pytest.mark.parametrize("removed", [FIRST, SECOND])
def test_plan_next_goes_on_when_a_step_was_removed(removed: Step) -> None:
    sequence = replace(SEQUENCE, steps=tuple(s for s in SEQUENCE.steps if s != removed))
    history = after(RESULT, removed)
    following = next(step for step in sequence.steps if step != RESULT)
    assert get_next_due(sequence=sequence, history=history) == START + following.delay_days * DAY


minutes = st.lists(st.integers(0, 60 * 24 * 5), min_size=1, max_size=60)


@given(minutes, st.sets(st.sampled_from(["pace-1", "pace-2", "picture-1"])))
def test_plan_next_never_sends_a_step_or_a_tip_twice(pauses: list[int], had: set[str]) -> None:
    """Whenever the planner looks, and whatever was had before."""
    history, now = History(started_at=START, tips=frozenset(had)), START
    sent: list[tuple[str, str, datetime]] = []
    for pause in pauses:
        now += timedelta(minutes=pause)
        decision = plan(history, now)
        if isinstance(decision, Hold | Finish):
            continue
        ended = {**history.ended_steps, decision.step.key: now}
        history = replace(history, ended_steps=ended)
        if isinstance(decision, Send):
            sent.append((decision.step.key, decision.tip, decision.at))
            tips = frozenset(history.tips) | ({decision.tip} if decision.tip else set())
            history = replace(history, tips=tips, last_mail_at=decision.at)
    keys = [key for key, _, _ in sent]
    tips = [tip for _, tip, _ in sent if tip]
    assert len(keys) == len(set(keys))
    assert len(tips) == len(set(tips))
    assert not set(tips) & had
    times = [at for _, _, at in sent]
    assert all(later - earlier >= DAY for earlier, later in pairwise(times))
