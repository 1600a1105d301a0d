from itertools import count

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as NoConnection

from pmoportal.remembering import remember


def test_what_was_counted_is_remembered() -> None:
    numbers = count()
    assert [remember("n", lambda: next(numbers), seconds=60) for _ in range(2)] == [0, 0]


def test_without_a_cache_it_is_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(key: str) -> None:
        raise NoConnection

    monkeypatch.setattr(cache, "get", refuse)
    numbers = count()
    assert [remember("n", lambda: next(numbers), seconds=60) for _ in range(2)] == [0, 1]
