"""What goes to the wire and how it went there. Evidence and codes are kept; addresses are not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

LONGEST_EVIDENCE = 500

# Where the server has said no to us before it knew of any mail: the next one would fare no better.
CONNECTING = frozenset({"connect", "starttls", "ehlo", "auth"})

Form = Literal["bytes", "parts"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"<?[^\s<>()\"'=:,;]+@[^\s<>()\"',;:]+>?")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail for one person, as the transport takes it: `raw` for SMTP, the texts for an API.

    `headers` are those of `raw`, without the subject and the MIME ones.
    """

    message_id: str
    envelope_from: str
    to: str
    headers: Mapping[str, str]
    raw: bytes = b""
    subject: str = ""
    text: str = ""
    html: str = ""


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


# What to believe of a mail when its task is stopped: before anything of it can have been taken,
# and after.
STOPPED = TryLater(phase="stopped", code=0, evidence="the task ran out of time")
LOST = Unknown(phase="transport", evidence="")


@dataclass(kw_only=True, eq=False)
class Parcel:
    """One mail on its way. `outcome` says at every moment what is certain by then; None is not
    begun.
    """

    mail: Mail
    outcome: Outcome | None = None


class Transport(Protocol):
    """For one thread of one process; keeps its connections between mails."""

    @property
    def takes(self) -> Form: ...

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        """Try the parcels in order until each has an outcome, the server will hear of none (one
        has an outcome in a CONNECTING phase, the rest stay None), or `is_over`.

        Each outcome is written before the act that could make it untrue, so it holds also when
        SoftTimeLimitExceeded ends it all in the middle.
        """

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
    @property
    def provider(self) -> str: ...


def get_evidence(text: str) -> str:
    """One short line without addresses or control characters, fit to be stored and logged."""
    text = _CONTROL.sub(" ", text)
    return _ADDRESS.sub("<address>", " ".join(text.split()))[:LONGEST_EVIDENCE]
