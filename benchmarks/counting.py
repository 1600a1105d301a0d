"""The one sink of a run, and how many mails it says it has taken."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import end
from tests.journeys.running import ROOT, find_port

# Debian keeps it where only root's PATH goes.
PLACES = ("/usr/sbin", "/usr/lib/postfix/sbin")
COUNT = re.compile(rb"mesg=(\d+)[\r\n]")
SETTLE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Sink:
    name: str
    port: int
    log: Path

    def get_count(self) -> int:
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 200))
            found = COUNT.findall(log.read())
        return int(found[-1]) if found else 0

    def get_final_count(self) -> int:
        """When nothing has come for a while: a mail too many would come late."""
        count = -1
        while count != (count := self.get_count()):
            time.sleep(SETTLE_SECONDS)
        return count


@contextmanager
def counting(folder: Path) -> Iterator[Sink]:
    """Debian's smtp-sink where there is one (SMTP_SINK may name it), else our own."""
    port, log = find_port(), folder / "sink.log"
    found = find_program("smtp-sink")
    command = [sys.executable, "-m", "benchmarks.sink", str(port)]
    if found:
        # It does not run as root.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [found, "-c", *user, f"127.0.0.1:{port}", "1000"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        _wait_for(port, process, log)
        yield Sink(name="smtp-sink" if found else "our own sink", port=port, log=log)
    finally:
        end(process)


def find_program(name: str) -> str | None:
    """A program of Postfix: named by the variable (SMTP_SINK for smtp-sink), or where it lies."""
    named = os.environ.get(name.upper().replace("-", "_"))
    return named or shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *PLACES]))


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the sink did not start: {log.read_text(errors='replace')[-500:]}")
