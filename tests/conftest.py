"""What holds for every test: no network, a clean cache, quick passwords, plain static files."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation


def pytest_configure() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # The manifest comes from collectstatic, which tests do not need.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PERMIT_FILE = settings.VAR_DIR / f"permit-{os.environ.get('PYTEST_XDIST_WORKER')}.json"
    settings.ERASURES_FILE = settings.PERMIT_FILE.with_name(
        f"erasures-{os.environ.get('PYTEST_XDIST_WORKER')}.csv"
    )
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback and unix sockets only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_local = self.family == socket.AF_UNIX or address[0] in {"127.0.0.1", "::1", "localhost"}
        if not is_local:
            pytest.fail(f"A test wanted to reach {address}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    from assessments.comparing import get_snapshots
    from campaigns.panel import get_recent_wordings

    yield
    cache.clear()
    get_snapshots.cache_clear()
    get_recent_wordings.cache_clear()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request activates its language for the whole thread."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_erasures() -> Iterator[None]:
    """The file outlives the database, so one test's would be replayed in the next."""
    yield
    settings.ERASURES_FILE.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The shipped content is published once; each test starts with it, and with nothing else."""
    from tests.factories import publish_campaign

    with django_db_blocker.unblock():
        publish_campaign()
