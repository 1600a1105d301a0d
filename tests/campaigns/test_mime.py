"""What the standard library's parser reads must be what was written, whatever was written."""

import html
import re
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.mime import (
    Piece,
    Slot,
    build,
    clean_subject,
    encode_subject,
    get_ascii_address,
    quote,
    splice,
)

HEADERS = {
    "From": "Utvecklingsmotorn på Exempelbolaget <hej@example.com>",
    "To": "asa@xn--nda.se",
    "Message-ID": "<0193@example.com>",
    "Date": "Mon, 23 Nov 2026 08:30:00 +0100",
    "List-Unsubscribe": f"<https://example.com/m/unsubscribe/{'a' * 90}/>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
NAMES = ("first_name", "verdict")
SUBJECT: list[Piece] = ["Ditt resultat, ", Slot(name="first_name", fallback="du"), ": läs nu"]
TEXT: list[Piece] = [
    "Hej ",
    Slot(name="first_name", fallback="du"),
    "!\n.\n..två punkter = \t\n\n",
    Slot(name="verdict"),
    "\nFrom oss " + "ö" * 90 + "\n",
]
HTML: list[Piece] = [
    '<p title="',
    Slot(name="verdict"),
    f'">{"<b>å</b>" * 60}',
    Slot(name="first_name", fallback="R&D"),
    "</p>\n",
]


def read(raw: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(raw)


def read_address(raw: bytes) -> tuple[str, str]:
    """By the older parser: the newer puts a blank between two encoded words of a name."""
    unfolded = re.sub(r"\r\n(?= )", "", raw.decode())
    display, address = parseaddr(unfolded.split("\r\n")[0].removeprefix("From: "))
    return str(make_header(decode_header(display))), address


def render(pieces: list[Piece], values: dict[str, str]) -> str:
    return "".join(
        with_plain_lines(
            each if isinstance(each, str) else values.get(each.name) or each.fallback or ""
        )
        for each in pieces
    )


def with_plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()


def make(values: dict[str, str], headers: dict[str, str] | None = None) -> bytes:
    skeleton = build(subject=SUBJECT, text=TEXT, html=HTML)
    return splice(skeleton=skeleton, values=values, headers=HEADERS if headers is None else headers)


def assert_is_fit_for_the_wire(raw: bytes) -> None:
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    lines = raw.split(b"\r\n")
    assert [line for line in lines if line.startswith(b".")] == []
    long = [line for line in lines if len(line) > 76]
    assert [line.split(b":")[0] for line in long] in ([], [b"List-Unsubscribe"])


hostile = st.text(max_size=300) | st.text(
    st.sampled_from("\r\n\t .=_?<>&\"'\0\u2028\u2029\u202e\ud800åÅ😀👩‍👩‍👧-{}\x85\x0c"),
    max_size=200,
)


@settings(max_examples=1500, deadline=None)
@given(st.fixed_dictionaries({"first_name": hostile, "verdict": hostile.filter(bool)}))
@example({"first_name": "\r\n.\r\n", "verdict": "."})
@example({"first_name": "\r\nBcc: x@example.com\r\n\r\n", "verdict": "--=_\r\n" * 9})
@example({"first_name": "=?utf-8?q?=C3=A5?= x", "verdict": "=\r\n=3D"})
def test_splice_is_read_back_as_it_was_written(values: dict[str, str]) -> None:
    raw = make(values)
    mail = read(raw)
    text, page = mail.iter_parts()
    escaped = {name: html.escape(value) for name, value in values.items()}
    escaped["first_name"] = escaped["first_name"] or "R&amp;D"

    assert_is_fit_for_the_wire(raw)
    assert mail.keys() == [*HEADERS, "Subject", "MIME-Version", "Content-Type"]
    assert with_plain_lines(text.get_content()) == render(TEXT, values)
    assert with_plain_lines(page.get_content()) == render(HTML, escaped)
    assert mail["Subject"] == clean_subject(render(SUBJECT, values))
    assert mail.defects == []


@settings(max_examples=300, deadline=None)
@given(st.lists(hostile, max_size=6), st.lists(hostile, max_size=6))
def test_static_text_is_read_back_as_it_was_written(text: list[str], page: list[str]) -> None:
    raw = splice(
        skeleton=build(subject=["x"], text=text, html=page),
        values={},
        headers={},
    )
    parts = [with_plain_lines(part.get_content()) for part in read(raw).iter_parts()]

    assert_is_fit_for_the_wire(raw)
    assert parts == ["".join(map(with_plain_lines, each)) for each in (text, page)]


@settings(max_examples=500, deadline=None)
@given(hostile)
def test_subject_is_one_folded_header_that_is_read_back(text: str) -> None:
    encoded = encode_subject(text)
    header = read(encoded + b"\r\n")["Subject"]

    assert encoded.isascii()
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    assert [line for line in encoded.split(b"\r\n")[1:-1] if not line.startswith(b" ")] == []
    assert header == with_plain_lines(clean_subject(text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Your result", b"Subject: Your result\r\n"),
        ("Nuläget", b"Subject: =?utf-8?q?Nul=C3=A4get?=\r\n"),
        ("=?utf-8?q?x?=", b"Subject: =?utf-8?q?=3D=3Futf=2D8=3Fq=3Fx=3F=3D?=\r\n"),
        ("a\r\nBcc: b@example.com", b"Subject: a Bcc: b@example.com\r\n"),
        ("a\u2028b\0c", b"Subject: a b c\r\n"),
        ("tax\u202efdp.exe", b"Subject: taxfdp.exe\r\n"),
        ("", b"Subject: \r\n"),
    ],
)
def test_subject_examples(text: str, line: bytes) -> None:
    assert encode_subject(text) == line


def test_subject_never_divides_a_character_between_two_words() -> None:
    words = re.findall(rb"=\?utf-8\?q\?(.*?)\?=", encode_subject("😀å" * 40))

    assert len(words) > 5
    for word in words:
        bytes.fromhex(word.decode().replace("=", "")).decode()


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\0", "\u2028", "\u2029", "\x85", "\x0b"])
@pytest.mark.parametrize("name", ["From", "To", "Message-ID", "List-Unsubscribe", "X-Other"])
def test_splice_refuses_a_header_value_with_a_line_end(name: str, end: str) -> None:
    with pytest.raises(ValueError, match=name):
        make({"verdict": "x"}, {name: f"a@example.com{end}Bcc: b@example.com"})


@pytest.mark.parametrize(
    "name", ["Subject", "subject", "Content-Type", "MIME-Version", "Bcc", "Cc", "X:y", "", "X\r\nY"]
)
def test_splice_refuses_headers_that_are_not_the_callers(name: str) -> None:
    with pytest.raises(ValueError, match="not a header"):
        make({"verdict": "x"}, {name: "x"})


@pytest.mark.parametrize(
    "value",
    [
        "a@example.com, b@example.com",
        "A <a@example.com>, B <b@example.com>",
        "a@example.com <b@example.com>",
        "a@localhost",
        "a@[127.0.0.1]",
        "å@example.com",
        "a b@example.com",
        f"{'a' * 65}@example.com",
        "a@example..com",
        "a@127.0.0.1",
        "<>",
        "",
    ],
)
def test_splice_refuses_anything_but_one_address(value: str) -> None:
    with pytest.raises(ValueError, match=r"address|domain"):
        make({"verdict": "x"}, {"To": value})


@pytest.mark.parametrize(
    ("value", "display", "address"),
    [
        ("a@example.com", "", "a@example.com"),
        ("PMO-testet <a@example.com>", "PMO-testet", "a@example.com"),
        ("Åsa & Öst, AB <a@ö.se>", "Åsa & Öst, AB", "a@xn--nda.se"),
        ('"Bolaget, \\"PMO\\"" <a@example.com>', 'Bolaget, "PMO"', "a@example.com"),
        ("x" * 200 + " <a@example.com>", "x" * 200, "a@example.com"),
        ("ö" * 60 + " <a@example.com>", "ö" * 60, "a@example.com"),
        ("=?utf-8?q?x?= <a@example.com>", "=?utf-8?q?x?=", "a@example.com"),
    ],
)
def test_addresses_are_read_back_with_an_ascii_domain(
    value: str, display: str, address: str
) -> None:
    raw = make({"verdict": "x"}, {"From": value})

    assert read_address(raw) == (display, address)
    assert_is_fit_for_the_wire(raw)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters='"<>@\\'))
)
def test_any_display_name_is_read_back(display: str) -> None:
    raw = make({"verdict": "x"}, {"From": f"{display} <a@example.com>"})

    assert read_address(raw) == (clean_subject(display), "a@example.com")


