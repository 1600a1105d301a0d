"""/healthz: is this process able to serve? One word per dependency, 503 when one fails."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pmoportal.celery import app


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    states = {
        "database": _get_state(_ask_database),
        "cache": _get_state(_ask_cache),
        "broker": _get_state(_ask_broker),
    }
    is_well = all(state == "ok" for state in states.values())
    return JsonResponse(states | {"version": settings.VERSION}, status=200 if is_well else 503)


def _get_state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
        return type(error).__name__
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    cache.get("healthz")


def _ask_broker() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
