"""From the address of a page to the rows behind it, and to the words on it."""

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from assessments import publishing, tokens
from assessments.models import AssessmentVersion, Response, get_texts
from pmoportal.limits import get_wrong_link


def get_version(key: str) -> AssessmentVersion:
    """The newest edition, without its document: that is read once per process."""
    version = publishing.get_published(key=key, columns=["pk"])
    if version is None:
        raise Http404
    return version


def get_test(version: AssessmentVersion) -> dict[str, Any]:
    """The test's document in the page's language."""
    return get_texts(version.pk, get_page_language())


def read_token(request: HttpRequest, purpose: tokens.Purpose, token: str) -> uuid.UUID:
    """Raises Http404 for a damaged or forged link, and refuses those who keep guessing."""
    found = tokens.read(purpose, token)
    if found is None:
        raise get_wrong_link(request)
    return found


def get_response(request: HttpRequest, purpose: tokens.Purpose, token: str) -> Response:
    """Raises as `read_token` does, also when the sitting has been forgotten."""
    response = Response.objects.filter(pk=read_token(request, purpose, token)).first()
    if response is None:
        raise get_wrong_link(request)
    return response


def redirect_to_result(response_id: uuid.UUID, fragment: str = "") -> HttpResponse:
    to_result = redirect("assessments:result", tokens.make("result", response_id))
    to_result["Location"] += fragment
    return to_result


def get_page_language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
