"""A house of its own to be torn at: servers, tables, content and people in a scratch folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from tests.journeys.running import OWN_VARIABLES

LEASE_SECONDS = 5
DAY_SECONDS = 86400  # hours and holidays are off, and the next mail is days away


@contextmanager
def make_house(*, mail_port: int, window: int) -> Iterator[Path]:
    """Its folder. Whoever was to use it is gone before it is left."""
    with tempfile.TemporaryDirectory(prefix="pmo-chaos-", ignore_cleanup_errors=True) as folder:
        _set_environment(folder, mail_port, window)
        import django
        from django.conf import settings

        from pmoportal import embedded

        django.setup()
        with embedded.running(settings.EMBEDDED):
            _prepare()
            yield Path(folder)


def _set_environment(folder: str, mail_port: int, window: int) -> None:
    """Whatever was set outside is gone: a DATABASE_URL must not get this."""
    for name in filter(OWN_VARIABLES.fullmatch, list(os.environ)):
        del os.environ[name]
    os.environ.pop("CRASH_AT", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "pmoportal.settings",
        "VAR_DIR": folder,
        "TMPDIR": folder,  # what killed workers leave lying
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "SENDING_WINDOW": str(window),
        "DEMO_DAY_SECONDS": str(DAY_SECONDS),
    }


def _prepare() -> None:
    from django.conf import settings
    from django.core.management import call_command

    from pmoportal.translations import compile_translations

    compile_translations(settings.BASE_DIR / "locale")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed_content", stdout=StringIO())
    call_command("permit", grant=True, stdout=StringIO())
