"""Whoever is refused at a page of the leads leaves a row that says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import refusing

GetResponse = Callable[[HttpRequest], HttpResponse]


def refusals(get_response: GetResponse) -> GetResponse:
    """Must come inside AuthenticationMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        found = request.resolver_match
        page = (found.url_name if found else None) or ""
        is_refused = response.status_code == 403 and page.startswith("leads_")
        if found and is_refused and request.user.is_authenticated:
            refusing.record(
                user_id=request.user.pk,
                page=f"{request.method} {page}",
                lead_id=_get_lead_id(page, found.kwargs),
                now=timezone.now(),
            )
        return response

    return middleware


def _get_lead_id(page: str, arguments: dict[str, object]) -> int | None:
    if not page.startswith("leads_lead_"):
        return None
    asked = str(arguments.get("object_id", arguments.get("lead_id", "")))
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
