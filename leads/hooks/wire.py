"""One POST to somebody else's address: to the very IP address that was checked, within five
seconds in all, following nothing, reading little. Never raises for what the other side does.
"""

import io
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any

import certifi

from leads.hooks import addresses
from leads.hooks.addresses import Forbidden, Network, Target

SECONDS = 5.0
MOST_READ = 64 * 1024
KEPT = 300  # characters of an answer that are kept as evidence

Resolve = Callable[[str, int], Sequence[str]]
_asking = ThreadPoolExecutor(max_workers=8, thread_name_prefix="names")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. Without a status nothing did, and `words` say why."""

    status: int | None
    words: str

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where calls may go besides the open internet, and who says what a name stands for."""

    allowed: Sequence[Network] = ()
    is_production: bool = True
    seconds: float = SECONDS


def ask_system(host: str, port: int) -> Sequence[str]:
    """Every address the system knows for this name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def find(*, target: Target, limits: Limits, resolve: Resolve, seconds: float = SECONDS) -> str:
    """The IP address to call; Forbidden when there is none that may be called."""
    try:
        found = _asking.submit(resolve, target.host, target.port).result(timeout=seconds)
    except (OSError, UnicodeError, TooSlow):
        raise Forbidden("no_such_host") from None
    return addresses.check(
        target=target,
        addresses=found,
        allowed=limits.allowed,
        is_production=limits.is_production,
    )


def post(
    *,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    limits: Limits,
    resolve: Resolve = ask_system,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Hand `body` to the address, and say what it answered. Addresses are checked anew."""
    deadline = monotonic() + limits.seconds
    try:
        target = addresses.read_target(url)
        address = find(target=target, limits=limits, resolve=resolve, seconds=limits.seconds)
    except Forbidden as error:
        return Answer(status=None, words=error.reason)
    try:
        with _connect(target, address, deadline, trust) as wire:
            wire.sendall(_write(target, headers, body))
            return _read(wire, deadline)
    except TimeoutError:
        return Answer(status=None, words="timeout")
    except ssl.SSLCertVerificationError:
        return Answer(status=None, words="certificate")
    except (OSError, HTTPException, ValueError):
        return Answer(status=None, words="no_answer")


def _connect(
    target: Target, address: str, deadline: float, trust: ssl.SSLContext | None
) -> socket.socket:
    """To the address that was checked, and nowhere else; TLS is for the name."""
    plain = socket.create_connection((address, target.port), timeout=_get_left(deadline))
    if target.is_plain:
        return plain
    try:
        plain.settimeout(_get_left(deadline))
        return (trust or _get_trust()).wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _get_trust() -> ssl.SSLContext:
    """What the system trusts and what browsers trust: a slim container knows no authority."""
    made = ssl.create_default_context()
    made.load_verify_locations(certifi.where())
    return made


def _write(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _read(wire: socket.socket, deadline: float) -> Answer:
    answer = HTTPResponse(_Patient(wire, deadline))  # type: ignore[arg-type]  # only makefile is used
    answer.begin()
    try:
        said = answer.read(KEPT * 4).decode("utf-8", "replace")
    except (OSError, HTTPException, ValueError):
        said = ""  # the status is what counts
    return Answer(status=answer.status, words=" ".join(said.replace("\x00", "").split())[:KEPT])


def _get_left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Patient(io.RawIOBase):
    """A socket to read from until the deadline, and no more than MOST_READ. A timeout of the
    socket alone would begin anew with every byte.
    """

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self._wire, self._deadline, self._left = wire, deadline, MOST_READ

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(_get_left(self._deadline))
        count = self._wire.recv_into(buffer, min(len(buffer), self._left))
        self._left -= count
        return count
