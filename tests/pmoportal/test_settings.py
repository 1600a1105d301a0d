import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from pmoportal.celery import app, get_transport_options

ROOT = Path(__file__).parent.parent.parent
PRODUCTION = {
    "DATABASE_URL": "postgres://u:p@db:5432/pmo",
    "CELERY_BROKER_URL": "redis://:p@redis:6379/0",
    "CACHE_URL": "redis://:p@redis:6379/1",
    "EMAIL_URL": "smtp://mail:25",
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://pmo.example.com",
}


def show(expression: str, **variables: str) -> str:
    """What the settings make of these variables alone."""
    shown = subprocess.run(
        [sys.executable, "-c", f"from pmoportal import settings; print(({expression}))"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": os.environ["VAR_DIR"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return shown.stdout.strip() or shown.stderr.strip()


@pytest.mark.parametrize(
    ("variables", "production"),
    [
        ({}, "False"),
        ({"DATABASE_URL": "postgres://u:p@db:5432/pmo"}, "False"),
        (PRODUCTION | {"DEBUG": "1"}, "False"),
        (PRODUCTION, "True"),
    ],
)
def test_production_is_no_debug_and_nothing_embedded(
    variables: dict[str, str], production: str
) -> None:
    assert show("settings.PRODUCTION", **variables) == production


@pytest.mark.parametrize("name", ["SECRET_KEY", "SITE_URL", "CACHE_URL", "EMAIL_URL"])
def test_production_names_what_has_no_default(name: str) -> None:
    without = {key: value for key, value in PRODUCTION.items() if key != name}
    assert show("1", **without) == f"{name} is missing: production has no default for it."


def test_the_addresses_of_the_servers_follow_from_var_dir(tmp_path: Path) -> None:
    one, same, two = (
        show("settings.CELERY_BROKER_URL, settings.DATABASES['default']['HOST']", VAR_DIR=str(each))
        for each in (tmp_path / "one", tmp_path / "one", tmp_path / "two")
    )
    assert one == same
    assert one != two


def test_the_path_of_a_socket_stays_short_however_long_var_dir_is(tmp_path: Path) -> None:
    host = show("settings.DATABASES['default']['HOST']", VAR_DIR=str(tmp_path / ("x" * 200)))
    assert len(f"{host}/.s.PGSQL.5432") < 100


def test_mail_goes_to_the_catcher_beside_the_port_by_default() -> None:
    shown = show("settings.EMAIL.host, settings.EMAIL.port, settings.SITE_URL", PORT="9000")
    assert shown == "('127.0.0.1', 9025, 'http://127.0.0.1:9000')"


def test_a_provider_in_the_mail_url_becomes_the_backend_and_its_key() -> None:
    shown = show("settings.EMAIL_BACKEND, settings.ANYMAIL", EMAIL_URL="postmark://Key")
    assert "anymail.backends.postmark.EmailBackend" in shown
    assert "'POSTMARK_SERVER_TOKEN': 'Key'" in shown


def test_https_makes_cookies_secure_and_promises_https() -> None:
    expression = "settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    assert show(expression, **PRODUCTION) == "(True, True)"
    assert show(expression) == "(False, False)"


def test_a_pool_replaces_persistent_connections() -> None:
    expression = "[settings.DATABASES['default'].get(n) for n in ('CONN_MAX_AGE', 'OPTIONS')]"
    assert "'pool': {'min_size': 1, 'max_size': 8}" in show(expression, DATABASE_POOL="8")
    assert show(expression, DATABASE_POOL="8").startswith("[0,")
    assert "pool" not in show(expression)


def test_the_booking_link_is_the_sender_by_default() -> None:
    shown = show("settings.BOOKING_URL", DEFAULT_FROM_EMAIL="Anna <anna@firman.se>")
    assert shown == "mailto:anna@firman.se"


def test_a_web_request_waits_for_the_broker_less_than_half_a_second_and_a_worker_longer() -> None:
    web = get_transport_options("web")
    assert (web["socket_timeout"], web["retry_on_timeout"]) == (0.4, False)
    worker = get_transport_options("worker")
    assert (worker["socket_timeout"], worker["retry_on_timeout"]) == (15, False)
    assert app.conf.broker_transport_options["socket_timeout"] == 0.4


def test_every_tick_of_the_table_expires_and_names_a_task() -> None:
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert entry["options"]["expires"] >= entry["schedule"]


@pytest.mark.parametrize(("seconds", "sweep"), [("0", "30.0"), ("1", "1.0"), ("90", "30.0")])
def test_the_sweep_keeps_up_with_short_days(seconds: str, sweep: str) -> None:
    shown = show(
        "__import__('pmoportal.celery').celery.SWEEP_SECONDS",
        DEMO_DAY_SECONDS=seconds,
        DJANGO_SETTINGS_MODULE="pmoportal.settings",
    )
    assert shown == sweep


def test_the_readme_documents_every_variable() -> None:
    source = (ROOT / "pmoportal" / "settings.py").read_text()
    read = set(re.findall(r'environment\.get\(\s*"(\w+)"', source))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text()))
    assert read - documented == set()


def test_the_tests_are_no_production() -> None:
    assert settings.PRODUCTION is False
