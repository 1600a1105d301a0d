"""What every call goes through: a valid key that may do this, not too often; and what every
answer has: no copy kept, a tag to ask again by, and problems as JSON.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from leads import keys
from leads.api import problems
from leads.api.problems import Problem
from leads.models import Token
from pmoportal import limits

MINUTE = 60
REFUSED_PER_MINUTE = 60  # wrong keys from one address

View = Callable[..., Mapping[str, Any]]


def calling(*, scope: str = "") -> Callable[[View], Callable[..., HttpResponse]]:
    """Make an answer of a view that takes request and token and returns what is said."""

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def call(request: HttpRequest, **arguments: Any) -> HttpResponse:
            token = _let_in(request, scope)
            return JsonResponse(
                view(request, token, **arguments), json_dumps_params={"ensure_ascii": False}
            )

        return answering(call)

    return decorate


def answering(call: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer GET and HEAD in the caller's language, and everything else with a problem."""

    @csrf_exempt  # nothing here changes anything, and POST gets a 405 that programs can read
    @wraps(call)
    def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
        with translation.override(_get_language(request)):
            try:
                _check_method(request)
                answer = _tag(request, call(request, **arguments))
            except Problem as problem:
                answer = problems.answer(problem)
        answer["Cache-Control"] = "no-store"
        patch_vary_headers(answer, ["Authorization", "Accept-Language"])
        return answer

    return view


def _check_method(request: HttpRequest) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise Problem(405, "only_get", headers={"Allow": "GET, HEAD"})


def _let_in(request: HttpRequest, scope: str) -> Token:
    now = timezone.now()
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    token = keys.find(key=key.strip(), now=now) if kind.lower() == "bearer" else None
    if token is None:
        if limits.is_over(request, "api-refused", limit=REFUSED_PER_MINUTE, seconds=MINUTE):
            raise _get_too_many()
        raise Problem(401, "no_key", headers={"WWW-Authenticate": "Bearer"})
    if limits.is_spent(f"api:{token.pk}", limit=settings.API_PER_MINUTE, seconds=MINUTE):
        raise _get_too_many()
    if scope and scope not in token.scopes:
        raise Problem(403, "no_scope")
    keys.note_use(token=token, now=now)
    return token


def _get_too_many() -> Problem:
    wait = limits.get_wait(seconds=MINUTE)
    return Problem(429, "too_many", headers={"Retry-After": str(wait)})


def _get_language(request: HttpRequest) -> str:
    """English unless another one is asked for: a program speaks no Swedish by itself."""
    if "Accept-Language" not in request.headers:
        return "en"
    return translation.get_language_from_request(request)


def _tag(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    tag = f'"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
    known = {
        each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))
    }
    if known & {tag, "*"}:
        answer = HttpResponseNotModified()
    answer["ETag"] = tag
    return answer
