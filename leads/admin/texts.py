"""What consultants start from: questions to open a talk with, reasons for an ending."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from assessments import overview
from leads.models import ClosingReason, OpeningQuestion
from pmoportal.cockpit import Bilingual, pair


@admin.register(OpeningQuestion)
class OpeningQuestionAdmin(Bilingual, TranslationAdmin):
    fieldsets = [(None, {"fields": [("role_key", "tier"), pair("text")]})]
    list_filter = ("tier",)
    search_fields = ("text_sv", "text_en")
    ordering = ("role_key", "tier")
    show_facets = admin.ShowFacets.NEVER

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        names = {key: name for each in overview.get_roles().values() for key, name in each.items()}

        @admin.display(description=_("role"), ordering="role_key")
        def role(question: OpeningQuestion) -> str:
            return names.get(question.role_key, question.role_key)

        return ["text", role, "tier"]


@admin.register(ClosingReason)
class ClosingReasonAdmin(Bilingual, TranslationAdmin):
    fieldsets = [
        (None, {"fields": [("ending", "position", "is_active"), pair("name")]}),
        (_("Technical"), {"fields": ["key"], "classes": ["collapse"]}),
    ]
    prepopulated_fields = {"key": ("name_sv",)}
    list_display = ("name", "ending", "position", "is_active")
    list_filter = ("ending", "is_active")
    ordering = ("ending", "position", "pk")
    show_facets = admin.ShowFacets.NEVER
