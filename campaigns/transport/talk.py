"""One open connection on which mails follow each other.

A mail's MAIL, RCPT and DATA travel as one group where the server offers PIPELINING, and behind
the dot of the mail before (RFC 2920), so that a mail costs one round trip. Until its dot has
left, a failure is certain; from then until the reply, nobody can know.

A talk never blocks: it yields the selector's event it waits for, until `deadline`, and expects
TimeoutError to be thrown into it after that.
"""

import re
import selectors
import ssl
import time
from collections import deque
from collections.abc import Callable, Generator

from campaigns import mime
from campaigns.transport.outcomes import (
    LOST,
    STOPPED,
    Accepted,
    Mail,
    Outcome,
    Parcel,
    Refused,
    TryLater,
    Unknown,
    get_evidence,
)
from campaigns.transport.wire import Timeouts, Wire
from pmoportal import crashing

Reply = tuple[int, str]
Waits = Generator[int, None, None]
Hears = Generator[int, None, Reply]
Delivers = Generator[int, None, Outcome | None]

_DOT = b".\r\n"
_CLOSING, _PERMANENT = 421, 500
_LONGEST_REPLY = 65_536
# Our login is wanting, whatever the mail (RFC 4954).
_OURS_TO_MEND = frozenset({530, 534, 535, 538})
_QUEUED_AS = re.compile(r"queued as ([A-Za-z0-9.-]+)", re.IGNORECASE)


