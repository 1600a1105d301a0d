import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from pmoportal.limits import get_address, is_over
from pmoportal.middleware import client_address
from tests.factories import publish_test


def visit(address: str, **options: int) -> bool:
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return is_over(request, "test", limit=2, seconds=3600, **options)


def test_is_over_after_the_limit() -> None:
    assert [visit("192.0.2.1") for _ in range(4)] == [False, False, True, True]


def test_is_over_counts_each_address_by_itself() -> None:
    assert [visit(f"192.0.2.{number}") for number in range(4)] == [False] * 4


def test_is_over_counts_a_whole_ipv6_network_as_one_visitor() -> None:
    assert [visit(f"2001:db8::{number}") for number in range(4)] == [False, False, True, True]


def test_is_over_refuses_nobody_when_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NoConnection

    monkeypatch.setattr(Redis, "pipeline", fail)
    assert [visit("192.0.2.1") for _ in range(4)] == [False] * 4


def test_is_over_counts_a_whole_ipv4_network_when_asked_to() -> None:
    addresses = ["192.0.2.1", "192.0.2.77", "192.0.2.200", "192.0.3.1"]
    assert [visit(each, ipv4_prefix=24) for each in addresses] == [False, False, True, False]


def test_is_over_counts_ipv4_visitors_of_an_ipv6_server_each_by_themselves() -> None:
    assert [visit(f"::ffff:192.0.2.{number}") for number in range(4)] == [False] * 4
    assert [visit("192.0.2.1"), visit("::ffff:192.0.2.1")] == [False, True]


def test_is_over_does_not_count_ports() -> None:
    assert [visit(f"192.0.2.1:{port}") for port in range(1, 4)] == [False, False, True]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:4711", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
        ("[::1]:80", "::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        (" 1.2.3.4 ", "1.2.3.4"),
        ("unknown", None),
        ("", None),
        ("unix:", None),
        ("1.2.3.4.5", None),
        ("[::1", "::1"),
        ("<script>", None),
    ],
)
def test_get_address_reads_what_servers_and_proxies_write(written: str, address: str) -> None:
    assert get_address(RequestFactory().get("/", REMOTE_ADDR=written)) == address


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_a_forged_forwarding_header_opens_no_new_account(settings: Settings, hops: int) -> None:
    """Proxies append what they saw; whatever the visitor wrote stands to the left of it."""
    settings.TRUSTED_PROXIES = hops
    appended = ["198.51.100.7", "10.0.0.1"][:hops]

    def visit_with_forged(value: str) -> bool:
        forwarded = ", ".join([value, *appended])
        request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded)
        client_address(lambda _: HttpResponse())(request)
        return is_over(request, "test", limit=2, seconds=3600)

    forged = ["9.9.9.1", "9.9.9.2, 8.8.8.8", "127.0.0.1", "::1", "x" * 2000, ","]
    assert [visit_with_forged(each) for each in forged] == [False] * 2 + [True] * 4


@pytest.mark.django_db
def test_a_test_is_started_only_so_often_in_an_hour_from_one_address(
    client: Client, settings: Settings
) -> None:
    publish_test()
    settings.STARTS_PER_HOUR = 2
    statuses = [client.post("/test/pmo/").status_code for _ in range(3)]
    assert statuses == [302, 302, 429]
    assert client.post("/test/pmo/", REMOTE_ADDR="192.0.2.9").status_code == 302
