import pytest
from kombu.exceptions import OperationalError

from pmoportal import bell


class Task:
    """A task whose broker does not answer."""

    def __init__(self, *, is_up: bool) -> None:
        self.is_up = is_up
        self.rings: list[dict] = []

    def apply_async(self, *, kwargs: dict, expires: int) -> None:
        self.rings.append(kwargs)
        if not self.is_up:
            raise OperationalError


@pytest.fixture(autouse=True)
def _rested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_silent_until", 0.0)


def test_ring_hands_ids_to_the_worker() -> None:
    task = Task(is_up=True)
    bell.ring(task, respondent_id=7)
    assert task.rings == [{"respondent_id": 7}]


def test_ring_raises_nothing_when_the_broker_is_away() -> None:
    bell.ring(Task(is_up=False))


def test_ring_does_not_make_the_next_visitor_wait_for_a_broker_that_is_away() -> None:
    task = Task(is_up=False)
    bell.ring(task)
    bell.ring(task)
    assert len(task.rings) == 1


def test_ring_tries_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(is_up=False)
    bell.ring(task)
    monkeypatch.setattr(bell, "_silent_until", bell.time.monotonic() - 1)
    bell.ring(task)
    assert len(task.rings) == 2
