"""Mail that comes in, labelled, and built into bytes as the programs of the world write it."""

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.header import Header
from email.utils import format_datetime
from pathlib import Path
from quopri import encodestring
from typing import Any

import yaml

FOLDER = Path(__file__).parent
# Rules are written beside the first; the others are only counted.
PARTS = ("tuned", "held_out", "held_out_2")
RECEIVED_AT = datetime(2026, 9, 15, 8, 30, tzinfo=UTC)
OURS = "4b5f4d5e-8f1a-8c3b-9d2e-7a6b5c4d3e2f"
OUR_MAIL = {
    "sv": (
        "Hej Alva,\n\nHär kommer veckans tips: samla allt på en sida.\n\n"
        "Gjorde du det? Säg hur det gick:\nhttps://pmo.example.se/m/answer/eyJh/\n\n"
        "----------------------------------------\n\n"
        "Du får det här mejlet för att du har gjort testet och bett om tips på\n"
        "https://pmo.example.se\n\nVill du inte ha fler mejl avslutar du här:\n"
        "https://pmo.example.se/m/unsubscribe/eyJh/\n\nPMO-testet"
    ),
    "en": (
        "Hello Alva,\n\nThis week's tip: one page for everything.\n\n"
        "Did you do it? Tell us how it went:\nhttps://pmo.example.se/m/answer/eyJh/\n\n"
        "----------------------------------------\n\n"
        "You are getting this e-mail because you took the test and asked for tips at\n"
        "https://pmo.example.se\n\nIf you want no more e-mails, unsubscribe here:\n"
        "https://pmo.example.se/m/unsubscribe/eyJh/\n\nPMO-testet"
    ),
}
# Above our mail, as each program writes it.
INTRODUCTIONS = {
    "outlook-sv": "________________________________\nFrån: PMO-testet <pmo@example.com>\n"
    "Skickat: den 15 september 2026 09:00\nTill: Alva Lind\nÄmne: Tips: samla allt på en sida\n",
    "outlook-en": "From: PMO-testet <pmo@example.com>\nSent: Tuesday, September 15, 2026 9:00 AM\n"
    "To: Alva Lind\nSubject: A tip: one page for everything\n",
    "gmail-sv": "Den tis 15 sep. 2026 kl 09:00 skrev PMO-testet <pmo@example.com>:\n",
    "gmail-en": "On Tue, 15 Sept 2026 at 09:00, PMO-testet <pmo@example.com>\nwrote:\n",
    "iphone-sv": "> 15 sep. 2026 kl. 09:00 skrev PMO-testet <pmo@example.com>:\n",
    "iphone-en": "> On 15 Sep 2026, at 09:00, PMO-testet <pmo@example.com> wrote:\n",
    "thunderbird-sv": "Den 2026-09-15 kl. 09:00, skrev PMO-testet:\n",
    "yahoo-en": "    On Tuesday, September 15, 2026 at 09:00:00 AM GMT+2, PMO-testet\n"
    " <pmo@example.com> wrote:\n",
    "plain-sv": "-----Ursprungligt meddelande-----\nFrån: PMO-testet\n",
    "interleaved-sv": "Den 15 september 2026 skrev PMO-testet:\n",
}
MARKED = ("gmail", "iphone", "thunderbird", "interleaved")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`part` is one of PARTS; `name` its place there."""

    part: str
    name: str
    want: str
    until: date | None
    raw: bytes


def read_corpus() -> list[Letter]:
    return [letter for part in PARTS for letter in read_part(part)]


def read_part(part: str) -> list[Letter]:
    rows = yaml.safe_load((FOLDER / f"{part}.yaml").read_text(encoding="utf-8"))
    return [
        Letter(
            part=part,
            name=f"{part}-{number:03}",
            want=row["want"],
            until=row.get("until"),
            raw=build(row, number=number),
        )
        for number, row in enumerate(rows, start=1)
    ]


def build(row: dict[str, Any], *, number: int = 1) -> bytes:
    if row.get("dsn"):
        return _build_report(row, number)
    return _build_letter(row, number)


def quote(body: str, style: str) -> str:
    """What the person wrote with our mail below it, or above it."""
    program, _dash, language = style.rpartition("-")
    ours = OUR_MAIL[language]
    if program in MARKED:
        ours = "\n".join(f"> {line}".rstrip() for line in ours.splitlines())
    if program == "interleaved":
        return f"{INTRODUCTIONS[style]}{ours}\n\n{body}\n"
    return f"{body}\n\n{INTRODUCTIONS[style]}\n{ours}\n"


def _build_letter(row: dict[str, Any], number: int) -> bytes:
    charset, encoding = row.get("charset", "utf-8"), row.get("encoding", "8bit")
    kind = "html" if row.get("html") else "plain"
    text = row.get("html") or row["body"]
    if row.get("quote"):
        text = quote(text, row["quote"])
    body = text.encode(charset, "replace").replace(b"\n", b"\r\n")
    body = {"base64": encodebytes, "quoted-printable": encodestring}.get(encoding, bytes)(body)
    headers = {
        "From": row.get("from", "Alva Lind <alva@example.se>"),
        "To": "PMO-testet <pmo@example.com>",
        "Date": format_datetime(RECEIVED_AT),
        "Message-ID": f"<in-{number}@example.se>",
        "Subject": Header(row.get("subject", "Sv: Tips"), "utf-8").encode(),
        "MIME-Version": "1.0",
        "Content-Type": f'text/{kind}; charset="{charset}"',
        "Content-Transfer-Encoding": encoding,
    }
    if not row.get("fresh"):
        headers |= {"In-Reply-To": f"<{OURS}@example.com>", "References": f"<{OURS}@example.com>"}
    if row.get("raw_type") == "receipt":
        headers["Content-Type"] = (
            'multipart/report; report-type=disposition-notification; boundary="b"'
        )
        body = b"--b\r\nContent-Type: text/plain\r\n\r\n" + body + b"\r\n--b--\r\n"
    headers |= {
        name: value for name, value in row.get("headers", {}).items() if "Override" not in name
    }
    return _join(headers) + body


def _build_report(row: dict[str, Any], number: int) -> bytes:
    program, code, said = row["dsn"], row.get("code", ""), row.get("said", "")
    sender, subject, words = REPORTERS[program]
    headers = {
        "From": sender,
        "To": "pmo@example.com",
        "Subject": Header(subject, "utf-8").encode(),
        "Date": format_datetime(RECEIVED_AT),
        "Message-ID": f"<report-{number}@example.se>",
        "Auto-Submitted": "auto-replied",
    }
    original = (
        f"Message-ID: <{OURS}@example.com>\r\nFrom: pmo@example.com\r\nTo: alva@example.se\r\n"
        "Subject: Tips\r\nList-Unsubscribe: <https://pmo.example.se/m/unsubscribe/eyJh/>\r\n"
    )
    if program == "qmail":
        text = f"{words}\r\n<alva@example.se>:\r\n{said}\r\n\r\n--- Below this line is a copy\r\n"
        return _join(headers) + (text + original).encode()
    kind = "feedback-report" if program == "arf" else "delivery-status"
    status = (
        "Feedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: Example/1.0\r\n"
        if program == "arf"
        else "Reporting-MTA: dns; mx.example.se\r\n\r\nFinal-Recipient: rfc822; alva@example.se\r\n"
        f"Action: {row.get('action', 'failed')}\r\nStatus: {code}\r\nDiagnostic-Code: {said}\r\n"
    )
    headers |= {
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/report; report-type={kind}; boundary="=_b"',
    }
    enclosed = "message/rfc822" if program in {"postfix", "arf"} else "text/rfc822-headers"
    parts = [
        ("text/plain; charset=utf-8", words),
        (f"message/{kind}", status),
        (enclosed, original + ("\r\nHej\r\n" if enclosed == "message/rfc822" else "")),
    ]
    body = "".join(f"--=_b\r\nContent-Type: {name}\r\n\r\n{text}\r\n" for name, text in parts)
    return _join(headers) + f"{body}--=_b--\r\n".encode()


REPORTERS = {
    "postfix": (
        "MAILER-DAEMON@mx.example.se (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.se. I'm sorry to have to inform you.",
    ),
    "exchange-sv": (
        "Microsoft Outlook <postmaster@example.se>",
        "Kan inte levereras: Tips",
        "Det gick inte att leverera till alva@example.se. Personen har slutat hos oss.",
    ),
    "exchange-en": (
        "Microsoft Outlook <postmaster@example.se>",
        "Undeliverable: A tip",
        "Your message to alva@example.se couldn't be delivered.",
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "** Message not delivered ** The recipient's inbox is full.",
    ),
    "exim": (
        "Mail Delivery System <Mailer-Daemon@example.se>",
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its recipients.",
    ),
    "qmail": (
        "MAILER-DAEMON@example.se",
        "failure notice",
        "Hi. This is the qmail-send program at example.se.",
    ),
    "arf": (
        "fbl@provider.example",
        "FW: Tips",
        "This is an email abuse report for an email message.",
    ),
}


def _join(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n"
