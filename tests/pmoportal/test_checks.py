"""What production refuses, and that nothing is refused outside it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pmoportal.checks import check_production, refuse_unfit_production
from pmoportal.env import BadEnvironment, networks
from pmoportal.mail_url import MailServer, parse_mail_url

ROOT = Path(__file__).parent.parent.parent
FIT = {
    "PRODUCTION": True,
    "SECRET_KEY": "".join(map(chr, range(40, 100))),
    "SITE_URL": "https://pmo.example.com",
    "ALLOWED_HOSTS": ["pmo.example.com"],
    "DEMO_DAY_SECONDS": 0,
    "POSTAL_ADDRESS": "Gatan 1, 111 22 Orten",
    "CONTROLLER_NAME": "Firman AB",
    "ORG_NUMBER": "559900-0006",
    "HOSTING_PROVIDER": "Drift AB",
    "MAIL_PROVIDER": "Utskick AB",
    "DEFAULT_FROM_EMAIL": "tips@firman.se",
    "EMAIL": MailServer(kind="smtp", host="mail.example.com", port=25),
    "WEBHOOK_SECRET": "",
    "CRASH_AT": None,
    "INBOUND": None,
    "INBOUND_ADDRESS": "",
}
UNFIT = [
    ("SECRET_KEY", "short", "pmoportal.E001"),
    ("SITE_URL", "http://pmo.example.com", "pmoportal.E002"),
    ("DEMO_DAY_SECONDS", 1.0, "pmoportal.E003"),
    ("ALLOWED_HOSTS", ["*"], "pmoportal.E004"),
    ("ALLOWED_HOSTS", ["other.example.com"], "pmoportal.E005"),
    ("POSTAL_ADDRESS", "Exempelgatan 1, 111 11 Stockholm", "pmoportal.E006"),
    ("DEFAULT_FROM_EMAIL", "PMO-testet <pmo@example.com>", "pmoportal.E007"),
    ("CRASH_AT", ("after_dot", 1), "pmoportal.E010"),
    ("CONTROLLER_NAME", "Exempelbolaget AB", "pmoportal.E020"),
    ("ORG_NUMBER", "556000-0001", "pmoportal.E021"),
    ("HOSTING_PROVIDER", "Exempeldrift AB", "pmoportal.E022"),
    ("MAIL_PROVIDER", "Exempeldrift AB", "pmoportal.E023"),
    ("INBOUND_ADDRESS", "svar@firman.se", "pmoportal.E025"),
    ("WEBHOOK_ALLOWED_PRIVATE", networks("10.1.0.0/16, 127.0.0.1/32"), "pmoportal.E011"),
]


@pytest.fixture
def production(settings: Any) -> Any:
    for name, value in FIT.items():
        setattr(settings, name, value)
    return settings


def test_a_fit_production_has_no_problems(production: Any) -> None:
    assert check_production(app_configs=None) == []
    refuse_unfit_production()


@pytest.mark.parametrize(("name", "value", "number"), UNFIT)
def test_production_refuses_by_name(production: Any, name: str, value: Any, number: str) -> None:
    setattr(production, name, value)
    assert [
        (error.id, str(error.msg).split()[0]) for error in check_production(app_configs=None)
    ] == [(number, name)]
    with pytest.raises(BadEnvironment, match=f"^{name} "):
        refuse_unfit_production()


@pytest.mark.parametrize(("name", "value", "number"), UNFIT)
def test_a_demonstration_refuses_none_of_it(
    production: Any, name: str, value: Any, number: str
) -> None:
    production.PRODUCTION = False
    setattr(production, name, value)
    assert check_production(app_configs=None) == []


def test_a_mail_provider_needs_a_webhook_secret(production: Any) -> None:
    production.EMAIL = MailServer(kind="provider", provider="postmark")
    assert [error.id for error in check_production(app_configs=None)] == ["pmoportal.E008"]


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("mailersend://key", "signing_secret"),
        ("mandrill://key", "webhook_key"),
        ("postal://key?api_url=https://postal.example.com", "webhook_key"),
    ],
)
def test_a_provider_that_signs_needs_the_key_to_check_it(
    production: Any, monkeypatch: pytest.MonkeyPatch, url: str, extra: str
) -> None:
    monkeypatch.setattr("pmoportal.mail_url.find_spec", lambda _: "installed")
    production.WEBHOOK_SECRET = "reports:a-long-secret"
    production.EMAIL = parse_mail_url(url)
    (error,) = check_production(app_configs=None)
    assert (error.id, f"?{extra}=" in str(error.msg)) == ("pmoportal.E009", True)
    production.EMAIL = parse_mail_url(f"{url}{'&' if '?' in url else '?'}{extra}=abc")
    assert check_production(app_configs=None) == []


@pytest.mark.parametrize("url", ["postmark://key", "mailgun://key", "smtp://127.0.0.1"])
def test_other_mail_servers_need_none(production: Any, url: str) -> None:
    production.WEBHOOK_SECRET = "reports:a-long-secret"
    production.EMAIL = parse_mail_url(url)
    assert check_production(app_configs=None) == []


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check", "--deploy"],
        ["-c", "import pmoportal.wsgi"],
        ["-m", "celery", "-A", "pmoportal", "worker"],
        ["-m", "celery", "-A", "pmoportal", "beat"],
    ],
)
def test_no_process_starts_in_an_unfit_production(command: list[str], tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path),
            "SECRET_KEY": FIT["SECRET_KEY"],
            "SITE_URL": "https://pmo.example.com",
            "DATABASE_URL": "postgres://u:p@127.0.0.1:1/name",
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            "CACHE_URL": "redis://127.0.0.1:1/1",
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "DEFAULT_FROM_EMAIL": "tips@firman.se",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert "POSTAL_ADDRESS must be given" in started.stderr
    assert "Traceback" not in started.stderr
