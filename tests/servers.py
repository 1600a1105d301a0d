"""A pytest plugin: one embedded PostgreSQL and Valkey for the whole run, in a scratch folder.

It works before pytest-django reads the settings, and the settings find the servers through
VAR_DIR alone. A worker of pytest-xdist uses its parent's servers, with its own numbers in Valkey
(and pytest-django gives it a database of its own). Servers named in the environment are used.
"""

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from pmoportal.embedded import Servers, running
from pmoportal.translations import compile_translations

_stack = ExitStack()
atexit.register(_stack.close)  # also when pytest never gets as far as its own end


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        _use_own_numbers(int(worker.removeprefix("gw")))
        return
    compile_translations(Path(__file__).parent.parent / "locale")
    var_dir = Path(tempfile.mkdtemp(prefix="pmoportal-tests-")).resolve()
    _stack.callback(shutil.rmtree, var_dir, ignore_errors=True)
    (var_dir / "static").mkdir()
    os.environ["VAR_DIR"] = str(var_dir)
    os.environ["EMAIL_URL"] = "locmem:"
    os.environ.pop("DEMO_DAY_SECONDS", None)
    servers = Servers(
        var_dir=var_dir,
        postgres=not os.environ.get("DATABASE_URL"),
        valkey=not (os.environ.get("CELERY_BROKER_URL") and os.environ.get("CACHE_URL")),
        catcher=False,
        is_durable=False,
    )
    _stack.enter_context(running(servers))


def pytest_unconfigure() -> None:
    _stack.close()


def _use_own_numbers(number: int) -> None:
    servers = Servers(var_dir=Path(os.environ["VAR_DIR"]))
    if not os.environ.get("CELERY_BROKER_URL"):
        url = servers.broker_url.replace("=0", f"={2 * number + 2}")
        os.environ["CELERY_BROKER_URL"] = url
    if not os.environ.get("CACHE_URL"):
        os.environ["CACHE_URL"] = servers.cache_url.replace("=1", f"={2 * number + 3}")
