"""The whole stack in one terminal: what it says, what it survives, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmoportal.children import Child
from pmoportal.daemons import get_pid
from pmoportal.embedded import Servers

ROOT = Path(__file__).parent.parent.parent
BUSY = 0.05


class Terminal:
    """A stack with its own VAR_DIR and PORT, and what it printed."""

    def __init__(self, var_dir: Path, port: int) -> None:
        self.var_dir, self.port = var_dir, port
        self.output = var_dir.with_suffix(".txt")
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"EMAIL_URL", "DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL"}
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pmoportal.stack"],
                cwd=ROOT,
                env=environment | {"VAR_DIR": str(var_dir), "PORT": str(port)},
                stdout=output,
                stderr=output,
            )

    def read(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.read():
            assert self.process.poll() is None, self.read()
            assert time.monotonic() < deadline, self.read()
            time.sleep(BUSY)

    def get_child(self, words: str) -> int:
        """The oldest process of this stack whose command line has the words."""
        found = [pid for pid, line in get_processes(str(self.process.pid)) if words in line]
        return min(found)


def get_processes(parent: str) -> list[tuple[int, str]]:
    listing = subprocess.run(
        ["ps", "-ww", "-e", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    return [(int(pid), line) for pid, ppid, line in rows if ppid == parent]


def is_alive(pid: int) -> bool:
    listing = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listing.stdout.strip()) and not listing.stdout.startswith("Z")


def wait_until_gone(pids: list[int], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(BUSY)


@pytest.fixture
def port() -> int:
    """With its neighbour for the mail catcher free as well."""
    while True:
        with socket.socket() as web, socket.socket() as mail:
            web.bind(("127.0.0.1", 0))
            number = int(web.getsockname()[1])
            try:
                mail.bind(("127.0.0.1", number + 25))
            except OSError:
                continue
            return number


@pytest.fixture
def terminal(tmp_path: Path, port: int) -> Iterator[Terminal]:
    started = Terminal(tmp_path / "var", port)
    yield started
    started.process.kill()
    started.process.wait()
    Servers(var_dir=tmp_path / "var").stop_all()


@pytest.mark.journey
def test_the_stack_starts_heals_and_ends(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait_for("Ready.")
    assert f"http://127.0.0.1:{terminal.port}/admin/" in terminal.read()

    second = Terminal(tmp_path / "var", terminal.port + 1)
    assert second.process.wait(30) == 1
    assert second.read().startswith("VAR_DIR: the site is already running on ")
    third = Terminal(tmp_path / "third", terminal.port)
    assert third.process.wait(30) == 1
    assert third.read().startswith(f"PORT: {terminal.port} is taken")

    os.kill(terminal.get_child("celery -A pmoportal worker"), signal.SIGKILL)
    terminal.wait_for("worker exited (-9); starting it again in 1 s.")
    os.kill(get_pid(Servers(var_dir=terminal.var_dir).run_dir / "valkey.pid"), signal.SIGKILL)
    terminal.wait_for("Valkey had died and was started again.")
    time.sleep(2)  # the worker's second start

    children = [pid for pid, _ in get_processes(str(terminal.process.pid))]
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.process.wait(60) == 0
    assert terminal.read().endswith("Stopped.\n")
    assert not any(map(is_alive, children))
    assert not Servers(var_dir=terminal.var_dir).run_dir.exists()


@pytest.mark.journey
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that a parent died")
def test_a_killed_stack_leaves_no_children_and_starts_again(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.wait_for("Ready.")
    children = [
        pid
        for pid, line in get_processes(str(terminal.process.pid))
        if re.search("gunicorn|celery", line)
    ]
    assert len(children) == 3
    terminal.process.kill()
    terminal.process.wait()
    wait_until_gone(children)
    again = Terminal(tmp_path / "var", terminal.port)
    again.wait_for("Ready.")
    again.process.terminate()
    assert again.process.wait(60) == 0


def make_child(tmp_path: Path, script: str, patience: float = 5) -> Child:
    return Child(
        name="child",
        command=[sys.executable, "-c", script],
        folder=tmp_path,
        log=tmp_path / "child.log",
        patience=patience,
    )


def test_a_child_that_exits_is_started_again_after_a_growing_pause(tmp_path: Path) -> None:
    child = make_child(tmp_path, "raise SystemExit(3)")
    pauses = []
    for _ in range(3):
        child.start()
        assert child.process is not None
        child.process.wait()
        news = child.revive() or ""
        pauses.append(news.partition("again in ")[2].partition(" s.")[0])
    assert pauses == ["1", "2", "4"]


def test_a_child_waits_out_its_pause_before_it_starts(tmp_path: Path) -> None:
    child = make_child(tmp_path, "pass")
    child.start()
    assert child.process is not None
    first = child.process
    first.wait()
    child.revive()
    assert child.revive() is None
    assert child.process is first
    child.start_at = time.monotonic()
    child.revive()
    assert child.process is not first
    child.process.wait()


def test_a_child_that_will_not_end_is_killed_when_patience_is_out(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    child = make_child(tmp_path, stubborn, patience=0.2)
    child.start()
    assert child.process is not None
    while not child.log.read_text():
        time.sleep(BUSY)
    child.ask_to_end()
    child.wait(is_hurried=lambda: False)
    assert child.process.returncode == -signal.SIGKILL


def test_a_grown_log_is_put_aside(tmp_path: Path) -> None:
    child = make_child(tmp_path, "pass")
    child.log.write_bytes(b"x" * 10_000_001)
    child.start()
    assert child.process is not None
    child.process.wait()
    assert child.log.stat().st_size == 0
    assert (tmp_path / "child.log.1").stat().st_size == 10_000_001


def test_a_second_interrupt_does_not_wait(tmp_path: Path) -> None:
    child = make_child(tmp_path, "import time; time.sleep(60)", patience=60)
    child.start()
    assert child.process is not None
    child.wait(is_hurried=lambda: True)
    assert child.process.returncode == -signal.SIGKILL