@pytest.mark.parametrize(
    ("address", "ascii_address"),
    [
        ("A.B+c@Example.com", "A.B+c@Example.com"),
        ("a@ö.se", "a@xn--nda.se"),
        ("a@ÖSTRA.example", "a@xn--stra-4qa.example"),
        ("a@faß.de", "a@xn--fa-hia.de"),
        ("a@ａ.se", "a@a.se"),
    ],
)
def test_domains_become_ascii(address: str, ascii_address: str) -> None:
    assert get_ascii_address(address) == ascii_address


@pytest.mark.parametrize(
    "domain", ["a\u202eb.se", "a b.se", "℀.se", "-a.se", "a_b.se", f"{'a' * 64}.se"]
)
def test_domains_that_nobody_can_have_are_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="domain"):
        get_ascii_address(f"a@{domain}")


def test_other_headers_stay_on_one_line_or_are_refused() -> None:
    raw = make({"verdict": "x"})

    assert f"\r\nList-Unsubscribe: {HEADERS['List-Unsubscribe']}\r\n".encode() in raw
    with pytest.raises(ValueError, match="too long"):
        make({"verdict": "x"}, {"X-Long": "x" * 1000})


def test_other_headers_may_hold_swedish() -> None:
    assert read(make({"verdict": "x"}, {"List-Id": "Råd <rad.example.com>"}))["List-Id"] == (
        "Råd <rad.example.com>"
    )


def test_the_same_mail_can_be_made_again_to_the_byte() -> None:
    assert make({"verdict": "x"}) == make({"verdict": "x"})


def test_a_value_that_must_be_there_is_named() -> None:
    with pytest.raises(KeyError, match="verdict"):
        make({"first_name": "Åsa", "verdict": ""})


def test_a_mail_beyond_all_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than"):
        make({"verdict": "x" * 600_000})


def test_boundary_follows_the_content_and_is_not_in_the_body() -> None:
    one = build(subject=["a"], text=["=_"], html=["b"])
    other = build(subject=["a"], text=["=_"], html=["c"])

    assert one.frame[-1] != other.frame[-1]
    assert b"=_" not in quote("=_" * 100)
