"""What goes to the wire and how it went there. Evidence and codes are kept; addresses are not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from celery.exceptions import SoftTimeLimitExceeded

LONGEST_EVIDENCE = 500

# Where the server has said no to us before it knew of any mail: the next one would fare no better.
CONNECTING = frozenset({"connect", "starttls", "ehlo", "auth"})

_ADDRESS = re.compile(r"<?[^\s<>()\"'=:,;]+@[^\s<>()\"',;:]+>?")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail for one person. `raw` is what SMTP sends, the texts are what a provider's API gets.

    `headers` are those of `raw`, without the subject and the MIME ones.
    """

    message_id: str
    envelope_from: str
    to: str
    raw: bytes
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Somebody else answers for the mail now; `provider_id` is their name for it, if any."""

    evidence: str
    provider_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Certainly not accepted, and it would not be another time. `code` 0: nobody gave one."""

    phase: str
    code: int
    evidence: str


@dataclass(frozen=True, kw_only=True)
class TryLater:
    """Certainly not accepted, but it may be another time."""

    phase: str
    code: int
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Perhaps accepted, perhaps not. Only evidence or a person may decide."""

    phase: str
    evidence: str


Outcome = Accepted | Refused | TryLater | Unknown


class Stopped(SoftTimeLimitExceeded):
    """The task ran out of time in the middle of a mail that was certainly not accepted."""


class Transport(Protocol):
    """For one thread of one process; keeps its connection between mails.

    When the task's time is up, SoftTimeLimitExceeded passes through `send` like an outcome:
    as Stopped when the mail was certainly not accepted, as it is when nobody knows.
    """

    def send(self, *, mail: Mail) -> Outcome: ...

    def close(self) -> None: ...


class Server(Protocol):
    """Where mail is handed over: what EMAIL_URL says."""

    @property
    def kind(self) -> Literal["smtp", "provider", "console", "file", "locmem"]: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def tls(self) -> Literal["", "starttls", "ssl"]: ...
    @property
    def path(self) -> str: ...
    @property
    def backend(self) -> str: ...


def get_evidence(text: str) -> str:
    """One short line without addresses, fit to be stored and logged."""
    return _ADDRESS.sub("<address>", " ".join(text.split()))[:LONGEST_EVIDENCE]
