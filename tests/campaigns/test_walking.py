from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from campaigns import sequences
from campaigns.planner import Calendar, History, Person, Send, Sequence, Step, Wait
from campaigns.walking import Stop, walk
from campaigns.windows import Window
from tests.campaigns.test_planner import (
    ALVA,
    DAY,
    FIRST,
    OFFICE,
    RESULT,
    SECOND,
    SEQUENCE,
    START,
    STOCKHOLM,
    after,
    plan,
)

QUARTER = START + 90 * DAY


def go(
    sequence: Sequence = SEQUENCE,
    history: History | None = None,
    *,
    person: Person = ALVA,
    until: datetime = QUARTER,
    now: datetime = START,
) -> list[Stop]:
    return walk(
        get_sequence=lambda _: sequence,
        history=history or History(started_at=now),
        person=person,
        now=now,
        until=until,
    )


def test_a_walk_tells_every_step_and_then_the_end() -> None:
    found = [(stop.step.key if stop.step else "", stop.ending, stop.tip) for stop in go()]
    assert found == [
        ("result", "sent", ""),
        ("first", "sent", "pace-1"),
        ("second", "sent", "picture-1"),
        ("talk", "sent", ""),
        ("", "finished", ""),
    ]


def test_each_stop_of_a_walk_is_what_the_planner_says_at_that_moment() -> None:
    first = go()[1]
    decision = plan(after(RESULT, last_mail_at=START), START + 3 * DAY)
    assert isinstance(decision, Send)
    assert (first.at, first.tip) == (decision.at, decision.tip)


def test_waiting_for_the_window_is_one_stop_with_its_end() -> None:
    friday = datetime(2026, 9, 18, 7, 30, tzinfo=UTC)
    monday = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
    held = next(stop for stop in go(now=friday - DAY) if stop.ending == "held")
    assert held == Stop(
        at=friday + 2 * DAY, ending="held", step=FIRST, reason="window", until=monday
    )


def test_a_pause_without_end_is_one_stop_however_often_the_planner_looks() -> None:
    pause = Wait(began_at=START, ended_at=None, reason="campaign_paused")
    stops = go(history=after(RESULT, waits=[pause]))
    assert [(stop.ending, stop.reason) for stop in stops] == [("held", "campaign_paused")]
    assert stops[0].until is not None
    assert stops[0].until > QUARTER


def test_a_walk_ends_where_it_is_told_to() -> None:
    assert [stop.step for stop in go(until=START + 12 * DAY)] == [RESULT, FIRST, SECOND]


def test_a_window_that_never_opens_ends_the_walk_and_says_so() -> None:
    never = Window(weekdays=frozenset(), opens=OFFICE.opens, closes=OFFICE.closes)
    closed = replace(SEQUENCE, calendar=Calendar(window=never, zone=STOCKHOLM))
    assert [stop.ending for stop in go(closed)] == ["sent", "never_open"]


def test_red_days_are_those_of_the_year_that_the_walk_has_come_to() -> None:
    document = {
        "campaign": {
            "steps": [
                {"key": "talk", "kind": "text", "delay_days": 500, "useful_days": 14},
            ],
            "window": {
                "weekdays": [1, 2, 3, 4, 5],
                "opens": "08:00",
                "closes": "16:00",
                "zone": "Europe/Stockholm",
            },
            "cap_days": 1,
            "blackout_dates": [],
        },
        "tips": [],
    }
    # 500 days before Midsummer Eve of 2028.
    start = datetime(2027, 2, 9, 9, 0, tzinfo=UTC)
    stops = walk(
        get_sequence=sequences.get_reader(document=document),
        history=History(started_at=start),
        person=ALVA,
        now=start,
        until=start + 600 * DAY,
    )
    assert [(stop.ending, stop.at.date().isoformat()) for stop in stops[:2]] == [
        ("held", "2028-06-23"),
        ("sent", "2028-06-26"),
    ]


STEPS = st.lists(
    st.builds(
        Step,
        key=st.uuids().map(str),
        kind=st.just("tip"),
        delay_days=st.integers(0, 40),
        useful_days=st.integers(1, 20),
        role_rank=st.integers(1, 3),
    ),
    max_size=8,
    unique_by=lambda step: step.key,
)


@given(
    STEPS,
    st.integers(1, 10),
    st.frozensets(st.integers(1, 7), min_size=1),
    st.integers(0, 700 * 24 * 60),
)
def test_every_step_has_one_ending_in_the_order_of_time_and_inside_the_window(
    steps: list[Step], cap_days: int, weekdays: frozenset[int], minutes: int
) -> None:
    window = Window(weekdays=weekdays, opens=OFFICE.opens, closes=OFFICE.closes)
    calendar = Calendar(
        window=window, zone=STOCKHOLM, red_days=sequences.get_red_days(range(2026, 2032))
    )
    sequence = replace(SEQUENCE, steps=(RESULT, *steps), cap_days=cap_days, calendar=calendar)
    now = START + timedelta(minutes=minutes)
    stops = go(sequence, now=now, until=now + 3000 * DAY)

    ended = [stop for stop in stops if stop.ending in ("sent", "skipped", "dropped")]
    assert [stop.step for stop in ended] == [RESULT, *steps]
    assert stops[-1].ending == "finished"
    assert all(one.at <= other.at for one, other in pairwise(stops))
    mails = [stop for stop in ended if stop.ending == "sent"]
    for one, other in pairwise(mails):
        assert other.at - one.at >= cap_days * DAY
    for mail in mails[1:]:
        local = mail.at.astimezone(STOCKHOLM)
        assert local.isoweekday() in weekdays
        assert local.date() not in calendar.red_days
        assert window.opens <= local.time() < window.closes
    tips = [mail.tip for mail in mails if mail.tip]
    assert len(tips) == len(set(tips))
