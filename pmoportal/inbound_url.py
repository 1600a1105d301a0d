"""INBOUND_URL and INBOUND_ADDRESS: where answers to our mail go, and how we fetch them."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

FORM = (
    "must look like imaps://user:password@host/INBOX (or imap+starttls:, its plus and its % in "
    "the user and password written as %2B and %25), or maildir:///path"
)
PORTS = {"imaps": 993, "imap+starttls": 143}
# Before the @ there must be room for + and a token of 42 characters within 64.
LONGEST_LOCAL_PART = 21


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """`path` is the folder: of the mailbox on the server, or of the maildir here."""

    kind: Literal["imap", "maildir"]
    path: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Literal["", "ssl", "starttls"] = ""


def parse_inbound_url(url: str) -> Inbox:
    """Raises ValueError with what is accepted instead."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(FORM) from None
    if parts.scheme == "maildir" and not parts.netloc and Path(parts.path).is_absolute():
        return Inbox(kind="maildir", path=unquote(parts.path))
    if parts.scheme not in PORTS or not parts.hostname or parts.query or not parts.username:
        raise ValueError(FORM)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    user, password = unquote(parts.username), unquote(parts.password or "")
    if not all(re.fullmatch(r"[\x20-\x7e]{1,200}", each) for each in (folder, user, password)):
        raise ValueError(FORM)
    return Inbox(
        kind="imap",
        path=folder,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=user,
        password=password,
        tls="ssl" if parts.scheme == "imaps" else "starttls",
    )


def parse_address(value: str) -> str:
    """An address alone, to which a server adds what stands after a plus."""
    local, _at, domain = value.rpartition("@")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", local) or not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
        raise ValueError("must be one plain address, such as svar@example.com")
    if len(local) > LONGEST_LOCAL_PART:
        raise ValueError(f"may have at most {LONGEST_LOCAL_PART} characters before the @")
    return value.lower()
