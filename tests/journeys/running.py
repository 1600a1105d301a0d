"""The whole stack as its own processes, in a scratch directory on free ports."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from pmoportal.embedded import Servers, running
from tests.journeys.inbox import find_free_port, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 240
STOP_SECONDS = 120

# All but the permit, which is bound to its folder: a copy must get one of its own.
PREPARATIONS = (["migrate"], ["collectstatic", "--no-input"], ["seed_content"], ["seed_lead_texts"])
# What the surrounding test run has set for itself must not reach the stack.
OWN_VARIABLES = re.compile(
    "VAR_DIR|PORT|SITE_URL|DEBUG|DEMO_DAY_SECONDS|ALLOWED_HOSTS|SECRET_KEY|PYTEST_.*|.*_SETTINGS_.*|"
    "PERMIT_FILE|(DATABASE|CELERY_BROKER|CACHE|EMAIL)_URL"
)


class RunningStack:
    """Starts `python -m pmoportal.stack`; `variables` are its environment."""

    def __init__(self, **variables: str) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="pmo-journey-")
        self.var_dir = Path(self._scratch.name) / "var"
        self.port = find_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._variables = {"VAR_DIR": str(self.var_dir), "PORT": str(self.port)} | variables
        self._log = Path(self._scratch.name) / "stack.log"
        self._stack: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if "PYTEST_VERSION" in os.environ:
            copy_prepared(self.var_dir)
        with self._log.open("ab") as log:
            self._stack = subprocess.Popen(
                [sys.executable, "-m", "pmoportal.stack"],
                cwd=ROOT,
                env=get_environment(self._variables),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(self._is_answering, START_SECONDS, "the site")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._stack is not None
        self._stack.send_signal(signal.SIGINT)
        self.exit_status = self._stack.wait(timeout=STOP_SECONDS)
        if error is not None:
            print(self.log[-6000:])
        self._scratch.cleanup()

    def run(self, module: str) -> str:
        """Run a program of ours beside the stack, on its servers; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env=get_environment(self._variables) | {"DJANGO_SETTINGS_MODULE": "pmoportal.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _is_answering(self) -> bool:
        assert self._stack is not None
        if self._stack.poll() is not None:
            raise RuntimeError(f"The stack ended at once:\n{self.log[-6000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def copy_prepared(var_dir: Path) -> None:
    """A folder with tables and texts in it, made once for the whole test run: that takes as long
    as all the rest of a start.
    """
    made = Path(os.environ["VAR_DIR"]) / "prepared"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".new")
            prepare(unfinished)
            unfinished.rename(made)
    shutil.copytree(made, var_dir, symlinks=True)


def prepare(var_dir: Path) -> None:
    environment = get_environment({"VAR_DIR": str(var_dir), "EMAIL_URL": "smtp://127.0.0.1:25"})
    with running(Servers(var_dir=var_dir, catcher=False)):
        for command in PREPARATIONS:
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )


def get_environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not OWN_VARIABLES.fullmatch(name)}
    return kept | variables


def find_port() -> int:
    """A free port whose neighbour for the mail catcher, 25 above, is free too."""
    while True:
        port = find_free_port()
        with socket.socket() as mail, suppress(OSError, OverflowError):
            mail.bind(("127.0.0.1", port + 25))
            return port
