"""What came in: frozen versions, people, and what they answered. Nothing here can be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from assessments import document
from assessments.models import AssessmentVersion, Respondent, Response
from pmoportal.cockpit import History, Versions


@admin.register(AssessmentVersion)
class AssessmentVersionAdmin(Versions):
    draft = "assessment"

    @admin.display(description=lazy("assessment"), ordering="assessment__key")
    def name(self, version: AssessmentVersion) -> str:
        return version.assessment.title


@admin.register(Respondent)
class RespondentAdmin(History):
    list_display = ("email", "first_name", "language", "created_at")
    list_filter = ("language", ("created_at", admin.DateFieldListFilter))
    search_fields = ("email", "first_name")
    ordering = ("-created_at", "-pk")


@admin.register(Response)
class ResponseAdmin(History):
    list_display = ("started_at", "completed_at", "points", "person", "language", "edition")
    list_filter = ("language", ("started_at", admin.DateFieldListFilter))
    search_fields = ("respondent__email",)
    ordering = ("-started_at", "-pk")
    change_form_template = "admin/assessments/response.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Response]:
        rows = super().get_queryset(request).select_related("respondent", "version__assessment")
        return rows.defer("version__document")

    @admin.display(description=lazy("result"))
    def points(self, response: Response) -> str:
        points = response.result["overall"]["points"] if response.result else None
        return "–" if points is None else str(points)

    @admin.display(description=lazy("person"))
    def person(self, response: Response) -> str:
        return response.respondent.email if response.respondent else _("anonymous")

    @admin.display(description=lazy("version"))
    def edition(self, response: Response) -> str:
        return str(response.version)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        response = kwargs["obj"]
        texts = document.localise(response.document, response.language)
        chosen = dict(response.answers.values_list("question_key", "choice_key"))
        context["taken"] = response
        context["person"] = self.person(response)
        context["answers"] = [
            (question["text"], choice["label"])
            for question in texts["questions"]
            for choice in question["choices"]
            if chosen.get(question["key"]) == choice["key"]
        ]
        scores = (response.result or {}).get("roles", {})
        context["scores"] = [
            (role["name"], scores[role["key"]]["points"])
            for role in texts["roles"]
            if role["key"] in scores
        ]
        return super().render_change_form(request, context, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return []
