"""What helps while a text is being written: what is wrong with it, and what a careful colleague
would say, before it is saved. Nothing is kept.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from campaigns import advising, drafts, placeholders, rendering
from campaigns.faults import describe_advice, describe_problem
from pmoportal.cockpit import LANGUAGES

NAME = "campaigns_check"
LONGEST = 100_000


def build_urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return [path("check/", model_admin.admin_site.admin_view(check), name=NAME)]


def check(request: HttpRequest) -> HttpResponse:
    """By part of the mail: `faults`, which Publish would refuse, and `advice`."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not any(map(request.user.has_perm, ("campaigns.change_tip", "campaigns.change_campaign"))):
        raise PermissionDenied
    texts = {part: request.POST.get(part, "")[:LONGEST] for part in drafts.PARTS}
    language = request.POST.get("language", "")
    if language not in LANGUAGES:
        language = LANGUAGES[0]
    is_tip = request.POST.get("kind") == "tip"
    return JsonResponse(judge(texts, language=language, is_tip=is_tip))


def judge(texts: Mapping[str, str], *, language: str, is_tip: bool) -> dict[str, Any]:
    allowed = placeholders.TIP_VARIABLES if is_tip else placeholders.CAMPAIGN_VARIABLES
    said: dict[str, dict[str, list[str]]] = {
        part: {"faults": [], "advice": []} for part in drafts.PARTS
    }
    for problem in rendering.check_mail(**texts, allowed=allowed):
        if problem.code != "empty":  # nothing is written yet
            said[problem.place]["faults"].append(describe_problem(problem))
    for each in advising.advise(**texts, language=language, is_tip=is_tip):
        if texts[each.part].strip():
            words = describe_advice(each.code, name=each.name, figure=each.figure)
            said[each.part]["advice"].append(words)
    return said
