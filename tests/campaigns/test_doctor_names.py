"""Questions to a name server that is good, poor, or bad; each has an end."""

import time
from collections.abc import Iterator

import pytest

from campaigns.doctor.names import Answer, Names, get_organisation, is_aligned, is_policy
from tests.campaigns.name_server import NameServer, hurry, running_name_server


@pytest.fixture
def server() -> Iterator[NameServer]:
    with running_name_server() as server:
        yield server


@pytest.fixture
def names(server: NameServer) -> Names:
    return Names([server.address])


def test_texts_are_put_together_from_their_strings(server: NameServer, names: Names) -> None:
    server.put_text("a.test", "v=spf1 " + "ip4:192.0.2.1 " * 40, "other")
    answer = names.ask("a.test", "TXT")
    assert sorted(map(len, answer.values)) == [5, 567]
    assert answer.trouble == ""


def test_each_kind_of_record_is_read(server: NameServer, names: Names) -> None:
    server.put("a.test", "A", "192.0.2.1")
    server.put("a.test", "AAAA", "2001:db8::1")
    server.put("a.test", "MX", "10 mx.a.test.")
    server.put("1.2.0.192.in-addr.arpa", "PTR", "mail.a.test.")
    assert names.ask_addresses("a.test").values == ("192.0.2.1", "2001:db8::1")
    assert names.ask("a.test", "MX").values == ("10 mx.a.test.",)
    assert names.ask_name_of("192.0.2.1").values == ("mail.a.test",)


def test_an_answer_too_large_for_udp_comes_by_tcp(server: NameServer, names: Names) -> None:
    server.put_text("large.test", *(f"{number} " + "x" * 200 for number in range(200)))
    assert len(names.ask("large.test", "TXT").values) == 200
    assert [way for _name, _kind, way in server.asked] == ["udp", "tcp"]


@pytest.mark.parametrize(
    ("name", "fault", "trouble"),
    [
        ("no.test", "", "missing"),
        ("no.test", "empty", "missing"),
        ("no.test", "servfail", "broken"),
        ("no.test", "silent", "silent"),
        ("no.test", "garbage", "broken"),
        ("no.test", "other_id", "silent"),
        ("no.test", "loop", "broken"),
        ("no.test", "cut", "broken"),
        ("a" * 64 + ".test", "", "broken"),
        ("a..test", "", "broken"),
        ("", "", "missing"),
    ],
)
def test_no_answer_is_told_from_no_record(
    server: NameServer,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    fault: str,
    trouble: str,
) -> None:
    if fault:
        hurry(monkeypatch)
    server.faults[name] = fault
    began = time.monotonic()
    answer = names.ask(name, "TXT")
    # One that breaks off, or repeats itself, may be told to be broken or to be silent.
    expected = {"broken", "silent"} if fault in {"cut", "loop", "garbage"} else {trouble}
    assert answer.values == ()
    assert answer.trouble in expected
    assert time.monotonic() - began < 4


def test_a_slow_server_is_waited_for(server: NameServer, names: Names) -> None:
    server.faults["slow.test"] = "slow"
    server.put_text("slow.test", "at last")
    assert names.ask("slow.test", "TXT").values == ("at last",)


def test_nobody_there_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    with running_name_server() as gone:
        address = gone.address
    assert Names([address]).ask("a.test", "A").trouble in {"broken", "silent"}


def test_a_server_that_is_no_address_is_trouble() -> None:
    assert Names(["dns.example"]).ask("a.test", "A") == Answer(trouble="broken")


def test_the_same_is_asked_once(server: NameServer, names: Names) -> None:
    server.put_text("a.test", "x")
    assert names.ask("a.test", "TXT") == names.ask("A.test.", "TXT")
    assert len(server.asked) == 1


def test_bytes_of_no_alphabet_are_text_all_the_same(server: NameServer, names: Names) -> None:
    server.put("odd.test", "TXT", '"\\255\\000\\027[31m"')
    assert names.ask("odd.test", "TXT").values == ("\ufffd\x00\x1b[31m",)


def test_only_texts_with_the_tag_are_policies(server: NameServer, names: Names) -> None:
    server.put_text("a.test", "v=spf1 -all", "v=spf10 +all", "google-site-verification=x")
    assert names.ask_policies("a.test", "v=spf1").values == ("v=spf1 -all",)
    assert names.ask_policies("a.test", "v=DMARC1") == Answer(trouble="missing")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("v=spf1", True),
        ("V=SPF1 -all", True),
        ("v=spf1;", True),
        ("v=spf10", False),
        ("x v=spf1", False),
    ],
)
def test_is_policy(text: str, is_one: bool) -> None:
    assert is_policy(text, "v=spf1") is is_one


@pytest.mark.parametrize(
    ("domain", "sender", "relaxed", "strict"),
    [
        ("firma.se", "firma.se", True, True),
        ("mail.firma.se", "firma.se", True, False),
        ("firma.se", "mail.firma.se", True, False),
        ("x.firma.se", "y.firma.se", True, False),
        ("other.se", "firma.se", False, False),
        ("a.co.uk", "b.co.uk", False, False),
        ("co.uk", "co.uk", True, True),
        ("FIRMA.SE.", "firma.se", True, True),
        ("", "firma.se", False, False),
    ],
)
def test_is_aligned(domain: str, sender: str, relaxed: bool, strict: bool) -> None:
    assert is_aligned(domain, sender) is relaxed
    assert is_aligned(domain, sender, is_strict=True) is strict


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [("a.b.example.se", "example.se"), ("x.co.uk", "x.co.uk"), ("se", ""), ("localhost", "")],
)
def test_get_organisation(domain: str, organisation: str) -> None:
    assert get_organisation(domain) == organisation
