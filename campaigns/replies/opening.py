"""Open a received mail: raw bytes in, the few facts that judging and matching need out.

Whatever comes in, something comes out: mail is written by strangers, and by their programs.
Attachments are never looked into.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part
from email.utils import getaddresses, parsedate_to_datetime

from campaigns.replies.markup import get_text
from campaigns.replies.reports import Report, read_report

MAX_BYTES = 400_000  # of a mail that are read; what a person writes comes first
MAX_PARTS = 60
MAX_TEXT = 20_000
MAX_HEADER = 1_000
MAX_IDS = 30

_ID = re.compile(r"<([^<>\s]{3,250})>")
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "x-envelope-to", "x-rcpt-to")


@dataclass(frozen=True, kw_only=True)
class Received:
    """`headers` by lower-case name, the first of each, decoded. `references` names the mails
    that this one answers, the nearest first. Addresses are bare and in lower case.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None
    subject: str = ""
    text: str = ""
    content_type: str = "text/plain"
    report: Report | None = None


def open_mail(raw: bytes) -> Received:
    try:
        return _read(message_from_bytes(raw[:MAX_BYTES]))
    except (MessageError, LookupError, RecursionError, TypeError, ValueError):
        # The standard library's parser knows no limit of depth, and some headers break it.
        return Received(text=clean(raw[:MAX_TEXT].decode("utf-8", "replace")))


def clean(text: str) -> str:
    """Without what a database, a line of a list or a reader's eyes stumble over."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))


def _read(mail: Part) -> Received:
    headers: dict[str, str] = {}
    for name, value in mail.items()[:200]:
        headers.setdefault(name.lower(), _decode(value))
    parts = list(_walk(mail))
    return Received(
        headers=headers,
        message_id=next(iter(_ID.findall(headers.get("message-id", ""))), ""),
        sender=next(iter(_get_addresses(mail, ["from", "sender"])), ""),
        recipients=_get_addresses(mail, _RECIPIENTS),
        references=_get_references(headers),
        sent_at=_get_moment(headers.get("date", "")),
        subject=" ".join(headers.get("subject", "").split()),
        text=_get_text(parts),
        content_type=mail.get_content_type(),
        report=read_report(headers, parts),
    )


def _walk(mail: Part) -> Iterator[Part]:
    """Every part, but none of a mail that is attached to this one."""
    waiting, count = [mail], 0
    while waiting and count < MAX_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting[:0] = [each for each in inside if isinstance(each, Part)]


def _get_text(parts: list[Part]) -> str:
    """The first part that says something in plain words, else the first page of HTML."""
    bodies = [part for part in parts if _is_body(part)]
    for wanted in ("text/plain", "text/html"):
        for part in bodies:
            if part.get_content_type() == wanted:
                text = _get_content(part)
                text = get_text(text) if wanted == "text/html" else text
                if text.strip():
                    return clean(text)[:MAX_TEXT].strip()
    return ""


def _is_body(part: Part) -> bool:
    return part.get_content_maintype() == "text" and not part.get_filename()


def _get_content(part: Part) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    for each in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(each)
        except (LookupError, UnicodeError):
            continue
    return content.decode("latin-1")


def _decode(value: object) -> str:
    """A header as it is read; what cannot be decoded stays as it was written."""
    written = str(value)[:MAX_HEADER]
    try:
        words = [
            word if isinstance(word, str) else word.decode(charset or "utf-8", "replace")
            for word, charset in decode_header(written)
        ]
    except (LookupError, MessageError, ValueError):
        words = [written]
    return clean("".join(words)).replace("\n", " ").replace("\t", " ")


def _get_addresses(mail: Part, names: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    values = [str(value)[:MAX_HEADER] for name in names for value in mail.get_all(name, [])[:5]]
    found = [clean(address).strip().lower() for _name, address in getaddresses(values)]
    return tuple(dict.fromkeys(each for each in found if "@" in each))


def _get_references(headers: Mapping[str, str]) -> tuple[str, ...]:
    nearest = _ID.findall(headers.get("in-reply-to", ""))
    nearest += reversed(_ID.findall(headers.get("references", "")))
    return tuple(dict.fromkeys(nearest))[:MAX_IDS]


def _get_moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
