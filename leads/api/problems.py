"""What is wrong with a call, as RFC 9457 has it: a title in English, a detail in the caller's
language, and a code for programs.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext_lazy as _

DETAILS = {
    "bad_cursor": _("The cursor is not one that was given here, or not for this list."),
    "bad_limit": _("“limit” must be a whole number from 1 to 200."),
    "bad_moment": _("“updated_since” must be a moment such as 2026-09-15T07:00:00Z."),
    "bad_parameter": _("There is no parameter of that name, or it is given twice."),
    "no_key": _("Send a valid key: Authorization: Bearer pmo_…"),
    "no_scope": _("This key may not do that."),
    "not_found": _("There is nothing here, or nobody who agrees to be contacted."),
    "only_get": _("Only GET is answered here: the API changes nothing."),
    "too_many": _("Too many calls. Wait as long as Retry-After says."),
}


class Problem(Exception):
    """Ends a call. `code` is a key of DETAILS."""

    def __init__(self, status: int, code: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, dict(headers or {})


def answer(problem: Problem) -> JsonResponse:
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(DETAILS[problem.code]),
    }
    return JsonResponse(
        said,
        status=problem.status,
        headers=problem.headers,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
