"""How the test goes: who finishes, where people stop, how long each question takes."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from assessments.overview import Paces, get_paces
from pmoportal.cockpit import Page

MONTHS_BACK = timedelta(days=62)  # this month and the two before it
FEW = 20  # below that a percentage says little
PROMISED_SECONDS = 240


class Paced(Page):
    """Adds the page to a test's own pages."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pace_view)
        name = "assessments_assessment_pace"
        return [path("<path:object_id>/pace/", view, name=name), *super().get_urls()]

    def pace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        assessment = self.get_object(request, object_id)
        if not self.has_view_permission(request, assessment):
            raise PermissionDenied
        if assessment is None:
            raise Http404
        since = timezone.localdate() - MONTHS_BACK
        paces = get_paces(assessment=assessment, since=since)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("How the test goes"),
            "opts": self.opts,
            "original": assessment,
            "paces": paces,
            "since": since.replace(day=1),
            **(_read(paces) if paces else {}),
        }
        return TemplateResponse(request, "admin/assessments/pace.html", context)


def _read(paces: Paces) -> dict[str, Any]:
    slowest = max((each.seconds or 0 for each in paces.questions), default=0)
    return {
        "is_few": paces.started < FEW,
        "is_slow": (paces.seconds or 0) > PROMISED_SECONDS,
        "minutes": _format(paces.seconds),
        "lines": [
            {
                "pace": each,
                "seconds": None if each.seconds is None else round(each.seconds),
                "share": round(100 * (each.seconds or 0) / slowest) if slowest else 0,
            }
            for each in paces.questions
        ],
    }


def _format(seconds: float | None) -> str:
    """Minutes and seconds, as on a stopwatch."""
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
