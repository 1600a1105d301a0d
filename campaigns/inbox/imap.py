"""A mailbox on a server, over TLS. What was dealt with is marked as seen; nothing is deleted."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress

from campaigns.inbox.box import MAX_BYTES, InboxError, Letter
from pmoportal import inbound_url

TIMEOUT = 20
# No server sends a longer line, and imaplib keeps a literal of any size: so we ask for a part.
PART = f"(BODY.PEEK[]<0.{MAX_BYTES}>)"

_UID = re.compile(rb"[0-9]{1,10}")
_ERRORS = (imaplib.IMAP4.error, OSError, ValueError, AttributeError, IndexError)


class ImapInbox:
    def __init__(self, inbound: inbound_url.Inbox) -> None:
        self._inbound = inbound
        try:
            self._server = self._connect()
        except _ERRORS as error:
            raise InboxError(f"the mailbox cannot be opened: {type(error).__name__}") from None

    def fetch(self, *, limit: int) -> Iterator[Letter]:
        for uid in self._search("UNSEEN", "UNDELETED")[:limit]:
            raw = self._fetch(uid)
            if raw is not None:
                yield Letter(uid=uid, raw=raw)

    def settle(self, uid: str, *, is_taken: bool) -> None:
        flags = r"(\Seen)" if is_taken else r"(\Seen \Flagged)"
        self._ask("STORE", uid, "+FLAGS.SILENT", flags)

    def find(self, message_id: str) -> bytes | None:
        """The newest mail with this Message-ID, dealt with or not; it stays as it is."""
        with suppress(*_ERRORS):
            self._server.noop()  # servers may speak of new mail only then
        uids = self._search("HEADER", "Message-ID", _quote(message_id))
        return self._fetch(uids[-1]) if uids else None

    def close(self) -> None:
        with suppress(*_ERRORS):
            self._server.logout()
        with suppress(*_ERRORS):
            self._server.shutdown()  # what a failed logout leaves open

    def _connect(self) -> imaplib.IMAP4:
        asked, context = self._inbound, ssl.create_default_context()
        if asked.tls == "ssl":
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                asked.host, asked.port, ssl_context=context, timeout=TIMEOUT
            )
        else:
            server = imaplib.IMAP4(asked.host, asked.port, timeout=TIMEOUT)
            server.starttls(context)
        try:
            # imaplib itself quotes the password, and nothing else.
            server.login(_quote(asked.user), asked.password)
            answer, _said = server.select(_quote(asked.path))
        except _ERRORS:
            server.shutdown()
            raise
        if answer != "OK":
            server.shutdown()
            raise imaplib.IMAP4.error("no such folder")
        return server

    def _search(self, *asked: str) -> list[str]:
        found = self._ask("SEARCH", *asked)
        uids = [each for line in found if isinstance(line, bytes) for each in line.split()]
        return [
            str(number) for number in sorted(int(each) for each in uids if _UID.fullmatch(each))
        ]

    def _fetch(self, uid: str) -> bytes | None:
        """None for a mail that somebody removed meanwhile."""
        for part in self._ask("FETCH", uid, PART):
            if isinstance(part, tuple) and isinstance(part[1], bytes):
                return part[1][:MAX_BYTES]
        return None

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes] | None]:
        try:
            answer, said = self._server.uid(command, *arguments)
        except _ERRORS as error:
            raise InboxError(f"the mailbox cannot be read: {type(error).__name__}") from None
        if answer != "OK":
            raise InboxError(f"the mail server refused {command}")
        return list(said)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
