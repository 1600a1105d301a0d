"""The outside judge: the fault server as a process of its own, and the book that it keeps."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.running import ROOT

END_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One mail that was on the wire to its end: when, its Message-ID and for whom."""

    at: float
    message_id: str
    to: str


class Book:
    """What the judge has written so far; each line is read once."""

    def __init__(self, path: Path, port: int) -> None:
        self.port = port
        self._path = path
        self._read_to = 0
        self._taken: list[Taken] = []

    def read(self) -> list[Taken]:
        with self._path.open("rb") as book:
            book.seek(self._read_to)
            whole = book.read().rpartition(b"\n")[0]
        if whole:
            self._read_to += len(whole) + 1
            self._taken += map(_parse, whole.decode().split("\n"))
        return self._taken


@contextmanager
def open_court(folder: Path, *, delay: float, seed: int) -> Iterator[Book]:
    """The judge sits until the end; each mail waits up to `delay` seconds at some phase."""
    path = folder / "book.log"
    command = [sys.executable, "-m", "tests.campaigns.fault_server", "--book", str(path)]
    judge = subprocess.Popen(
        [*command, "--delay", str(delay), "--seed", str(seed)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert judge.stdin
    assert judge.stdout
    try:
        yield Book(path, int(judge.stdout.readline()))
    finally:
        judge.stdin.close()
        try:
            judge.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            judge.kill()
            judge.wait()
        judge.stdout.close()


def _parse(line: str) -> Taken:
    at, message_id, to = line.split(" ")
    return Taken(at=float(at), message_id=message_id, to=to)
