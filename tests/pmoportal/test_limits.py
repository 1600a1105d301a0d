import pytest
from django.core.cache import cache
from django.test import RequestFactory
from redis.exceptions import ConnectionError as NoConnection

from pmoportal.limits import is_over


def visit(address: str) -> bool:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return is_over(request, "test", limit=2, seconds=3600)


def test_is_over_after_the_limit() -> None:
    assert [visit("192.0.2.1") for _ in range(4)] == [False, False, True, True]


def test_is_over_counts_each_address_by_itself() -> None:
    assert [visit(f"192.0.2.{number}") for number in range(4)] == [False] * 4


def test_is_over_counts_a_whole_ipv6_network_as_one_visitor() -> None:
    assert [visit(f"2001:db8::{number}") for number in range(4)] == [False, False, True, True]


def test_is_over_refuses_nobody_when_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NoConnection

    monkeypatch.setattr(cache, "add", fail)
    assert [visit("192.0.2.1") for _ in range(4)] == [False] * 4
