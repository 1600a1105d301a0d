"""What senders' records say, as receivers read them."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.doctor import records
from campaigns.doctor.keys import measure_key
from campaigns.doctor.records import Dmarc, Spf, read_dmarc, read_key, read_spf, read_tags


@pytest.mark.parametrize(
    ("text", "spf"),
    [
        ("v=spf1 -all", Spf(others=(), asks=0, everybody="-")),
        ("v=spf1 mx a:mail.a.se ~all", Spf(others=(), asks=2, everybody="~")),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", Spf(others=(), asks=0, everybody="-")),
        (
            "v=spf1 include:_spf.Provider.com include:b.se ?all",
            Spf(others=("_spf.provider.com", "b.se"), asks=2, everybody="?"),
        ),
        ("v=spf1 +all", Spf(others=(), asks=0, everybody="+")),
        ("v=spf1 all -all", Spf(others=(), asks=0, everybody="+")),
        ("v=spf1 a/24 ptr exists:%{i}.x.se", Spf(others=(), asks=3, everybody="")),
        ("v=spf1 redirect=b.se", Spf(others=("b.se",), asks=1, everybody="redirect")),
        ("v=spf1 redirect=b.se -all", Spf(others=(), asks=0, everybody="-")),
        ("v=spf1 exp=why.a.se -ALL", Spf(others=(), asks=0, everybody="-")),
    ],
)
def test_read_spf(text: str, spf: Spf) -> None:
    assert read_spf(text) == spf


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 inlcude:a.se -all",
        "v=spf1 include -all",
        "v=spf1 include: -all",
        "v=spf1 ip4 -all",
        "v=spf1 ip4: -all",
        "v=spf1 -all;",
        "v=spf1 include:a_b;c -all",
        "v=spf1 redirect=",
    ],
)
def test_read_spf_refuses_what_receivers_do_not_understand(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the word at fault, whichever it is
        read_spf(text)


@pytest.mark.parametrize(
    ("text", "dmarc"),
    [
        ("v=DMARC1; p=none", Dmarc(policy="none", is_strict=False)),
        ("v=DMARC1;p=Reject;adkim=s;", Dmarc(policy="reject", is_strict=True)),
        (
            "v=DMARC1; p=quarantine; rua=mailto:a@b.se!10m; adkim=r",
            Dmarc(policy="quarantine", is_strict=False),
        ),
    ],
)
def test_read_dmarc(text: str, dmarc: Dmarc) -> None:
    assert read_dmarc(text) == dmarc


@pytest.mark.parametrize(
    "text", ["v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1 p=none", "v=DMARC1; p"]
)
def test_read_dmarc_refuses_a_record_without_a_policy(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the part at fault, whichever it is
        read_dmarc(text)


def test_read_key() -> None:
    assert read_key("v=DKIM1; k=rsa; p=" + b64encode(b"key").decode()) == b"key"
    assert read_key("p=a2 V5") == b"key"
    assert read_key("v=DKIM1; p=") == b""


@pytest.mark.parametrize("text", ["v=DKIM1", "v=DKIM2; p=a2V5", "p=!", "p=a2V5; p=a2V5", "hello"])
def test_read_key_refuses_what_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the part at fault, whichever it is
        read_key(text)


@pytest.mark.parametrize("key", [b"", b"\x30", b"\x30\x82\xff\xff", b"x" * 400, b"\x30\x00"])
def test_measure_key_refuses_what_is_no_key(key: bytes) -> None:
    with pytest.raises(ValueError, match="not a public key"):
        measure_key(key)


def test_a_key_of_ed25519_has_no_length_to_mind() -> None:
    assert measure_key(b"k" * 32) == 0


@given(st.binary(max_size=80))
def test_measure_key_takes_whatever_was_published(key: bytes) -> None:
    try:
        assert measure_key(key) >= 0
    except ValueError:
        return


record = st.text(st.sampled_from("v=spf1DMARC;: ain-~+?/.%{}_bc0123456789åÅ\0\n"), max_size=80)


@given(record)
def test_whatever_is_published_is_read_or_refused(text: str) -> None:
    for read in (read_spf, read_dmarc, read_key, read_tags):
        try:
            assert read(text) is not None
        except ValueError:
            continue


def test_reading_takes_no_time_however_it_is_written() -> None:
    for hostile in (
        "v=spf1 " + "a" * 60_000,
        "v=spf1 " + "include:" * 20_000,
        "x=" + " ;" * 60_000,
    ):
        for read in (records.read_spf, records.read_tags):
            try:
                read(hostile)
            except ValueError:
                continue
