"""A name server on loopback, over UDP and TCP, that answers as it is told: well or badly.

`zone` holds values by (name, type). A name may be given a way to misbehave instead:
`servfail`, `silent`, `slow`, `garbage`, `empty`, `other_id`, `cut` (nothing but "ask by TCP", and
then a cut connection), `loop` (a name that is another name of itself).
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from campaigns.doctor import names

UDP_LIMIT = 1232
SLOW_SECONDS = 0.4


@dataclass
class NameServer:
    port: int = 0
    zone: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def put(self, name: str, kind: str, *values: str) -> None:
        self.zone[name, kind] = list(values)

    def put_text(self, name: str, *texts: str) -> None:
        """Each as one record, in strings of 255 characters as long ones are written."""
        self.put(name, "TXT", *(quote(text) for text in texts))

    def answer(self, wire: bytes, way: str) -> bytes | None:
        """What goes back; None is nothing at all."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().rstrip(".").lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, way))
        fault = self.faults.get(name, "")
        if fault == "silent":
            return None
        if fault == "garbage":
            return wire[:2] + b"\xff" * 40
        if fault == "slow":
            time.sleep(SLOW_SECONDS)
        response = self.build(query, name, kind, fault)
        if fault == "other_id":
            response.id ^= 1
        packed = response.to_wire(max_size=65_535)
        if way == "udp" and (len(packed) > UDP_LIMIT or fault == "cut"):
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            return short.to_wire()
        return None if fault == "cut" else packed

    def build(
        self, query: dns.message.Message, name: str, kind: str, fault: str
    ) -> dns.message.Message:
        response = dns.message.make_response(query)
        if fault == "servfail":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif fault == "loop":
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{name}."))
        elif values := self.zone.get((name, kind)):
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        elif fault != "empty" and not any(known == name for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


def quote(text: str) -> str:
    parts = [text[start : start + 255] for start in range(0, len(text), 255)] or [""]
    return " ".join(f'"{_escape(part)}"' for part in parts)


def _escape(text: str) -> str:
    return "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\' else _decimal(each)
        for each in text
    )


def _decimal(each: str) -> str:
    return "".join(f"\\{byte:03}" for byte in each.encode())


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a server that says nothing."""
    monkeypatch.setattr(names, "TRY_SECONDS", 0.3)
    monkeypatch.setattr(names, "LIFETIME_SECONDS", 0.7)


@contextmanager
def running_name_server() -> Iterator[NameServer]:
    server = NameServer()
    udp, tcp = _bind()
    server.port = udp.getsockname()[1]
    threads = [
        threading.Thread(target=target, args=(server, sock), daemon=True)
        for target, sock in ((_serve_udp, udp), (_serve_tcp, tcp))
    ]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        for sock in (udp, tcp):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def _bind() -> tuple[socket.socket, socket.socket]:
    """One port number for both."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
            continue
        tcp.listen()
        return udp, tcp


def _serve_udp(server: NameServer, sock: socket.socket) -> None:
    with suppress(OSError):
        while True:
            wire, peer = sock.recvfrom(4096)
            if not wire:  # shut down
                return
            threading.Thread(
                target=_answer_udp, args=(server, sock, wire, peer), daemon=True
            ).start()


def _answer_udp(server: NameServer, sock: socket.socket, wire: bytes, peer: object) -> None:
    answer = server.answer(wire, "udp")
    if answer is not None:
        with suppress(OSError):
            sock.sendto(answer, peer)  # type: ignore[arg-type]  # an address, as it came


def _serve_tcp(server: NameServer, sock: socket.socket) -> None:
    with suppress(OSError):
        while True:
            line, _peer = sock.accept()
            with line:
                line.settimeout(5)
                size = int.from_bytes(line.recv(2), "big")
                answer = server.answer(line.recv(size), "tcp")
                if answer is not None:
                    line.sendall(len(answer).to_bytes(2, "big") + answer)
