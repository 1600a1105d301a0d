"""A mail as bytes: the parts that never change are encoded once, values are spliced in.

Pure and deterministic: the same skeleton, values and headers give the same bytes for ever.
The result is 7-bit with CRLF, its body lines are at most 76 columns and never begin with a
dot, so nothing has to look at it again on its way to the wire. It does not decide which
headers a mail has, only that none of them can smuggle in another.
"""

import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

COLUMNS = 76
MAX_LINE = 998
MAX_MAIL = 600_000
MAX_LOCAL_PART = 64
MAX_DOMAIN = 253

ADDRESS_HEADERS = frozenset({"from", "to", "reply-to", "sender"})
OWN_HEADERS = frozenset(
    {"subject", "mime-version", "content-type", "content-transfer-encoding", "cc", "bcc"}
)

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Everything a reader of headers may take for the end of a line, and other control characters.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_MAILBOX = re.compile(r'(?:(?:"((?:[^"\\]|\\.)*)"|([^"<>@]*))\s*<([^<>]*)>|([^<>]*))')
_ATOM_WORDS = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~ -]+")


class Spliced(bytes):
    """What `splice` made: 7-bit lines that end in CRLF, none of which begins with a dot."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Where a value goes. `fallback` None: the value must be there."""

    name: str
    fallback: str | None = None


