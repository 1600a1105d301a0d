"""What both kinds of inbox are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

# Of a mail this much is fetched: what somebody wrote comes before what they attached.
MAX_BYTES = 400_000


class InboxError(Exception):
    """It cannot be reached or read now. Says no name, address or password."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail as it lies there. `uid` is its name in this inbox, for as long as it is open."""

    uid: str
    raw: bytes


class Inbox(Protocol):
    def fetch(self, *, limit: int) -> Iterator[Letter]:
        """Up to `limit` mails that nobody has taken, the oldest first."""

    def settle(self, uid: str, *, is_taken: bool) -> None:
        """Mark it as dealt with; one that could not be taken is flagged for a person to see."""

    def close(self) -> None: ...
