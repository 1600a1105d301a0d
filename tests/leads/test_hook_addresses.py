"""Where webhooks may go (A9): the pure part."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.hooks.addresses import Forbidden, Target, check, read_target

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
PUBLIC = "93.184.215.14"


def judge(
    url: str, *addresses: str, allowed: bool = False, is_production: bool = True
) -> str | Target:
    """The address to call, or the reason not to."""
    try:
        return check(
            target=read_target(url),
            addresses=addresses,
            allowed=LOOPBACK if allowed else [],
            is_production=is_production,
        )
    except Forbidden as error:
        return error.reason


def test_a_url_is_read_into_what_is_called() -> None:
    assert read_target("https://CRM.Example.com:8443/in?x=1") == Target(
        scheme="https", host="crm.example.com", port=8443, path="/in?x=1"
    )
    assert read_target("https://räksmörgås.se").host == "xn--rksmrgs-5wao1o.se"
    assert read_target("https://räksmörgås.se").authority == "xn--rksmrgs-5wao1o.se"
    assert read_target("https://[2001:db8::1]:8443/").authority == "[2001:db8::1]:8443"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "not_https"),
        ("gopher://example.com/", "not_https"),
        ("//example.com/", "not_https"),
        ("example.com", "not_https"),
        ("", "not_https"),
        ("https://", "not_an_address"),
        ("https://user:pass@example.com/", "not_an_address"),
        ("https://example.com@127.0.0.1/", "not_an_address"),
        ("https://example.com/#a", "not_an_address"),
        ("https://example.com\\@127.0.0.1/", "not_an_address"),
        ("https://exa mple.com/", "not_an_address"),
        ("https://example.com/\r\nX: y", "not_an_address"),
        ("https://example.com:99999/", "not_an_address"),
        ("https://example.com:x/", "not_an_address"),
        ("https://[::1/", "not_an_address"),
        ("https://2130706433/", "not_an_address"),
        ("https://0x7f000001/", "not_an_address"),
        ("https://0x7f.0.0.1/", "not_an_address"),
        ("https://0177.0.0.1/", "not_an_address"),
        ("https://127.1/", "not_an_address"),
        ("https://a..b/", "not_an_address"),
        ("https://" + "a" * 64 + ".se/", "not_an_address"),
        ("https://example.com/" + "a" * 500, "not_an_address"),
        ("https://example.com/å", "not_an_address"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url: str, reason: str) -> None:
    assert judge(url, PUBLIC) == reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_an_address_inside_is_refused_whatever_it_is_called(address: str) -> None:
    assert judge("https://crm.example.com/", address) == "private_address"
    assert judge("https://crm.example.com/", PUBLIC, address) == "private_address"


def test_an_open_address_is_called() -> None:
    assert judge("https://crm.example.com/", PUBLIC) == PUBLIC
    assert judge("https://crm.example.com:8443/", "2606:2800:21f::1") == "2606:2800:21f::1"
    assert judge("https://crm.example.com/") == "no_such_host"


@pytest.mark.parametrize("port", [1, 22, 25, 6379, 8080, 65535])
def test_other_ports_are_for_what_is_allowed_by_name(port: int) -> None:
    assert judge(f"https://crm.example.com:{port}/", PUBLIC) == "port"
    assert judge(f"https://crm.example.com:{port}/", "127.0.0.1", allowed=True) == "127.0.0.1"


def test_plain_http_is_for_an_allowed_machine_outside_production() -> None:
    def ask(address: str, *, is_production: bool) -> object:
        url = "http://crm.example.com:9000/"
        return judge(url, address, allowed=True, is_production=is_production)

    assert ask("127.0.0.1", is_production=False) == "127.0.0.1"
    assert ask("127.0.0.1", is_production=True) == "not_https"
    assert ask(PUBLIC, is_production=False) == "not_https"
    assert str(ask("::ffff:127.0.0.1", is_production=False)).startswith("::ffff:")


def test_link_local_addresses_are_never_allowed() -> None:
    everything = [ipaddress.ip_network("0.0.0.0/0")]
    target = read_target("https://crm.example.com/")
    with pytest.raises(Forbidden):
        check(target=target, addresses=["169.254.169.254"], allowed=everything, is_production=False)


@given(st.integers(0, 2**128 - 1), st.sampled_from([4, 6]))
def test_no_address_that_is_not_global_is_ever_called(number: int, version: int) -> None:
    address = (
        ipaddress.IPv4Address(number % 2**32) if version == 4 else ipaddress.IPv6Address(number)
    )
    if judge("https://crm.example.com/", str(address)) == str(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.text(max_size=60))
def test_whatever_is_written_gives_a_target_or_a_reason(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://example.com/{text}"):
        try:
            reason = "" if read_target(url).host.isascii() else "not ascii"
        except Forbidden as error:
            reason = error.reason
        assert reason in {"", "not_an_address", "not_https"}
