"""What docker-compose.yml says is checked against the code's own names; no engine is needed."""

import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from pmoportal.celery import app

ROOT = Path(__file__).parent.parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "pmoportal"}
SETTINGS = (ROOT / "pmoportal" / "settings.py").read_text()
READ = set(re.findall(r'environment\.\w+\(\s*"(\w+)"', SETTINGS))


def get_words(name: str) -> list[str]:
    return shlex.split(OURS[name]["command"])


def test_compose_has_every_part_of_the_site() -> None:
    assert sorted(SERVICES) == [
        "catcher",
        "migrate",
        "postgres",
        "redis",
        "scheduler",
        "web",
        "worker",
    ]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_set_only_variables_that_the_settings_read(name: str) -> None:
    assert set(OURS[name]["environment"]) - READ == set()


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_are_in_production_mode_by_default(name: str) -> None:
    needed = {"DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "EMAIL_URL", "SECRET_KEY"}
    assert needed <= set(OURS[name]["environment"])
    assert OURS[name]["environment"]["DEBUG"] == "${DEBUG:-0}"


def test_the_web_service_serves_our_application() -> None:
    words = get_words("web")
    assert words[0] == "gunicorn"
    assert hasattr(import_module(words[1]), "application")


@pytest.mark.parametrize(("name", "role"), [("worker", "worker"), ("scheduler", "beat")])
def test_the_worker_and_the_scheduler_run_our_celery_application(name: str, role: str) -> None:
    words = get_words(name)
    assert words[:4] == ["celery", "-A", "pmoportal", role]
    assert import_module(f"{words[2]}.celery").app is app


def test_the_migrate_service_runs_commands_that_exist() -> None:
    script = get_words("migrate")[-1]
    commands = re.findall(r"manage\.py (\w+)", script)
    assert commands == ["migrate", "seed_content", "seed_lead_texts"]
    assert set(commands) <= set(get_commands())
    assert OURS["migrate"]["restart"] == "no"


def test_the_worker_has_time_to_finish() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace == 120
    assert grace > app.conf.worker_soft_shutdown_timeout


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate"}))
def test_long_running_services_are_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate", "scheduler"}))
def test_services_that_answer_have_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_the_broker_evicts_nothing_and_has_a_password() -> None:
    command = SERVICES["redis"]["command"]
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command
    assert "--requirepass ${REDIS_PASSWORD:?}" in command


def test_every_value_that_compose_asks_for_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE))
    assert asked - set(re.findall(r"^#?(\w+)=", example, re.MULTILINE)) == set()


def test_the_image_runs_as_an_ordinary_user_without_embedded_servers() -> None:
    image = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\w+)$", image, re.MULTILINE) == ["app"]
    assert re.findall(r"requirements/\w+\.txt", image) == ["requirements/base.txt"] * 2
    assert f'"{settings.WSGI_APPLICATION.rpartition(".")[0]}"' in image
