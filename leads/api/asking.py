"""What a call asks for: its parameters, each given once and each understood."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from leads.api import cursors
from leads.api.problems import Problem

LIMIT, MOST = 50, 200
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def check_names(request: HttpRequest, known: Collection[str]) -> None:
    """A misspelt parameter must not give everything."""
    for name, values in request.GET.lists():
        if name not in known or len(values) > 1:
            raise Problem(400, "bad_parameter")


def get_limit(request: HttpRequest) -> int:
    text = request.GET.get("limit", str(LIMIT))
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not 1 <= int(text) <= MOST:
        raise Problem(400, "bad_limit")
    return int(text)


def get_moment(request: HttpRequest) -> datetime | None:
    text = request.GET.get("updated_since")
    return None if text is None else read_moment(text)


def read_moment(text: str) -> datetime:
    """RFC 3339, with its time zone."""
    if not MOMENT.fullmatch(text):
        raise Problem(400, "bad_moment")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(400, "bad_moment") from None


def get_place(request: HttpRequest, name: str) -> list[Any] | None:
    text = request.GET.get("cursor")
    if text is None:
        return None
    place = cursors.read(name, text)
    if place is None:
        raise Problem(400, "bad_cursor")
    return place
