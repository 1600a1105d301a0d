from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import pacing
from campaigns.pacing import ALL, Lane, Pace

NOW = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
HORIZON = timedelta(seconds=20)
SECOND = timedelta(seconds=1)


def reserve(count: int, pace: Pace, now: datetime = NOW, **lanes: Lane) -> pacing.Reservation:
    mails = [(number, "example.se") for number in range(count)]
    return pacing.reserve(
        lanes={name.replace("all", ALL).replace("_", "."): lane for name, lane in lanes.items()},
        pace=pace,
        mails=mails,
        now=now,
        horizon=HORIZON,
    )


def test_without_limits_everything_may_leave_now() -> None:
    found = reserve(3, Pace())
    assert (set(found.slots.values()), found.later, found.lanes) == ({NOW}, {}, {})


def test_slots_follow_each_other_at_equal_distances_a_little_below_the_pace() -> None:
    slots = list(reserve(3, Pace(per_second=10)).slots.values())
    assert [round((slot - NOW).total_seconds(), 3) for slot in slots] == [0, 0.102, 0.204]


def test_the_next_reservation_goes_on_where_the_last_one_ended() -> None:
    pace = Pace(per_second=1)
    first = reserve(5, pace)
    second = reserve(1, pace, all=first.lanes[ALL])
    assert min(second.slots.values()) - max(first.slots.values()) >= SECOND


def test_a_slow_domain_holds_up_nobody_else() -> None:
    mails = [(1, "slow.se"), (2, "slow.se"), (3, "quick.se")]
    found = pacing.reserve(
        lanes={"slow.se": Lane(resumes_at=NOW + timedelta(minutes=5))},
        pace=Pace(per_second=10),
        mails=mails,
        now=NOW,
        horizon=HORIZON,
    )
    assert found.slots == {3: NOW}
    assert found.later == {1: NOW + timedelta(minutes=5), 2: NOW + timedelta(minutes=5)}


def test_room_is_what_fits_before_the_horizon() -> None:
    pace = Pace(per_second=1)
    assert pacing.get_room(Lane(), pace=pace, now=NOW, horizon=HORIZON) == 20
    taken = Lane(free_at=NOW + timedelta(seconds=21))
    assert pacing.get_room(taken, pace=pace, now=NOW, horizon=HORIZON) == 0
    assert pacing.get_room(Lane(), pace=Pace(), now=NOW, horizon=HORIZON) is None


def test_a_resting_lane_has_no_room_until_it_resumes() -> None:
    lane = pacing.rest(Lane(), name=ALL, now=NOW)
    assert pacing.get_room(lane, pace=Pace(), now=NOW, horizon=HORIZON) == 0
    assert pacing.get_room(lane, pace=Pace(), now=NOW + 15 * SECOND, horizon=HORIZON) is None


def test_rests_grow_with_refusals_in_a_row() -> None:
    lane, rests = Lane(), []
    for _ in range(8):
        lane = pacing.rest(lane, name="example.se", now=NOW)
        assert lane.resumes_at
        rests.append((lane.resumes_at - NOW).total_seconds() / 60)
    assert rests == [1, 2, 5, 15, 30, 60, 60, 60]


def test_the_day_s_quota_is_counted_and_begins_anew_the_next_day() -> None:
    pace = Pace(per_day=10)
    lane = reserve(7, pace).lanes[ALL]
    assert pacing.get_room(lane, pace=pace, now=NOW, horizon=HORIZON) == 3
    tomorrow = NOW + timedelta(days=1)
    assert pacing.get_room(lane, pace=pace, now=tomorrow, horizon=HORIZON) == 10


@pytest.mark.parametrize(
    ("day", "quota"),
    [(-1, 0), (0, 50), (1, 100), (2, 200), (5, 1500), (11, 5000), (12, 5000), (400, 5000)],
)
def test_a_new_domain_is_warmed_up(day: int, quota: int) -> None:
    pace = Pace(per_day=5000, warm_up_from=date(2026, 9, 1))
    assert pacing.get_quota(pace, date(2026, 9, 1) + timedelta(days=day)) == quota


def test_fourteen_days_of_warming_up_stay_below_the_plan() -> None:
    pace, lane, sent = Pace(warm_up_from=NOW.date()), Lane(), []
    for day in range(14):
        count = 0
        for hour in range(24):
            now = NOW.replace(hour=hour) + timedelta(days=day)
            room = pacing.get_room(lane, pace=pace, now=now, horizon=HORIZON)
            mails = [(each, "a.se") for each in range(min(40, 40 if room is None else room))]
            found = pacing.reserve(
                lanes={ALL: lane}, pace=pace, mails=mails, now=now, horizon=HORIZON
            )
            lane = found.lanes.get(ALL, lane)
            count += len(found.slots)
        sent.append(count)
    assert sent == [50, 100, 200, 400, 800, *[960] * 9]


@pytest.mark.parametrize("far", [timedelta(hours=2), timedelta(days=300)])
def test_a_clock_that_was_put_back_blocks_nothing_for_long(far: timedelta) -> None:
    lane = Lane(free_at=NOW + far, resumes_at=NOW + far)
    room = pacing.get_room(lane, pace=Pace(per_second=1), now=NOW, horizon=HORIZON)
    assert room == 20


@given(
    st.floats(0.5, 200),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=8),
)
def test_no_minute_ever_holds_more_than_its_share(
    rate: float, asked: list[tuple[int, int]]
) -> None:
    """However many ask, whenever they ask; a mail leaves up to 50 ms after its slot."""
    pace, lane, now = Pace(per_second=rate), Lane(), NOW
    slots: list[datetime] = []
    for pause, count in asked:
        now += pause * SECOND
        found = reserve(count, pace, now=now, all=lane)
        lane = found.lanes.get(ALL, lane)
        slots += found.slots.values()
    assert slots == sorted(slots)
    late = timedelta(milliseconds=50)
    for start in slots:
        held = sum(start <= slot <= start + 60 * SECOND + late for slot in slots)
        assert held <= rate * 60 + 1


@given(st.lists(st.sampled_from("abc"), max_size=60), st.floats(1, 600), st.floats(0.5, 50))
def test_every_mail_gets_one_answer_and_no_domain_more_than_its_share(
    domains: list[str], per_minute: float, per_second: float
) -> None:
    pace = Pace(per_second=per_second, domain_per_minute=per_minute)
    mails = list(enumerate(domains))
    found = pacing.reserve(lanes={}, pace=pace, mails=mails, now=NOW, horizon=HORIZON)
    assert sorted([*found.slots, *found.later]) == [number for number, _ in mails]
    assert all(NOW <= slot <= NOW + HORIZON for slot in found.slots.values())
    assert all(at > NOW + HORIZON for at in found.later.values())
    for domain in set(domains):
        times = sorted(found.slots[n] for n, name in mails if name == domain and n in found.slots)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert all(gap.total_seconds() >= 60 / per_minute for gap in gaps)
