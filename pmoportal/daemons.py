"""Starting, recognising and stopping a server that outlives the process which started it.

Standard library only. A server is ours when its command line names our run folder; a bare
process number proves nothing, because numbers are used again.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Our own children, kept so that a dead one can be reaped and does not look alive.
_children: list[subprocess.Popen[bytes]] = []


class CannotStart(SystemExit):
    """Ends the program with sentences instead of a traceback."""


def launch(command: Sequence[str], *, log: Path, **options: Any) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        child = subprocess.Popen(  # the command is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,  # a Ctrl-C in the terminal is not for the servers
            **options,
        )
    _children.append(child)
    return child


def wait_until_up(
    *, name: str, is_up: Callable[[], bool], child: subprocess.Popen[bytes], log: Path, hint: str
) -> None:
    """Raises CannotStart with the end of the log when the server gives up or takes too long."""
    deadline = time.monotonic() + 120
    while not is_up():
        if child.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"{name} did not start. {hint}\n{get_tail(log)}")
        time.sleep(0.03)


def get_tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
    return "\n".join([f"The end of {log}:", *(f"    {line}" for line in lines)])


def get_pid(file: Path) -> int:
    """The number on the first line of the file; 0 when there is none."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def is_ours(pid: int, *, mark: str) -> bool:
    """Is there a process of that number whose command line holds the mark?"""
    for child in _children:
        child.poll()
    return pid > 0 and mark in _get_command_line(pid)


def end(pid: int, *, mark: str, signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal and wait its seconds, until the process is gone."""
    for signal_number, seconds in signals:
        deadline = time.monotonic() + seconds
        if not is_ours(pid, mark=mark):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        while is_ours(pid, mark=mark) and time.monotonic() < deadline:
            time.sleep(0.02)


def ask_socket(path: Path, *, question: bytes = b"") -> bytes | None:
    """What a server on this socket answers; None when nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            if not question:
                return b""
            connection.sendall(question)
            return connection.recv(200)
    except OSError:
        return None


def ask_port(port: int) -> bytes | None:
    """The greeting of a server on this loopback port; None when nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            try:
                return connection.recv(200)
            except OSError:
                return b""
    except OSError:
        return None


def _get_command_line(pid: int) -> str:
    """Empty for a process that is gone, or a zombie."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
    listing = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return listing.stdout