Piece = str | Slot


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A slot in a part of the mail, and how a value is written there."""

    slot: Slot
    encode: Callable[[str], bytes]


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """One compiled mail, encoded but for its values. Every other place of `frame` is open; `order`
    says by number which of the `holes` is there.
    """

    subject: tuple[Piece, ...]
    frame: tuple[bytes, ...]
    holes: tuple[Hole, ...]
    order: tuple[int, ...]


def build(*, subject: Sequence[Piece], text: Sequence[Piece], html: Sequence[Piece]) -> Skeleton:
    content = repr((tuple(subject), tuple(text), tuple(html)))
    # "=_" cannot occur in quoted-printable, so no body can contain the boundary.
    boundary = "=_" + sha256(content.encode(errors="replace")).hexdigest()[:32]
    opening = (
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
        f"\r\n--{boundary}\r\n{_get_part_header('plain')}"
    )
    between = f"\r\n--{boundary}\r\n{_get_part_header('html')}"
    frame, holes, order = [opening.encode()], dict[Hole, int](), list[int]()
    parts = [
        *_encode_statics(text, _encode_text),
        between.encode(),
        *_encode_statics(html, _encode_html),
        f"\r\n--{boundary}--\r\n".encode(),
    ]
    for part in parts:
        if isinstance(part, bytes):
            frame[-1] += part
        else:
            order.append(holes.setdefault(part, len(holes)))
            frame += [b"", b""]
    return Skeleton(
        subject=tuple(subject), frame=tuple(frame), holes=tuple(holes), order=tuple(order)
    )


def splice(*, skeleton: Skeleton, values: Mapping[str, str], headers: Mapping[str, str]) -> Spliced:
    """The whole mail. KeyError for a missing value, ValueError for a header that cannot be sent."""
    encoded = [hole.encode(_get(hole.slot, values)) for hole in skeleton.holes]
    body = list(skeleton.frame)
    body[1::2] = [encoded[number] for number in skeleton.order]
    head = [_encode_header(name, value) for name, value in headers.items()]
    head.append(encode_subject(_fill(skeleton.subject, values)))
    mail = Spliced(b"".join(head + body))
    if len(mail) > MAX_MAIL:
        raise ValueError(f"the mail is larger than {MAX_MAIL} bytes")
    return mail


def clean_subject(text: str) -> str:
    """One line without control characters or marks that turn the reading direction."""
    return " ".join(_CONTROL.sub(" ", _DIRECTION.sub("", text)).split())


@lru_cache(maxsize=1024)
def encode_subject(text: str) -> bytes:
    return _encode_unstructured("Subject", clean_subject(text))


@lru_cache(maxsize=4096)
def get_ascii_address(address: str) -> str:
    """`address` with its domain in ASCII. ValueError unless it is exactly one mailbox."""
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local) or len(local) > MAX_LOCAL_PART:
        raise ValueError("not one plain mail address")
    domain = ".".join(_get_ascii_label(label) for label in domain.split("."))
    _, dot, top = domain.rpartition(".")
    if not dot or top.isdigit() or len(domain) > MAX_DOMAIN:
        raise ValueError("not a full domain name")
    return f"{local}@{domain}"


def quote(text: str) -> bytes:
    """Quoted-printable that begins and ends at the start of a line."""
    lines = _LINE_BREAK.split(text)
    encoded = b"\r\n".join(_quote_line(line.encode(errors="replace")) for line in lines)
    return encoded + b"=\r\n" if lines[-1] else encoded


def _encode_statics(pieces: Iterable[Piece], encode: Callable[[str], bytes]) -> list[bytes | Hole]:
    return [
        quote(piece) if isinstance(piece, str) else Hole(slot=piece, encode=encode)
        for piece in pieces
    ]


def _get(slot: Slot, values: Mapping[str, str]) -> str:
    value = values.get(slot.name) or slot.fallback
    if value is None:
        raise KeyError(slot.name)
    return value


def _fill(pieces: Iterable[Piece], values: Mapping[str, str]) -> str:
    return "".join(piece if isinstance(piece, str) else _get(piece, values) for piece in pieces)


@lru_cache(maxsize=8192)
def _encode_text(value: str) -> bytes:
    return quote(value)


@lru_cache(maxsize=8192)
def _encode_html(value: str) -> bytes:
    return quote(html.escape(value, quote=True))


def _get_part_header(subtype: str) -> str:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )


def _quote_byte(byte: int) -> bytes:
    is_plain = chr(byte) == "\t" or (chr(byte).isascii() and chr(byte).isprintable())
    return bytes([byte]) if is_plain and chr(byte) != "=" else b"=%02X" % byte


_QUOTED = tuple(_quote_byte(byte) for byte in range(256))


def _quote_line(line: bytes) -> bytes:
    """One line of text as lines of at most 76 columns, soft breaks between them."""
    quoted = binascii.b2a_qp(line)
    has_room = len(quoted) - quoted.rfind(b"\n") <= COLUMNS  # for a soft break at its end
    if has_room and not quoted.startswith(b".") and b"\n." not in quoted:
        return quoted.replace(b"=\n", b"=\r\n")
    return _quote_line_with_dots(line)


def _quote_line_with_dots(line: bytes) -> bytes:
    """The same, slowly: a dot that opens a line would have to be doubled by whoever sends it."""
    tokens = [_QUOTED[byte] for byte in line]
    if tokens and tokens[-1] in (b" ", b"\t"):
        tokens[-1] = b"=%02X" % line[-1]
    lines: list[bytes] = []
    current: list[bytes] = []
    width = 0
    for token in tokens:
        if width + len(token) >= COLUMNS:
            lines.append(b"".join(current))
            current, width = [], 0
        safe = b"=2E" if width == 0 and token == b"." else token
        current.append(safe)
        width += len(safe)
    return b"=\r\n".join([*lines, b"".join(current)])


@lru_cache(maxsize=1024)
def _encode_header(name: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
        raise ValueError(f"{name!r} is not a header to be set here")
    if _CONTROL.search(value):
        raise ValueError(f"{name} contains a control character")
    if name.lower() in ADDRESS_HEADERS:
        return _encode_address(name, value)
    if not value.isascii():
        return _encode_unstructured(name, value)
    # Unfolded on purpose: List-Unsubscribe must stay on one line for its readers.
    line = f"{name}: {value}"
    if len(line) > MAX_LINE:
        raise ValueError(f"{name} is too long")
    return line.encode() + b"\r\n"


def _encode_address(name: str, value: str) -> bytes:
    mailbox = _MAILBOX.fullmatch(value.strip())
    if not mailbox:
        raise ValueError(f"{name} must hold exactly one mail address")
    quoted, plain, bracketed, bare = mailbox.groups()
    address = get_ascii_address(bracketed or bare or "")
    display = clean_subject(re.sub(r"\\(.)", r"\1", quoted) if quoted else plain or "")
    if not display:
        return f"{name}: {address}\r\n".encode()
    if _ATOM_WORDS.fullmatch(display) and len(f"{name}: {display}") <= COLUMNS:
        phrase = f"{name}: {display}"
    elif display.isascii() and "=?" not in display and 2 * len(display) < COLUMNS - len(name):
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'{name}: "{escaped}"'
    else:
        phrase = _fold_encoded_words(name, display)
    last = phrase.rpartition("\r\n")[2]
    fold = "\r\n" if len(last) + len(address) + 3 > COLUMNS else ""
    return f"{phrase}{fold} <{address}>\r\n".encode()


def _encode_unstructured(name: str, text: str) -> bytes:
    line = f"{name}: {text}"
    if text.isascii() and "=?" not in text and len(line) <= COLUMNS:
        return line.encode() + b"\r\n"
    return _fold_encoded_words(name, text).encode() + b"\r\n"


def _fold_encoded_words(name: str, text: str) -> str:
    """RFC 2047 in the Q encoding; a character is never divided between two words."""
    words, current = [], ""
    room = COLUMNS - len(f"{name}: =?utf-8?q??=")
    for character in text:
        token = _encode_character(character)
        if len(current) + len(token) > room:
            words.append(current)
            current, room = "", COLUMNS - len(" =?utf-8?q??=")
        current += token
    return f"{name}: " + "\r\n ".join(f"=?utf-8?q?{word}?=" for word in [*words, current])


def _encode_character(character: str) -> str:
    if character == " ":
        return "_"
    if character.isascii() and character.isalnum():
        return character
    return "".join(f"={byte:02X}" for byte in character.encode(errors="replace"))


def _get_ascii_label(label: str) -> str:
    if not label.isascii():
        # Not the idna codec: it turns ß into ss, which is somebody else's domain.
        label = unicodedata.normalize("NFKC", label).lower()
        if not all(unicodedata.category(each)[0] in "LMN" or each == "-" for each in label):
            raise ValueError("not a full domain name")
        if not label.isascii():
            label = "xn--" + label.encode("punycode").decode()
    if not _LABEL.fullmatch(label):
        raise ValueError("not a full domain name")
    return label
