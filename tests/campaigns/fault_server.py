"""An SMTP server that breaks on demand, at a phase of one's choice.

A fault is `<phase>-<what>`: the phases are connect, ehlo, starttls, auth (said to the server),
mail (said by the sender's local part), rcpt, data, body, dot and after (said by the recipient's).
What may be a reply code, `drop` (the connection is cut) or `stall` (silence); with `+2` it happens
the first two times only. `accepted` is the server's own book: whatever the client believes, this
is what was taken.

As a program of its own the server outlives whom it judges, and its book is a file: one line for
each mail, with time, Message-ID and recipient, written before the client hears that it was taken.
It prints its port and serves until its standard input ends.
"""

import argparse
import asyncio
import random
import re
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

# Where one mail may have to wait; `dot` is before it is in the book, `reply` is after.
WAITING_PLACES = ("mail", "rcpt", "data", "dot", "reply")
MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>\s]*>)", re.IGNORECASE | re.MULTILINE)


class Cut(Exception):
    """The connection ends here."""


@dataclass
class FaultServer:
    port: int = 0
    opening: str = ""
    offers: tuple[str, ...] = ("PIPELINING", "8BITMIME", "AUTH PLAIN")
    tls: ssl.SSLContext | None = None
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def wait(self, place: str, talk: "Talk") -> None:
        """Nothing here; a slower server overrides it."""

    def keep(self, to: str, body: bytes) -> None:
        self.accepted.append((to, body))

    def is_struck(self, phase: str, who: str, times: str) -> bool:
        """Whether the fault still happens: for ever, or the first so many times."""
        self.struck[phase, who] += 1
        return not times or self.struck[phase, who] <= int(times)


@dataclass
class Judge(FaultServer):
    """Keeps its book in a file, and lets each mail wait a while, up to `delay`, at some place."""

    book: TextIO = sys.stdout
    delay: float = 0
    chance: random.Random = field(default_factory=random.Random)

    async def wait(self, place: str, talk: "Talk") -> None:
        if place == WAITING_PLACES[0]:
            talk.waits_at = self.chance.choice(WAITING_PLACES)
        if place == talk.waits_at and self.delay:
            await asyncio.sleep(self.chance.uniform(0, self.delay))

    def keep(self, to: str, body: bytes) -> None:
        found = MESSAGE_ID.search(body)
        self.book.write(f"{time.time():.3f} {found[1].decode() if found else '-'} {to}\n")
        self.book.flush()


@dataclass
class Talk:
    """One connection. `lacks` is what must come before a mail's text is taken."""

    server: FaultServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    to: str = ""
    lacks: str = "MAIL"
    waits_at: str = ""

    async def run(self) -> None:
        self.server.seen["connections"] += 1
        try:
            await self.answer("connect", "220 fault.example ready")
            while line := await self.reader.readline():
                await self.obey(line.decode().strip())
        except (Cut, ConnectionError):
            pass
        finally:
            self.writer.transport.abort()

    async def obey(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        self.server.commands.append(verb)
        if verb in {"MAIL", "RCPT", "DATA"}:
            await self.obey_for_mail(verb, line)
        elif verb in {"EHLO", "HELO"}:
            offers = "\r\n250-".join(["fault.example", *self.server.offers])
            await self.answer("ehlo", f"250-{offers}\r\n250 OK")
        elif verb == "STARTTLS":
            await self.answer("starttls", "220 go ahead")
            assert self.server.tls
            await self.writer.start_tls(self.server.tls)
        elif verb == "AUTH":
            await self.answer("auth", "235 welcome")
        elif verb == "QUIT":
            await self.say("221 bye")
            raise Cut
        else:
            self.lacks = "MAIL"
            await self.say("250 ok")

    async def obey_for_mail(self, verb: str, line: str) -> None:
        """These come in one packet from a client that does not wait: each still gets its answer,
        and no text is asked for after a no.
        """
        if verb == "MAIL":
            self.sender, self.to = line.partition("<")[2].partition("@")[0], ""
            await self.server.wait("mail", self)
            self.lacks = "RCPT" if await self.answer("mail", "250 sender ok") else "MAIL"
        elif self.lacks == "MAIL" or (verb == "DATA" and self.lacks):
            await self.say(f"503 5.5.1 {self.lacks} comes first")
        elif verb == "RCPT":
            self.to = line.partition("<")[2].partition(">")[0]
            await self.server.wait("rcpt", self)
            self.lacks = "" if await self.answer("rcpt", "250 recipient ok") else "RCPT"
        else:
            await self.server.wait("data", self)
            if await self.answer("data", "354 go ahead"):
                await self.take()
            self.lacks = "MAIL"

    async def take(self) -> None:
        lines = [await self.reader.readline()]
        if fault := self.get_fault("body"):
            await self.fail(fault)
        while lines[-1] != b".\r\n":
            lines.append(await self.reader.readline())
            if lines[-1] == b"":
                raise Cut
        await self.server.wait("dot", self)
        fault = self.get_fault("dot")
        if not fault or not fault.isdigit() or fault.startswith("2"):
            self.server.keep(self.to, b"".join(lines[:-1]))
        await self.server.wait("reply", self)
        if fault:
            await self.fail(fault)
        else:
            await self.say("250 2.0.0 Ok: queued as 4F2A")
        if self.get_fault("after") == "drop":
            raise Cut

    async def answer(self, phase: str, usual: str) -> bool:
        """Whether all went as usual."""
        if fault := self.get_fault(phase):
            await self.fail(fault)
            return False
        await self.say(usual)
        return True

    def get_fault(self, phase: str) -> str:
        for who in (self.server.opening, self.sender, self.to):
            at, _, fault = who.partition("@")[0].partition("-")
            what, _, times = fault.partition("+")
            if at == phase and self.server.is_struck(phase, who, times):
                return what
        return ""

    async def fail(self, what: str) -> None:
        if what == "drop":
            raise Cut
        if what == "stall":
            self.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(30)
        await self.say("nonsense" if what == "nonsense" else f"{what} {what[0]}.7.1 no, <a@b.se>")

    async def say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()


async def serve(
    server: FaultServer,
    *,
    on_ready: Callable[[Callable[[], None]], None],
    tls: ssl.SSLContext | None = None,
) -> None:
    """Until what `on_ready` was given is called, from whatever thread."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Talk(server=server, reader=reader, writer=writer).run()

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    listener = await asyncio.start_server(talk, "127.0.0.1", server.port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    on_ready(lambda: loop.call_soon_threadsafe(stop.set) and None)
    await stop.wait()
    listener.close()


@contextmanager
def running_fault_server(tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """With `tls` the server speaks it from the first byte."""
    server, ready = FaultServer(), threading.Event()
    stops: list[Callable[[], None]] = []

    def note(stop: Callable[[], None]) -> None:
        stops.append(stop)
        ready.set()

    thread = threading.Thread(
        target=lambda: asyncio.run(serve(server, on_ready=note, tls=tls)), daemon=True
    )
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        stops[0]()
        thread.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--book", type=Path, required=True, help="where the book is kept")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0, help="longest wait of a mail, seconds")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    def begin(stop: Callable[[], None]) -> None:
        print(judge.port, flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()

    with options.book.open("a", encoding="utf-8") as book:
        chance = random.Random(options.seed)
        judge = Judge(port=options.port, book=book, delay=options.delay, chance=chance)
        asyncio.run(serve(judge, on_ready=begin))


if __name__ == "__main__":
    main()
