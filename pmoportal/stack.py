"""Runs the whole site in one terminal: servers, web, worker and scheduler, in that order.

A child that exits is started again. Ctrl-C stops web, scheduler, worker and servers, in that
order, because each needs the next; a second Ctrl-C does not wait for work under way.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings

from pmoportal import embedded
from pmoportal.children import Child
from pmoportal.daemons import CannotStart, get_tail
from pmoportal.probe import ask_web

WEB_START_SECONDS = 60
SERVERS_LOOK_SECONDS = 2
CELERY = [sys.executable, "-m", "celery", "-A", "pmoportal"]
LOGINS = """\
  Log in as     marknad / demo     a marketer
                konsult / demo     a consultant
                admin / demo       an administrator
"""


@dataclass(kw_only=True)
class Stack:
    children: list[Child] = field(default_factory=list)
    interrupts: int = 0

    def run(self) -> None:
        """Until somebody interrupts; the first interrupt is an exception, wherever we are."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupt)
        try:
            with _only_one(), embedded.running(settings.EMBEDDED):
                try:
                    self._start()
                    say(get_welcome())
                    self._watch()
                finally:
                    self.interrupts = max(self.interrupts, 1)
                    self._end()
        except KeyboardInterrupt:
            say("Stopped.")

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupts += 1
        if self.interrupts == 1:
            raise KeyboardInterrupt

    def _start(self) -> None:
        say("Bringing the database and the content up to date …")
        prepared = subprocess.run(
            [sys.executable, "-m", "pmoportal.preparing"],
            cwd=settings.BASE_DIR,
            check=False,
            start_new_session=True,
        )
        if prepared.returncode != 0:
            raise CannotStart("The database or the content could not be prepared; see above.")
        self.children = get_children()
        for child in self.children:
            child.start()
        self._wait_for_web(self.children[0])

    def _wait_for_web(self, web: Child) -> None:
        deadline = time.monotonic() + WEB_START_SECONDS
        while ask_web(port=settings.PORT, site_url=settings.SITE_URL) is None:
            if web.process is None or web.process.poll() is not None:
                raise CannotStart(f"The web server did not start.\n{get_tail(web.log)}")
            if time.monotonic() > deadline:
                raise CannotStart(f"The web server does not answer.\n{get_tail(web.log)}")
            time.sleep(0.1)

    def _watch(self) -> None:
        look_at = 0.0
        while True:
            for child in self.children:
                if news := child.revive():
                    say(news)
            if time.monotonic() >= look_at:
                self._revive_servers()
                look_at = time.monotonic() + SERVERS_LOOK_SECONDS
            time.sleep(0.25)

    def _revive_servers(self) -> None:
        try:
            for name in settings.EMBEDDED.start_missing():
                say(f"{name} had died and was started again.")
        except CannotStart as failure:
            say(str(failure))

    def _end(self) -> None:
        """The scheduler and the worker need the broker, and everybody needs the database."""
        if any(child.process for child in self.children):
            say("Stopping; work under way is finished first. Ctrl-C again to hurry.")
        for child in self.children:
            child.ask_to_end()
            child.wait(is_hurried=lambda: self.interrupts > 1)


def get_children() -> list[Child]:
    """In the order of starting and of stopping."""
    web = ["-m", "gunicorn", "pmoportal.wsgi", "--bind", f"127.0.0.1:{settings.PORT}"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    web += ["--no-control-socket", "--graceful-timeout", "20"]
    beat = [*CELERY, "beat", "--pidfile="]
    worker = [*CELERY, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    commands: list[tuple[str, list[str], float]] = [
        ("web", [sys.executable, *web], 25),
        ("scheduler", beat, 10),
        ("worker", worker, settings.STOP_SECONDS),
    ]
    return [
        Child(
            name=name,
            command=command,
            folder=settings.BASE_DIR,
            log=settings.VAR_DIR / "log" / f"{name}.log",
            patience=patience,
        )
        for name, command, patience in commands
    ]


def get_welcome() -> str:
    site = settings.SITE_URL
    mail = f"  Sent mail     {site}/admin/campaigns/message/\n"
    if settings.EMBEDDED.catcher:
        mail += f"                and as files in {settings.VAR_DIR / 'mail'}\n"
    return (
        f"\nReady.\n\n  The test      {site}/        in English: {site}/en/\n"
        f"  The admin     {site}/admin/\n"
        + ("" if settings.PRODUCTION else LOGINS)
        + mail
        + f"  Logs          {settings.VAR_DIR / 'log'}\n\nCtrl-C stops everything.\n"
    )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def _only_one() -> Iterator[None]:
    """One stack per VAR_DIR, one program per PORT."""
    embedded.make_var_dir(settings.VAR_DIR)
    with (settings.VAR_DIR / ".stack").open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"VAR_DIR: the site is already running on {settings.VAR_DIR}. Stop it first, or "
                "set another VAR_DIR (and another PORT)."
            ) from None
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError:
                raise CannotStart(
                    f"PORT: {settings.PORT} is taken by another program. Set another PORT."
                ) from None
        yield


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmoportal.settings")
    Stack().run()


if __name__ == "__main__":
    main()