class Talk:
    def __init__(self, wire: Wire, *, timeouts: Timeouts) -> None:
        self.wire = wire
        self.deadline = 0.0
        self.used_at = time.monotonic()
        self._timeouts = timeouts
        self._is_pipelining = wire.has_extn("pipelining")
        self._received = bytearray()
        self._has_served = False
        self._is_dirty = False  # a MAIL was said that no dot has ended
        wire.line.setblocking(False)

    def deliver(self, queue: deque[Parcel], is_over: Callable[[], bool]) -> Waits:
        """Mails from the queue, until it is empty, `is_over`, or the connection is at its end."""
        sent: Parcel | None = None  # all but its dot
        while self.is_open and (sent or (queue and not is_over())):
            parcel = queue.popleft() if queue and not is_over() else None
            is_announced = bool(sent) and self._is_pipelining
            if sent:
                sent.outcome = LOST
                sent.outcome = yield from self._end(parcel)
                sent = None
            if parcel is None:
                continue
            if self.wire.sock is None:
                return queue.appendleft(parcel)
            parcel.outcome = STOPPED
            outcome = yield from self._announce(parcel.mail, is_announced=is_announced)
            if self._is_farewell(outcome):
                parcel.outcome = None
                return queue.appendleft(parcel)
            outcome = outcome or (yield from self._send_body(parcel.mail))
            if outcome:
                parcel.outcome = outcome
            else:
                sent = parcel
        self.used_at = time.monotonic()

    @property
    def is_open(self) -> bool:
        return self.wire.sock is not None

    def _end(self, following: Parcel | None) -> Delivers:
        """The dot, and the next mail's group behind it; then the one reply that decides."""
        self._is_dirty = False
        group = _DOT
        if following and self._is_pipelining:
            group += b"".join(command for _, command, _ in self._get_commands(following.mail))
        try:
            yield from self._write(group)
            crashing.reach("after_dot")
            code, text = yield from self._hear(self._timeouts.dot)
        except OSError as error:
            self.wire.close()
            return Unknown(phase="dot", evidence=_describe_error(error))
        if code // 100 == 2:
            crashing.reach("after_250")
            self._has_served = True
            name = _QUEUED_AS.search(text)
            return Accepted(evidence=_describe(code, text), provider_id=name[1] if name else "")
        if code // 100 in {4, 5}:
            return self._refuse("dot", code, text)
        self.wire.close()
        return Unknown(phase="dot", evidence=_describe(code, text))

    def _announce(self, mail: Mail, *, is_announced: bool) -> Delivers:
        """Everything before the body; None when the server is content."""
        commands = self._get_commands(mail)
        self._is_dirty = True
        outcome: Outcome | None = None
        phase = "mail"
        try:
            if self._is_pipelining and not is_announced:
                yield from self._write(b"".join(command for _, command, _ in commands))
            for phase, command, wanted in commands:
                if not self._is_pipelining:
                    yield from self._write(command)
                code, text = yield from self._hear(self._timeouts.command)
                if code // 100 != wanted:
                    outcome = outcome or self._refuse(phase, code, text)
                elif outcome and phase == "data":
                    self.wire.close()  # it waits for a body that it must not get
                if not self.is_open or (outcome and not self._is_pipelining):
                    break
        except OSError as error:
            self.wire.close()
            return outcome or TryLater(phase=phase, code=0, evidence=_describe_error(error))
        return outcome

    def _get_commands(self, mail: Mail) -> list[tuple[str, bytes, int]]:
        """(phase, command, first digit of the reply when all is well)."""
        to, sender = map(mime.get_ascii_address, (mail.to, mail.envelope_from))
        reset = [("mail", b"RSET\r\n", 2)] if self._is_dirty else []
        return [
            *reset,
            ("mail", f"MAIL FROM:<{sender}>\r\n".encode(), 2),
            ("rcpt", f"RCPT TO:<{to}>\r\n".encode(), 2),
            ("data", b"DATA\r\n", 3),
        ]

    def _is_farewell(self, outcome: Outcome | None) -> bool:
        """The server ended a connection that had served: no answer to this mail."""
        is_before = isinstance(outcome, TryLater) and outcome.phase == "mail"
        return is_before and not self.is_open and self._has_served

    def _send_body(self, mail: Mail) -> Delivers:
        """All but the dot. What the server says unasked is a refusal, and the dot never leaves."""
        raw = mail.raw
        try:
            if not isinstance(raw, mime.Spliced):
                raw = re.sub(rb"(?m)^\.", b"..", raw)
            yield from self._write(raw)
            if not self._is_speaking():
                return None
            code, text = yield from self._hear(self._timeouts.command)
        except OSError as error:
            self.wire.close()
            return TryLater(phase="body", code=0, evidence=_describe_error(error))
        refusal = self._refuse("body", code, text)
        self.wire.close()
        return refusal

    def _refuse(self, phase: str, code: int, text: str) -> Refused | TryLater:
        """A no to our sender or our login would meet every mail, so it ends none of them."""
        if code == _CLOSING or code // 100 not in {4, 5}:
            self.wire.close()
        is_ours = phase == "mail" or code in _OURS_TO_MEND
        kind = Refused if code >= _PERMANENT and not is_ours else TryLater
        return kind(phase=phase, code=max(code, 0), evidence=_describe(code, text))

    def _write(self, words: bytes) -> Waits:
        left = memoryview(words)
        while left:
            try:
                left = left[self.wire.line.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                yield self._wait(selectors.EVENT_WRITE, self._timeouts.command)
            except ssl.SSLWantReadError:
                yield self._wait(selectors.EVENT_READ, self._timeouts.command)

    def _hear(self, seconds: float) -> Hears:
        """One whole reply; code -1 for what is none."""
        deadline = time.monotonic() + seconds
        while (reply := self._take_reply()) is None:
            try:
                self._receive()
            except (BlockingIOError, ssl.SSLWantReadError):
                yield self._wait(selectors.EVENT_READ, deadline - time.monotonic())
            except ssl.SSLWantWriteError:
                yield self._wait(selectors.EVENT_WRITE, deadline - time.monotonic())
        return reply

    def _wait(self, event: int, seconds: float) -> int:
        self.deadline = time.monotonic() + seconds
        return event

    def _receive(self) -> None:
        chunk = self.wire.line.recv(8192)
        if not chunk:
            raise ConnectionResetError("the server closed the connection")
        self._received += chunk
        if len(self._received) > _LONGEST_REPLY:
            raise ConnectionAbortedError("the server does not stop talking")

    def _is_speaking(self) -> bool:
        try:
            self._receive()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        return True

    def _take_reply(self) -> Reply | None:
        texts: list[str] = []
        start = 0
        while (end := self._received.find(b"\n", start)) >= 0:
            line = self._received[start:end].decode(errors="replace").rstrip("\r")
            start = end + 1
            texts.append(line[4:].strip())
            if line[3:4] == "-" and line[:3].isdecimal():
                continue
            del self._received[:start]
            is_reply = line[:3].isdecimal() and line[3:4] in {"", " "}
            return (int(line[:3]), " ".join(texts)) if is_reply else (-1, line)
        return None


def _describe(code: int, text: str) -> str:
    return get_evidence(f"{code} {text}")


def _describe_error(error: Exception) -> str:
    return get_evidence(f"{type(error).__name__}: {error}")
