"""The result at its own link: the page, the report, and what one shares with colleagues."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from assessments import comparing, reading, reporting, tokens
from assessments.models import Response
from assessments.views.links import (
    get_page_language,
    get_response,
    read_token,
    redirect_to_result,
)
from pmoportal.limits import TooMany, get_wrong_link, is_over


@never_cache
@require_safe
def result(request: HttpRequest, token: str) -> HttpResponse:
    response = _get_completed(request, token)
    read = reading.read_result(response, get_page_language())
    group = comparing.get_group(response)
    distribution = comparing.get_distribution(assessment_key=read["test"]["key"])
    context = read | {
        "response": response,
        "token": token,
        "link": request.build_absolute_uri(request.path),
        "progress": reading.read_progress(response, read["roles"]),
        "distribution": distribution,
        "comparisons": reading.read_distribution(distribution, read, gettext("Overall")),
        "group": group,
        "mirror": reading.read_mirror(group, read["roles"]),
        "invite_link": group and _get_invite_link(request, read["test"]["key"], group),
    }
    page = render(request, "assessments/result.html", context)
    page["X-Robots-Tag"] = "noindex"
    return page


@never_cache
@require_safe
def report(request: HttpRequest, token: str) -> HttpResponse:
    """The result as a PDF to hand on: no address, no name, no link to the result itself."""
    response = _get_completed(request, token)
    if is_over(request, "report", limit=60, seconds=3600):
        raise TooMany
    read = reading.read_result(response, get_page_language())
    progress = reading.read_progress(response, read["roles"])
    assert response.completed_at is not None
    content = reporting.build_report(
        reading=read,
        progress=progress,
        completed_at=response.completed_at,
        language=get_page_language(),
        site_url=request.build_absolute_uri(reverse("assessments:home")),
    )
    date = timezone.localtime(response.completed_at).date()
    report = gettext("pmo-report")
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{report}-{date}.pdf"',
            "X-Robots-Tag": "noindex",
        },
    )


@csrf_exempt
@never_cache
@require_POST
def group(request: HttpRequest, token: str) -> HttpResponse:
    """Invite colleagues, let one's answer count among theirs, or take it out."""
    response_id = read_token(request, "result", token)
    act = request.POST.get("act")
    if is_over(request, "group", limit=60, seconds=3600):
        raise TooMany
    try:
        if act == "invite":
            comparing.invite(response_id=response_id, now=timezone.now())
        elif act in {"share", "leave"}:
            is_sharing = act == "share"
            comparing.share(response_id=response_id, is_sharing=is_sharing, now=timezone.now())
    except (Response.DoesNotExist, comparing.NotCompleted):
        raise get_wrong_link(request) from None
    return redirect_to_result(response_id, "#colleagues")


def _get_completed(request: HttpRequest, token: str) -> Response:
    response = get_response(request, "result", token)
    if response.result is None:
        raise Http404
    return response


def _get_invite_link(request: HttpRequest, key: str, group: Any) -> str:
    token = tokens.make("invite", group.organisation_id)
    return request.build_absolute_uri(reverse("assessments:start_invited", args=[key, token]))
