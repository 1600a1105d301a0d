"""What came in: frozen versions, people, and what they answered. Nothing here can be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.models import AssessmentVersion, Respondent, Response
from pmoportal.cockpit import History, Story, Versions


@admin.register(AssessmentVersion)
class AssessmentVersionAdmin(Versions):
    draft = "assessment"

    @admin.display(description=_("assessment"), ordering="assessment__key")
    def name(self, version: AssessmentVersion) -> str:
        return version.assessment.title


@admin.register(Respondent)
class RespondentAdmin(History):
    list_display = ("email", "first_name", "language", "created_at")
    list_filter = ("language", ("created_at", admin.DateFieldListFilter))
    search_fields = ("email", "first_name")
    ordering = ("-created_at", "-pk")
    change_form_template = "admin/assessments/respondent.html"


@admin.register(Response)
class ResponseAdmin(Story):
    list_display = ("started_at", "completed_at", "points", "person", "language", "edition")
    list_filter = ("language", ("started_at", admin.DateFieldListFilter))
    search_fields = ("respondent__email",)
    ordering = ("-started_at", "-pk")
    change_form_template = "admin/assessments/response.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Response]:
        rows = super().get_queryset(request).select_related("respondent", "version__assessment")
        return rows.defer("version__document")

    @admin.display(description=_("result"))
    def points(self, response: Response) -> str:
        points = response.result["overall"]["points"] if response.result else None
        return "–" if points is None else str(points)

    @admin.display(description=_("person"))
    def person(self, response: Response) -> str:
        return response.respondent.email if response.respondent else gettext("anonymous")

    @admin.display(description=_("version"))
    def edition(self, response: Response) -> str:
        return str(response.version)

    def get_page(self, request: HttpRequest, row: Response) -> dict[str, Any]:
        texts = row.get_texts(row.language)
        chosen = dict(row.answers.values_list("question_key", "choice_key"))
        scores = (row.result or {}).get("roles", {})
        return {
            "taken": row,
            "person": self.person(row),
            "answers": [
                (question["text"], choice["label"])
                for question in texts["questions"]
                for choice in question["choices"]
                if chosen.get(question["key"]) == choice["key"]
            ],
            "scores": [
                (role["name"], scores[role["key"]]["points"])
                for role in texts["roles"]
                if role["key"] in scores
            ],
        }
