"""Small things Django leaves to the site: who calls, in which language, in whose frame."""

import logging
import re
from collections.abc import Callable
from typing import cast

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailWebhookValidationFailure,
)
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from pmoportal.limits import TooMany, read_address

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

WEBHOOKS = "/webhooks/"
# What reading somebody's JSON raises when it is not what was agreed.
NONSENSE = (
    AnymailAPIError,
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
EMBEDDABLE = re.compile(r"^(/en)?/test/")


def client_address(get_response: GetResponse) -> GetResponse:
    """Behind N trusted proxies the caller is the Nth address from the right, else the peer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        hops = settings.TRUSTED_PROXIES
        addresses = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hops and len(addresses) >= hops and (caller := read_address(addresses[-hops])):
            request.META["REMOTE_ADDR"] = caller
        return get_response(request)

    return middleware


class ProvidersReports:
    """Anymail's webhooks are closed without WEBHOOK_SECRET, and a report that makes no sense is
    refused and not an error of ours. What fails in our own rows stays a 500: providers call again.
    A provider whose settings are not here is nobody to us.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(WEBHOOKS) and not settings.WEBHOOK_SECRET:
            return HttpResponse(status=404)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path_info.startswith(WEBHOOKS) or isinstance(error, DatabaseError):
            return None
        if isinstance(error, AnymailConfigurationError):
            logger.warning("a report from a provider that is not set up", exc_info=error)
            return HttpResponse(status=404)
        if isinstance(error, AnymailWebhookValidationFailure):
            return None  # Django answers it with 400
        if isinstance(error, NONSENSE):
            logger.warning("a provider's report made no sense", exc_info=error)
            return HttpResponse(status=400)
        return None


class TooManyPage:
    """Answer limits.TooMany with a page a person understands."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, TooMany):
            return render(request, "429.html", status=429)
        return None


def admin_language(get_response: GetResponse) -> GetResponse:
    """Pages without a language prefix are Swedish, but the admin speaks the browser's language.

    Must come after LocaleMiddleware.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/admin/"):
            language = translation.get_language_from_request(request)
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return get_response(request)

    return middleware


def embedding(get_response: GetResponse) -> GetResponse:
    """The pages of the test may stand in frames on EMBED_ORIGINS; no other page in any.

    Must come inside (after) CSPMiddleware and XFrameOptionsMiddleware.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if settings.EMBED_ORIGINS and EMBEDDABLE.match(request.path_info):
            marks = cast("dict[str, object]", response.__dict__)
            marks["xframe_options_exempt"] = True
            marks["_csp_replace"] = {"frame-ancestors": settings.EMBED_ORIGINS}
        return response

    return middleware
