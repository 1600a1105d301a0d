"""A real SMTP server on loopback that keeps what it receives, for programs that judge us."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One received mail, and when it came (monotonic seconds)."""

    at: float
    to: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._get_part("plain")

    @property
    def html(self) -> str:
        return self._get_part("html")

    def _get_part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


class Inbox:
    """Use as a context manager; `port` is where mail is sent."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.port = find_free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        for to in envelope.rcpt_tos:
            self.letters.append(Letter(at=time.monotonic(), to=to, message=message))
        return "250 kept"

    def get_letters(self, to: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to == to]

    def wait(self, to: str, count: int, seconds: float) -> list[Letter]:
        """The first `count` letters to the address. Raises TimeoutError."""
        wait_until(lambda: len(self.get_letters(to)) >= count, seconds, f"mail {count} to {to}")
        return self.get_letters(to)[:count]


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.05)
