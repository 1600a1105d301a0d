"""SMTP on a few connections at once, in one thread. One recipient per mail."""

import selectors
import smtplib
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence

from campaigns import mime
from campaigns.transport.outcomes import (
    Form,
    Mail,
    Outcome,
    Parcel,
    Refused,
    Server,
    TryLater,
    get_evidence,
)
from campaigns.transport.talk import Talk
from campaigns.transport.wire import Timeouts, Wire

# Fewer mails than this are not worth another connection.
WORTH_CONNECTING = 5


class SmtpTransport:
    takes: Form = "bytes"

    def __init__(
        self, *, email: Server, connections: int = 1, timeouts: Timeouts | None = None
    ) -> None:
        self._email = email
        self._connections = connections
        self._timeouts = timeouts or Timeouts()
        self._talks: list[Talk] = []

    def send(self, *, parcels: Sequence[Parcel], is_over: Callable[[], bool]) -> None:
        queue: deque[Parcel] = deque()
        for parcel in parcels:
            parcel.outcome = _get_flaw(parcel.mail)
            if parcel.outcome is None:
                queue.append(parcel)
        try:
            while queue and not is_over():
                if trouble := self._connect(len(queue)):
                    queue[0].outcome = trouble
                    return
                _run({talk: talk.deliver(queue, is_over) for talk in self._talks})
        except BaseException:  # the next mail must not begin in the middle of this one
            for talk in self._talks:
                talk.wire.close()
            raise
        finally:
            self._talks = [talk for talk in self._talks if talk.is_open]

    def close(self) -> None:
        talks, self._talks = self._talks, []
        for talk in talks:
            talk.wire.leave()

    def _connect(self, mails: int) -> TryLater | None:
        """One connection at least, and more for many mails; a server may allow no more."""
        now = time.monotonic()
        for talk in self._talks:
            if talk.is_open and now - talk.used_at > self._timeouts.idle:
                talk.wire.leave()
        self._talks = [talk for talk in self._talks if talk.is_open]
        wanted = max(1, min(self._connections, mails // WORTH_CONNECTING))
        while len(self._talks) < wanted:
            opened = self._open()
            if isinstance(opened, TryLater):
                return None if self._talks else opened
            self._talks.append(opened)
        return None

    def _open(self) -> Talk | TryLater:
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
            text = text if isinstance(text, str) else text.decode(errors="replace")
            evidence = get_evidence(f"{code} {text}")
            return TryLater(phase=phase, code=max(code, 0), evidence=evidence)
        except (OSError, ValueError) as error:
            wire.close()
            evidence = get_evidence(f"{type(error).__name__}: {error}")
            return TryLater(phase=phase, code=0, evidence=evidence)
        except BaseException:
            wire.close()
            raise
        return Talk(wire, timeouts=self._timeouts)


def _run(talks: dict[Talk, Generator[int, None, None]]) -> None:
    """Until every talk has ended."""
    with selectors.DefaultSelector() as selector:
        waiting: dict[Talk, int] = {}
        for talk, steps in talks.items():
            _step(talk, steps, selector, waiting)
        while waiting:
            patience = min(talk.deadline for talk in waiting) - time.monotonic()
            for key, _ in selector.select(max(patience, 0)):
                _step(key.data, talks[key.data], selector, waiting)
            now = time.monotonic()
            for talk in [each for each in waiting if each.deadline <= now]:
                _step(talk, talks[talk], selector, waiting, TimeoutError("timed out"))


def _step(
    talk: Talk,
    steps: Generator[int, None, None],
    selector: selectors.BaseSelector,
    waiting: dict[Talk, int],
    error: TimeoutError | None = None,
) -> None:
    """Let one talk go on, and listen for what it waits for next."""
    if talk in waiting:
        selector.unregister(talk.wire.line)
    try:
        event = steps.throw(error) if error else next(steps)
    except StopIteration:
        waiting.pop(talk, None)
        return
    waiting[talk] = event
    selector.register(talk.wire.line, event, talk)


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
    if isinstance(mail.raw, mime.Spliced):
        return None
    ends = mail.raw.count(b"\r\n")
    is_clean = mail.raw.isascii() and mail.raw.endswith(b"\r\n")
    if is_clean and mail.raw.count(b"\n") == mail.raw.count(b"\r") == ends:
        return None
    return Refused(phase="message", code=0, evidence="not 7-bit lines that end in CRLF")
