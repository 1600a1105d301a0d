"""A database of one's own: embedded and durable, as the stack starts it, migrated and seeded."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.journeys.running import OWN_VARIABLES, ROOT

BUFFERS = "1GB"


@contextmanager
def own_database() -> Iterator[None]:
    """Django is set up when this begins; nothing is left behind when it ends."""
    with tempfile.TemporaryDirectory(prefix="pmo-bench-") as folder:
        _set_environment(folder)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # or the servers go on
        import django
        from django.conf import settings

        from pmoportal import embedded

        _give_memory(settings.EMBEDDED)
        with embedded.running(settings.EMBEDDED):
            subprocess.run([sys.executable, "-m", "pmoportal.preparing"], cwd=ROOT, check=True)
            django.setup()
            from django.core.management import call_command, get_commands
            from django.db import connection

            if "permit" in get_commands():
                call_command("permit", "--grant", "--yes")
            try:
                yield
            finally:
                connection.close()


def _give_memory(where: Any) -> None:
    """What one would give a database of a million people; PostgreSQL's own default is 128 MB."""
    import psycopg
    from django.conf import settings

    from pmoportal import embedded

    with embedded.running(where):
        database = settings.DATABASES["default"]
        with psycopg.connect(
            host=database["HOST"], user=database["USER"], dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"ALTER SYSTEM SET shared_buffers = '{BUFFERS}'")


def _set_environment(folder: str) -> None:
    """Whatever was set outside is gone: a DATABASE_URL must not get this load."""
    for name in filter(OWN_VARIABLES.fullmatch, list(os.environ)):
        del os.environ[name]
    os.environ |= {
        "VAR_DIR": folder,
        "EMAIL_URL": "locmem:",
        "DJANGO_SETTINGS_MODULE": "pmoportal.settings",
    }


def describe_database() -> str:
    from django.db import connection

    settings = ("server_version", "shared_buffers", "max_wal_size", "synchronous_commit")
    with connection.cursor() as cursor:
        values = []
        for name in settings:
            cursor.execute(f"SHOW {name}")
            values.append(cursor.fetchone()[0])
    version, buffers, wal, commit = values
    return (
        f"PostgreSQL {version.split()[0]} (shared_buffers {buffers}, max_wal_size {wal}, "
        f"synchronous_commit {commit})"
    )
