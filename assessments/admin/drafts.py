"""The test as the marketer edits it: article, verdicts, roles and questions."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import (
    TranslationAdmin,
    TranslationStackedInline,
    TranslationTabularInline,
)

from assessments import document, publishing
from assessments.admin.pace import Paced
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
from pmoportal.cockpit import Bilingual, Fault, Published, Table, get_mark, pair
from pmoportal.differences import get_changes

ARTICLE: list[Any] = [pair(f"article_{name}") for name in document.ARTICLE_TEXTS]


class VerdictInline(Bilingual, TranslationStackedInline):
    model = VerdictText
    extra = 0
    max_num = len(document.TIERS)
    classes = ["collapse"]
    fieldsets = [(None, {"fields": ["tier", pair("title"), pair("text")]})]


@admin.register(Assessment)
class AssessmentAdmin(Bilingual, Paced, Published, TranslationAdmin):
    """Article and verdicts here; each role and each question on a page of its own."""

    inlines = [VerdictInline]
    list_display = ("title", "key", "newest", "roles_count", "questions_count")
    change_form_template = "admin/assessments/assessment.html"
    fieldsets = [
        (None, {"fields": [pair("title"), ("developing_from", "strong_from")]}),
        (_("Article on the front page"), {"fields": ARTICLE, "classes": ["collapse"]}),
        (_("Technical"), {"fields": ["key"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        counts = {name: Count(name, distinct=True) for name in ("versions", "roles", "questions")}
        return super().get_queryset(request).annotate(**{f"{k}_n": v for k, v in counts.items()})

    @admin.display(description=_("published"))
    def newest(self, row: Any) -> SafeString:
        if not row.versions_n:
            return get_mark("warn", gettext("not yet"))
        return get_mark("good", gettext("version %(number)d") % {"number": row.versions_n})

    @admin.display(description=_("roles"))
    def roles_count(self, row: Any) -> int:
        return row.roles_n

    @admin.display(description=_("questions"))
    def questions_count(self, row: Any) -> int:
        return row.questions_n

    def get_page(self, request: HttpRequest, row: Assessment) -> dict[str, Any]:
        newest = publishing.get_published(key=row.key)
        draft = publishing.build_document(assessment=row)
        questions = row.questions.order_by("position", "pk").prefetch_related("weights__role")
        return {
            "newest": newest,
            "is_changed": newest is not None and newest.document != draft,
            "roles": row.roles.order_by("position", "pk"),
            "scored": [each for each in questions if not each.background],
            "background": [each for each in questions if each.background],
        }

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
                gettext("every text in Swedish and English"),
            ],
            "consequence": gettext(
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
                sentence=describe_problem(problem.code),
            )
        )
    return faults


class Part(Bilingual, TranslationAdmin):
    """A page that is reached from its test, not from the menu."""

    change_form_template = "admin/assessments/part.html"
    list_select_related = ("assessment",)
    ordering = ("assessment", "position", "pk")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **kwargs, label=_("Test"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new part comes last."""
        initial = super().get_changeform_initial_data(request)
        siblings = self.model._default_manager.filter(assessment=initial.get("assessment"))  # noqa: SLF001
        return {"position": siblings.count() + 1, **initial}

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._go_to_the_test(obj)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return self._go_to_the_test(obj)

    def _go_to_the_test(self, obj: Any) -> HttpResponseRedirect:
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


class RoleChoice(ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class WeightInline(Table):
    model = Weight

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, labels={"role": _("Role")}, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs |= {
                "queryset": Role.objects.order_by("position", "pk"),
                "form_class": RoleChoice,
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ChoiceInline(Table, Bilingual, TranslationTabularInline):
    model = Choice
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
            _("As a signal in the article"),
            {"fields": [pair("signal"), pair("signal_text")], "classes": ["signal"]},
        ),
    ]
