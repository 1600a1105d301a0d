"""A mail server that takes everything, counts it and keeps nothing; for want of smtp-sink.

Run as a program: `python -m benchmarks.sink PORT`. Announces PIPELINING, and prints the count
after each mail as smtp-sink does, `mesg=<number>`.
"""

import asyncio
import os
import sys

EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
ANSWERS = {b"EHLO": EHLO, b"QUIT": b"221 bye\r\n", b"DATA": b"354 go ahead\r\n"}
DOT = b"\r\n.\r\n"

_taken = 0


class Sink(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._waiting = bytearray()
        self._is_in_body = False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        answers = []
        while (answer := self._take()) is not None:
            answers.append(answer)
        self._transport.write(b"".join(answers))

    def _take(self) -> bytes | None:
        """The answer to one command or body; None when it has not come to its end."""
        if self._is_in_body:
            return self._take_body()
        line, found, rest = self._waiting.partition(b"\r\n")
        if not found:
            return None
        self._waiting = rest
        verb = bytes(line[:4]).upper()
        self._is_in_body = verb == b"DATA"
        if self._is_in_body:
            self._waiting[:0] = b"\r\n"  # so that a body of nothing but the dot ends as well
        if verb == b"QUIT":
            asyncio.get_running_loop().call_soon(self._transport.close)
        return ANSWERS.get(verb, b"250 ok\r\n")

    def _take_body(self) -> bytes | None:
        end = self._waiting.find(DOT)
        if end < 0:
            return None
        del self._waiting[: end + len(DOT)]
        self._is_in_body = False
        _count()
        return b"250 taken\r\n"


def _count() -> None:
    global _taken  # noqa: PLW0603  # one sink per process
    _taken += 1
    os.write(sys.stdout.fileno(), b"mesg=%d\n" % _taken)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
