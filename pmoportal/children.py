"""A child process of the stack: started, watched, started again after a pause, ended."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LONGEST_PAUSE = 30
GROWN_LOG = 10_000_000
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass(kw_only=True)
class Child:
    """`patience` is how many seconds it may take to end in peace."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    patience: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    start_at: float | None = None
    exits: int = 0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > GROWN_LOG:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # the command is ours
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is for the stack to pass on
                preexec_fn=_get_preparation(),  # noqa: PLW1509  # the stack has no threads
            )
        self.started_at, self.start_at = time.monotonic(), None

    def revive(self) -> str | None:
        """Plan the next start when it has exited, start when that is due; say what was done."""
        if self.process is None or self.process.poll() is None:
            return None
        now = time.monotonic()
        if self.start_at is None:
            self.exits = 0 if now - self.started_at > 2 * LONGEST_PAUSE else self.exits + 1
            pause = min(2**self.exits / 2, LONGEST_PAUSE)
            self.start_at = now + pause
            code = self.process.returncode
            return f"{self.name} exited ({code}); starting it again in {pause:g} s. See {self.log}"
        if now >= self.start_at:
            self.start()
        return None

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, *, is_hurried: Callable[[], bool]) -> None:
        """Wait for a peaceful end; after that, or in a hurry, end its whole process group."""
        if self.process is None:
            return
        deadline = time.monotonic() + self.patience
        while self.process.poll() is None and time.monotonic() < deadline and not is_hurried():
            time.sleep(0.05)
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _get_preparation() -> Callable[[], None] | None:
    """On Linux a child gets SIGTERM when the stack dies, however it dies."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def prepare() -> None:
        libc.prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return prepare
