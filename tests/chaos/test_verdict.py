"""The judge's verdict must be able to fail: each promise, broken on purpose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.judge import Taken
from tests.chaos.storm import Deed
from tests.chaos.verdict import Evidence, Row, judge

START = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
CLAIM, OTHER = UUID(int=1), UUID(int=2)


def make_row(number: int, state: str = "sent", **values: Any) -> Row:
    given = {
        "pk": UUID(int=100 + number),
        "to": f"person{number}@example.se",
        "reason": "worker_lost" if state == "unknown" else "",
        "should": "sent",
        "sending_at": START + timedelta(seconds=number),
    }
    return Row(state=state, **given | values)


def take(*numbers: int) -> list[Taken]:
    return [
        Taken(at=n, message_id=f"<{UUID(int=100 + n)}@a.se>", to=f"person{n}@example.se")
        for n in numbers
    ]


def kill(seconds: float = 3.5, processes: int = 2) -> Deed:
    at = (START + timedelta(seconds=seconds)).timestamp()
    return Deed(at=at, what="kill", processes=processes, was_flowing=True)


# Five people; one killed worker, of whose two processes each had a mail on the wire. One arrived.
GOOD = Evidence(
    people=5,
    window=1,
    rows=[*map(make_row, range(3)), make_row(3, "unknown"), make_row(4, "unknown")],
    taken=take(0, 1, 2, 3),
    deeds=[kill(4.5)],
    holders={UUID(int=103): CLAIM, UUID(int=104): OTHER},
    cuts=0,
    exits=0,
    longest_hold=59,
    recovered=35.0,
    broken=[],
)


def change(**values: Any) -> Callable[[Evidence], Evidence]:
    return lambda evidence: replace(evidence, **values)


def test_a_kept_promise_is_no_reproach() -> None:
    verdict = judge(GOOD)

    assert verdict.broken == []
    assert verdict.figures["unknown that had arrived"] == "1 of 2"
    assert (
        verdict.figures["unknown per kill"]
        == "2.00 on average, 1.00 per process stopped (1 left 2)"
    )


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (change(people=6), "1 lost"),
        (change(rows=[*GOOD.rows[1:], make_row(0, "claimed")]), "1 lost"),
        (change(taken=take(0, 1, 3)), "1 lost"),
        (change(taken=take(0, 1, 2, 3, 3)), "2 double"),
        (
            change(taken=[*GOOD.taken, replace(take(3)[0], message_id="<another@a.se>")]),
            "1 double",
        ),
        (change(deeds=[kill(processes=1)]), "2 unknown, and at most 1 may be"),
        (change(holders=dict.fromkeys(GOOD.holders, CLAIM)), "one process left 2 unknown"),
        (change(taken=take(0, 1, 2, 3, 4, 5)), "the wire has fewer"),
        (change(rows=[*GOOD.rows[1:], make_row(0, "failed")]), "1 ended otherwise"),
        (change(longest_hold=61), "a row was held 61 s past its lease"),
        (change(recovered=None), "recovered after: never"),
        (change(recovered=121.0), "recovered after: 121.0 s"),
        (change(broken=["no due enrolment has been waiting"]), "invariants: no due enrolment"),
    ],
)
def test_a_broken_promise_is_named(spoil: Callable[[Evidence], Evidence], sentence: str) -> None:
    assert any(each.startswith(sentence) for each in judge(spoil(GOOD)).broken)


def test_the_wait_for_mail_counts_from_the_return_of_the_broker() -> None:
    back = [Deed(at=at, what="restart_broker", processes=0, was_flowing=True) for at in (1.5, 4)]
    late = [*take(0, 1, 2), replace(take(3)[0], at=80.0)]

    broken = judge(replace(GOOD, taken=late, deeds=[*GOOD.deeds, *back])).broken
    assert broken == ["76 s without mail after the broker was back"]


def test_a_server_that_fell_silent_is_not_blamed_on_a_killed_worker() -> None:
    silent = make_row(4, "unknown", reason="lost_after_dot", should="unknown")
    verdict = judge(replace(GOOD, rows=[*GOOD.rows[:4], silent], deeds=[kill(processes=1)]))

    assert verdict.broken == []
    assert verdict.figures["unknown by the server's silence"] == "1"
