"""How a connection is opened and left: smtplib's verbs, with our own time limits."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

from campaigns.transport.outcomes import Server

READY = 220
_QUIT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds. `dot` must exceed the relay's own limit, `idle` stay below its patience."""

    connect: float = 10
    command: float = 60
    dot: float = 120
    idle: float = 60


class Wire(smtplib.SMTP):
    def __init__(self, *, email: Server, timeouts: Timeouts) -> None:
        # An address literal spares the look-up of our own name; `greet` corrects it.
        super().__init__(local_hostname="[127.0.0.1]")
        self._email = email
        self._timeouts = timeouts
        self._host = email.host  # what smtplib compares the certificate with

    def greet(self) -> None:
        code, reply = self.connect(self._email.host, self._email.port)
        if code != READY:
            raise smtplib.SMTPConnectError(code, reply)
        own = self.line.getsockname()[0]
        self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"

    def encrypt(self) -> None:
        self.ehlo_or_helo_if_needed()
        self.starttls(context=ssl.create_default_context())

    def leave(self) -> None:
        with suppress(OSError):
            self.line.settimeout(_QUIT_SECONDS)
            self.quit()
        self.close()

    @property
    def line(self) -> socket.socket:
        assert self.sock is not None
        return self.sock

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Overrides smtplib's, which knows one time limit for everything."""
        sock = socket.create_connection((host, port), self._timeouts.connect)
        # The dot travels alone and must not wait for the acknowledgement of the body.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._email.tls == "ssl":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        sock.settimeout(self._timeouts.command)
        return sock
