"""The web server alone, as the stack starts it, on embedded servers of its own."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.journeys.running import OWN_VARIABLES, ROOT, find_port


@contextmanager
def serving(server: str) -> Iterator[int]:
    """Its port; nothing is left behind. `server` is gunicorn or granian."""
    with tempfile.TemporaryDirectory(prefix="pmo-bench-") as folder:
        port = find_port()
        _set_environment(folder, port)
        from django.conf import settings

        from pmoportal import embedded
        from pmoportal.stack import get_children

        with embedded.running(settings.EMBEDDED):
            _run("pmoportal.preparing")
            _run("django", "migrate", "--run-syncdb", "--verbosity", "0")
            web = get_children()[0]
            if server == "granian":
                web.command = _get_granian(port)
            web.start()
            try:
                _wait_for(port)
                yield port
            finally:
                web.ask_to_end()
                web.wait(is_hurried=lambda: False)


def _set_environment(folder: str, port: int) -> None:
    """Whatever was set outside is gone: a DATABASE_URL must not get this load."""
    for name in filter(OWN_VARIABLES.fullmatch, list(os.environ)):
        del os.environ[name]
    os.environ |= {
        "VAR_DIR": folder,
        "PORT": str(port),
        "EMAIL_URL": "locmem:",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "STARTS_PER_HOUR": "1000000",
    }


def _get_granian(port: int) -> list[str]:
    """Not among our requirements: to compare, put it on PYTHONPATH."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "pmoportal.wsgi:application"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    return [*command, "--blocking-threads", "4"]


def _run(*module: str) -> None:
    subprocess.run([sys.executable, "-m", *module], cwd=ROOT, check=True)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")
