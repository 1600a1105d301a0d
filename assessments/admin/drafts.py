"""The test as the marketer edits it: article, verdicts, roles and questions."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from modeltranslation.admin import (
    TranslationAdmin,
    TranslationStackedInline,
    TranslationTabularInline,
)

from assessments import document, publishing
from assessments.models import (
    Assessment,
    AssessmentVersion,
    Choice,
    Question,
    Role,
    RoleText,
    VerdictText,
    Weight,
)
from assessments.words import describe_place, describe_problem
from pmoportal.cockpit import Bilingual, Fault, Published, get_mark, pair
from pmoportal.differences import get_changes

ARTICLE = [pair(f"article_{name}") for name in document.ARTICLE_TEXTS]


class VerdictInline(Bilingual, TranslationStackedInline):
    model = VerdictText
    extra = 0
    max_num = len(document.TIERS)
    classes = ["collapse"]
    fieldsets = [(None, {"fields": ["tier", pair("title"), pair("text")]})]


@admin.register(Assessment)
class AssessmentAdmin(Bilingual, Published, TranslationAdmin):
    """Article and verdicts here; each role and each question on a page of its own."""

    inlines = [VerdictInline]
    list_display = ("title", "key", "newest", "roles_count", "questions_count")
    change_form_template = "admin/assessments/assessment.html"
    fieldsets = [
        (None, {"fields": [pair("title"), ("developing_from", "strong_from")]}),
        (lazy("Article on the front page"), {"fields": ARTICLE, "classes": ["collapse"]}),
        (lazy("Technical"), {"fields": ["key"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        counts = {name: Count(name, distinct=True) for name in ("versions", "roles", "questions")}
        return super().get_queryset(request).annotate(**{f"{k}_n": v for k, v in counts.items()})

    @admin.display(description=lazy("published"))
    def newest(self, row: Any) -> SafeString:
        if not row.versions_n:
            return get_mark("warn", _("not yet"))
        return get_mark("good", _("version %(number)d") % {"number": row.versions_n})

    @admin.display(description=lazy("roles"))
    def roles_count(self, row: Any) -> int:
        return row.roles_n

    @admin.display(description=lazy("questions"))
    def questions_count(self, row: Any) -> int:
        return row.questions_n

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None:
            newest = publishing.get_published(key=row.key)
            draft = publishing.build_document(assessment=row)
            context["newest"] = newest
            context["is_changed"] = newest is not None and newest.document != draft
            context["roles"] = row.roles.order_by("position", "pk")
            questions = row.questions.order_by("position", "pk").prefetch_related("weights__role")
            context["scored"] = [each for each in questions if not each.background]
            context["background"] = [each for each in questions if each.background]
        return super().render_change_form(request, context, **kwargs)

    def publish(self, request: HttpRequest, draft: Assessment) -> AssessmentVersion:
        return publishing.publish(assessment=draft, by=request.user, now=timezone.now())  # type: ignore[arg-type]

    def get_publish_context(self, request: HttpRequest, draft: Assessment) -> dict[str, Any]:
        newest = publishing.get_published(key=draft.key)
        written = publishing.build_document(assessment=draft)
        roles, questions = len(written["roles"]), len(written["questions"])
        return {
            "newest": newest,
            "changes": list(get_changes(newest.document, written)) if newest else [],
            "faults": _describe_faults(document.check(written), draft),
            "facts": [
                ngettext("%(n)d role", "%(n)d roles", roles) % {"n": roles},
                ngettext("%(n)d question", "%(n)d questions", questions) % {"n": questions},
                _("every text in Swedish and English"),
            ],
            "consequence": _(
                "Results that exist already stay as they are. New tests use the new version."
            ),
        }


def _describe_faults(problems: tuple[document.Problem, ...], row: Assessment) -> list[Fault]:
    places = {
        **{("roles", each.key): ("role", each.pk, each.name) for each in row.roles.all()},
        **{("questions", each.key): ("question", each.pk, "") for each in row.questions.all()},
    }
    faults = []
    for problem in problems:
        head, _dot, rest = problem.place.partition(".")
        page, pk, name = places.get((head, rest.partition(".")[0]), ("assessment", row.pk, ""))
        faults.append(
            Fault(
                place=describe_place(problem.place, {rest.partition(".")[0]: name} if name else {}),
                url=reverse(f"admin:assessments_{page}_change", args=[pk]),
                sentence=describe_problem(problem),
            )
        )
    return faults


class Part(Bilingual, TranslationAdmin):
    """A page that is reached from its test, not from the menu."""

    change_form_template = "admin/assessments/part.html"
    list_select_related = ("assessment",)
    ordering = ("assessment", "position", "pk")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new part comes last."""
        initial = super().get_changeform_initial_data(request)
        siblings = self.model._default_manager.filter(assessment=initial.get("assessment"))  # noqa: SLF001
        return {"position": siblings.count() + 1, **initial}

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._go_to_the_test(obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._go_to_the_test(obj)

    def _go_to_the_test(self, obj: Any) -> HttpResponse:
        return redirect("admin:assessments_assessment_change", obj.assessment_id)


class RoleTextInline(Bilingual, TranslationStackedInline):
    model = RoleText
    extra = 0
    max_num = len(document.TIERS)
    fieldsets = [(None, {"fields": ["tier", pair("text"), pair("step")]})]


@admin.register(Role)
class RoleAdmin(Part):
    inlines = [RoleTextInline]
    list_display = ("name", "assessment", "position")
    fieldsets = [
        (None, {"fields": [pair("name"), pair("description"), ("position", "key", "assessment")]})
    ]


class WeightInline(admin.TabularInline):
    model = Weight
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs["queryset"] = Role.objects.order_by("position", "pk")
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "role":
            field.label_from_instance = lambda role: role.name
        return field


class ChoiceInline(Bilingual, TranslationTabularInline):
    model = Choice
    extra = 0
    ordering = ("position", "pk")
    fields = ("position", "label", "points", "fit", "key")


@admin.register(Question)
class QuestionAdmin(Part):
    inlines = [WeightInline, ChoiceInline]
    list_display = ("text", "assessment", "background", "position")
    list_filter = ("background",)
    fieldsets = [
        (None, {"fields": [pair("text"), ("position", "background", "key", "assessment")]}),
        (
            lazy("As a signal in the article"),
            {"fields": [pair("signal"), pair("signal_text")], "classes": ["signal"]},
        ),
    ]
