"""SMTP that knows where it broke.

`smtplib.sendmail` raises the same error for a connection lost before, in and after the body,
so the verbs are driven one by one. Until the final dot has left, a failure is certain; from
then until the reply, nobody can know. One recipient per mail, one connection for many mails.
"""

import re
import smtplib
import time
from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded

from campaigns import mime
from campaigns.transport.outcomes import (
    Accepted,
    Mail,
    Outcome,
    Refused,
    Server,
    Stopped,
    TryLater,
    Unknown,
    get_evidence,
)
from campaigns.transport.wire import Timeouts, Wire

_OK, _GO_AHEAD, _CLOSING, _PERMANENT = 250, 354, 421, 500
# Our login is wanting, whatever the mail (RFC 4954).
_OURS_TO_MEND = frozenset({530, 534, 535, 538})
_QUEUED_AS = re.compile(r"queued as ([A-Za-z0-9.-]+)", re.IGNORECASE)


class SmtpTransport:
    def __init__(self, *, email: Server, timeouts: Timeouts | None = None) -> None:
        self._email = email
        self._timeouts = timeouts or Timeouts()
        self._wire: Wire | None = None
        self._used_at = 0.0
        self._is_dirty = False
        self._is_dot_on_its_way = False

    def send(self, *, mail: Mail) -> Outcome:
        if flaw := _get_flaw(mail):
            return flaw
        self._is_dot_on_its_way = False
        try:
            outcome = self._talk(mail)
        except SoftTimeLimitExceeded as error:
            self._drop()  # the next mail must not begin in the middle of this one
            if self._is_dot_on_its_way:
                raise
            raise Stopped from error
        self._used_at = time.monotonic()
        return outcome

    def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire:
            wire.leave()

    def _talk(self, mail: Mail) -> Outcome:
        to, sender = (mime.get_ascii_address(each) for each in (mail.to, mail.envelope_from))
        failure = (
            self._open(sender)
            or self._say("rcpt", lambda wire: wire.rcpt(to))
            or self._say("data", lambda wire: wire.docmd("DATA"), wanted=_GO_AHEAD)
            or self._send_body(mail.raw)
        )
        return failure or self._finish()

    def _open(self, sender: str) -> Outcome | None:
        """Up to and with MAIL. A kept connection may have died in peace: then a new one, once."""
        if time.monotonic() - self._used_at > self._timeouts.idle:
            self.close()
        if self._wire:
            failure = self._begin(sender)
            if self._wire:
                return failure
        return self._connect() or self._begin(sender)

    def _connect(self) -> TryLater | None:
        """Whatever fails here concerns the server, not the mail."""
        self._is_dirty = False
        wire = Wire(email=self._email, timeouts=self._timeouts)
        phase = "connect"
        try:
            wire.greet()
            if self._email.tls == "starttls":
                phase = "starttls"
                wire.encrypt()
            phase = "ehlo"
            wire.ehlo_or_helo_if_needed()
            if self._email.user:
                phase = "auth"
                wire.login(self._email.user, self._email.password)
        except smtplib.SMTPResponseException as error:
            wire.close()
            code, text = error.smtp_code, error.smtp_error
            return TryLater(phase=phase, code=max(code, 0), evidence=_describe(code, text))
        except (OSError, ValueError) as error:
            wire.close()
            return TryLater(phase=phase, code=0, evidence=_describe_error(error))
        except SoftTimeLimitExceeded:
            wire.close()
            raise
        self._wire = wire
        return None

    def _begin(self, sender: str) -> Outcome | None:
        failure = self._say("mail", lambda wire: wire.rset()) if self._is_dirty else None
        self._is_dirty = True
        return failure or self._say("mail", lambda wire: wire.mail(sender))

    def _say(
        self, phase: str, verb: Callable[[Wire], tuple[int, bytes]], *, wanted: int = _OK
    ) -> Outcome | None:
        """One command before the body; None when the server is content."""
        assert self._wire
        try:
            code, reply = verb(self._wire)
        except OSError as error:
            self._drop()
            return TryLater(phase=phase, code=0, evidence=_describe_error(error))
        return None if code // 100 == wanted // 100 else self._refuse(phase, code, reply)

    def _send_body(self, raw: bytes) -> Outcome | None:
        assert self._wire
        try:
            early = self._wire.send_body(raw)
            if early is None:
                self._is_dot_on_its_way = True
                self._wire.send_dot()
                return None
        except OSError as error:
            self._drop()
            return TryLater(phase="body", code=0, evidence=_describe_error(error))
        # The server spoke before the end, so it has not taken the mail; the dot is never sent.
        refusal = self._refuse("body", *early)
        self._drop()
        return refusal

    def _finish(self) -> Outcome:
        """The dot has left: without a reply, the mail may have been taken."""
        assert self._wire
        try:
            code, reply = self._wire.get_final_reply()
        except OSError as error:
            self._drop()
            return Unknown(phase="dot", evidence=_describe_error(error))
        self._is_dirty = False
        if code // 100 == _OK // 100:
            name = _QUEUED_AS.search(reply.decode(errors="replace"))
            return Accepted(evidence=_describe(code, reply), provider_id=name[1] if name else "")
        if code // 100 in {4, 5}:
            return self._refuse("dot", code, reply)
        self._drop()
        return Unknown(phase="dot", evidence=_describe(code, reply))

    def _refuse(self, phase: str, code: int, reply: bytes) -> Refused | TryLater:
        """A no to our sender or our login would meet every mail, so it ends none of them."""
        if code == _CLOSING or code // 100 not in {4, 5}:
            self._drop()
        is_ours = phase == "mail" or code in _OURS_TO_MEND
        kind = Refused if code >= _PERMANENT and not is_ours else TryLater
        return kind(phase=phase, code=max(code, 0), evidence=_describe(code, reply))

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire:
            wire.close()


def _get_flaw(mail: Mail) -> Outcome | None:
    """What must not reach the wire at all: more than one recipient, or lines that smuggle."""
    try:
        mime.get_ascii_address(mail.to)
    except ValueError as error:
        return Refused(phase="address", code=0, evidence=str(error))
    try:
        mime.get_ascii_address(mail.envelope_from)
    except ValueError as error:
        return TryLater(phase="sender", code=0, evidence=str(error))
    ends = mail.raw.count(b"\r\n")
    is_clean = mail.raw.isascii() and mail.raw.endswith(b"\r\n")
    if is_clean and mail.raw.count(b"\n") == mail.raw.count(b"\r") == ends:
        return None
    return Refused(phase="message", code=0, evidence="not 7-bit lines that end in CRLF")


def _describe(code: int, reply: bytes | str) -> str:
    text = reply if isinstance(reply, str) else reply.decode(errors="replace")
    return get_evidence(f"{code} {text}")


def _describe_error(error: Exception) -> str:
    return get_evidence(f"{type(error).__name__}: {error}")
