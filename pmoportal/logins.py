"""What logging in leaves behind about colleagues: attempts, with addresses of machines, and
sessions. Tables of others, so they are spoken for here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from assessments import personal_data
from assessments.personal_data import (
    Field,
    Forgetting,
    Kind,
    Purpose,
    Retention,
    Rows,
    describe,
)

ATTEMPTS: tuple[type[Any], ...] = (AccessAttempt, AccessFailureLog, AccessLog)
COLUMNS = "username ip_address user_agent http_accept path_info attempt_time"


def get_fields() -> list[Field]:
    sort: dict[str, Any] = {
        "kind": Kind.STAFF,
        "purpose": Purpose.PROTECTION,
        "retention": Retention.LOGS,
    }
    found = [field for model in ATTEMPTS for field in describe(model, COLUMNS, **sort)]
    found += describe(AccessAttempt, "get_data post_data", **sort)
    found += describe(AccessLog, "logout_time session_hash", **sort)
    return found + describe(Session, "session_key session_data expire_date", **sort)


def register() -> None:
    personal_data.register(
        app="pmoportal",
        fields=get_fields(),
        export=export,
        erase=erase,
        forgettings=FORGETTINGS,
    )


def export(*, respondent_id: int) -> dict[str, Rows]:
    """Respondents have no login."""
    return {}


def erase(*, respondent_id: int, now: datetime) -> None:
    """Nor anything to erase here."""


def forget(*, now: datetime, limit: int) -> int:
    return sum(each.forget(now, limit) for each in FORGETTINGS)


def _get_sessions(now: datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=now)


def _get_attempts(model: type[Any]) -> Callable[[datetime], QuerySet[Any]]:
    def get_old(now: datetime) -> QuerySet[Any]:
        since = now - timedelta(days=settings.KEEP_LOGS_DAYS)
        rows: QuerySet[Any] = model.objects.filter(attempt_time__lt=since)
        return rows

    return get_old


def _build(name: str, get_old: Callable[[datetime], QuerySet[Any]]) -> Forgetting:
    def forget_some(now: datetime, limit: int) -> int:
        ids = list(get_old(now).values_list("pk", flat=True)[:limit])
        get_old(now).filter(pk__in=ids).delete()
        return len(ids)

    return Forgetting(
        name=name,
        retention=Retention.LOGS,
        count=lambda now: get_old(now).count(),
        forget=forget_some,
    )


FORGETTINGS = (
    _build("attempts to log in", _get_attempts(AccessAttempt)),
    _build("failed logins", _get_attempts(AccessFailureLog)),
    _build("logins", _get_attempts(AccessLog)),
    _build("sessions that have ended", _get_sessions),
)
