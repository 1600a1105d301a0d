"""An SMTP server that breaks on demand, at a phase of one's choice.

A fault is `<phase>-<what>`: the phases are connect, ehlo, starttls, auth (said to the server),
mail (said by the sender's local part), rcpt, data, body, dot and after (said by the recipient's).
What may be a reply code, `drop` (the connection is cut) or `stall` (silence). `accepted` is the
server's own book: whatever the client believes, this is what was taken.
"""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


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


@dataclass
class Talk:
    """One connection."""

    server: FaultServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    to: str = ""
    has_sender: bool = False
    has_recipient: bool = False

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
        if verb in {"EHLO", "HELO"}:
            offers = "\r\n250-".join(["fault.example", *self.server.offers])
            await self.answer("ehlo", f"250-{offers}\r\n250 OK")
        elif verb == "STARTTLS":
            await self.answer("starttls", "220 go ahead")
            assert self.server.tls
            await self.writer.start_tls(self.server.tls)
        elif verb == "AUTH":
            await self.answer("auth", "235 welcome")
        elif verb == "MAIL":
            self.sender = line.partition("<")[2].partition("@")[0]
            self.has_sender = await self.answer("mail", "250 sender ok")
        elif verb == "RCPT" and self.has_sender:
            self.to = line.partition("<")[2].partition(">")[0]
            self.has_recipient = await self.answer("rcpt", "250 recipient ok")
        elif verb == "DATA" and self.has_recipient:
            self.has_sender = self.has_recipient = False
            if await self.answer("data", "354 go ahead"):
                await self.take()
        elif verb in {"RCPT", "DATA"}:
            await self.say("503 not now")
        elif verb == "QUIT":
            await self.say("221 bye")
            raise Cut
        else:
            self.has_sender = self.has_recipient = False
            await self.say("250 ok")

    async def take(self) -> None:
        lines = [await self.reader.readline()]
        if fault := self.get_fault("body"):
            await self.fail(fault)
        while lines[-1] != b".\r\n":
            lines.append(await self.reader.readline())
            if lines[-1] == b"":
                raise Cut
        fault = self.get_fault("dot")
        if not fault or not fault.isdigit() or fault.startswith("2"):
            body = b"".join(lines[:-1])
            self.server.accepted.append((self.to, body))
        await self.answer("dot", "250 2.0.0 Ok: queued as 4F2A")
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
        for said in (self.server.opening, self.sender, self.to.partition("@")[0]):
            at, _, what = said.partition("-")
            if at == phase:
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


@contextmanager
def running_fault_server(tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """With `tls` the server speaks it from the first byte."""
    server = FaultServer()
    ready = threading.Event()
    stop: asyncio.Event
    loop: asyncio.AbstractEventLoop

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Talk(server=server, reader=reader, writer=writer).run()

    async def serve() -> None:
        nonlocal stop, loop
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        listener = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
        server.port = listener.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listener.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
