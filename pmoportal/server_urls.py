"""DATABASE_URL, CELERY_BROKER_URL and CACHE_URL: the servers that everything stands on."""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url

DATABASE_FORM = "must look like postgres://user:password@host:5432/name"
BROKER_FORM = "must look like redis://:password@host:6379/0 (or rediss:, redis+socket:, sentinel:)"
CACHE_FORM = "must look like redis://:password@host:6379/1 (or rediss:, unix:)"


def parse_database_url(value: str) -> dict[str, Any]:
    try:
        parsed = dict(dj_database_url.parse(value))
    except ValueError:
        raise ValueError(DATABASE_FORM) from None
    if parsed["ENGINE"] != "django.db.backends.postgresql" or not parsed["NAME"]:
        raise ValueError(DATABASE_FORM)
    return parsed


def parse_broker_url(value: str) -> str:
    return _server(value, {"redis", "rediss", "redis+socket", "sentinel"}, BROKER_FORM)


def parse_cache_url(value: str) -> str:
    return _server(value, {"redis", "rediss", "unix"}, CACHE_FORM)


def _server(value: str, schemes: set[str], form: str) -> str:
    try:
        parts = urlsplit(value)
        complete = parts.hostname or (parts.scheme in {"redis+socket", "unix"} and parts.path)
        parts.port  # noqa: B018  # raises for a port that is not a number
    except ValueError:
        raise ValueError(form) from None
    if parts.scheme not in schemes or not complete:
        raise ValueError(form)
    return value
