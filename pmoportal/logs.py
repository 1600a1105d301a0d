"""Logs: one line each, to standard output, without what finds a person or acts for one."""

import logging
import re
from typing import Any

ADDRESS = re.compile(r"[^\s<>\"'(),;:=\[\]]+@[^\s<>\"'(),;:=\[\]]+")
# What `assessments.tokens` and `campaigns.tokens` make, also when a little was added or lost;
# keys to the API, and secrets of webhooks.
TOKEN = re.compile(r"(?<![\w-])[\w-]+\.[\w-]{40,}|\bpmo_[\w-]{20,}|\bwhsec_[\w+/=-]{20,}")


class Discreet(logging.Formatter):
    """Takes out mail addresses and signed links. Works on the finished line, so that arguments
    and tracebacks are covered too.
    """

    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub("[token]", ADDRESS.sub("[address]", super().format(record)))


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "pmoportal.logs.Discreet",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
        }
    },
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
    },
}
