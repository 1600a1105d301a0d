"""Tips: written once, used by every campaign with a tip step."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.widgets import Script
from django.http import Http404, HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin

from assessments import overview
from campaigns import drafts, figures, placeholders
from campaigns.admin import previews
from campaigns.admin.forms import TEXTS, TipForm, list_placeholders
from campaigns.models import Tip
from pmoportal.cockpit import Bilingual, Page, get_mark
from pmoportal.remembering import remember

KEPT_SECONDS = 60  # counting a million mails takes a second


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role_key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [pair for each in overview.get_roles().values() for pair in each.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        return queryset.filter(role_key=self.value()) if self.value() else queryset


class TagFilter(admin.SimpleListFilter):
    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tags = {each for own in Tip.objects.values_list("tags", flat=True) for each in own}
        return [(each, each) for each in sorted(tags)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


@admin.register(Tip)
class TipAdmin(Bilingual, Page, TranslationAdmin):
    class Media:
        js = (Script("editor.js", defer=True),)

    form = TipForm
    list_filter = (RoleFilter, "tier", TagFilter, "is_active")
    search_fields = ("subject_sv", "subject_en", "body_sv", "body_en")
    ordering = ("role_key", "tier", "position", "pk")
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        names = {key: name for each in overview.get_roles().values() for key, name in each.items()}

        @admin.display(description=_("role"), ordering="role_key")
        def role(tip: Tip) -> str:
            return names.get(tip.role_key, tip.role_key)

        usage = get_usage()

        @admin.display(description=_("sent"))
        def sent(tip: Tip) -> str:
            used = usage.get(tip.key, Counter())
            return format_html(
                '{}<span class="under">{}</span>', used[figures.SENT], describe_followers(used)
            )

        return [
            "subject",
            role,
            "tier",
            "languages",
            "is_active",
            sent,
            "preview_link",
        ]

    @admin.display(description=_("languages"))
    def languages(self, tip: Tip) -> SafeString:
        missing = [
            language
            for language in drafts.LANGUAGES
            if not all(drafts.get_texts(tip, part)[language] for part in drafts.PARTS)
        ]
        if missing:
            return get_mark(
                "warn", gettext("missing: %(languages)s") % {"languages": ", ".join(missing)}
            )
        return get_mark("plain", "sv · en")

    @admin.display(description=_("preview"))
    def preview_link(self, tip: Tip) -> SafeString:
        url = reverse("admin:campaigns_tip_preview", args=[tip.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Preview"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            (None, {"fields": [("role_key", "tier"), ("position", "is_active"), "tags"]}),
            (
                _("The mail's text"),
                {
                    "classes": ["texts"],
                    "fields": TEXTS,
                    "description": list_placeholders(placeholders.TIP_VARIABLES, kind="tip"),
                },
            ),
            (_("Technical"), {"fields": ["key"], "classes": ["collapse"]}),
        ]

    def get_page(self, request: HttpRequest, row: Tip) -> dict[str, Any]:
        usage = get_usage().get(row.key, Counter())
        return {
            "sent": usage[figures.SENT],
            "followers": describe_followers(usage),
            "users": figures.get_users_of_tip(role_key=row.role_key),
        }

    def get_urls(self) -> list[URLPattern]:
        own = previews.build_urls(
            self, name="campaigns_tip", page="<int:tip_id>/", find=self._get_tip
        )
        return [*own, *super().get_urls()]

    def _get_tip(self, request: HttpRequest, tip_id: int) -> Tip:
        if not self.has_view_permission(request):
            raise PermissionDenied
        tip = Tip.objects.filter(pk=tip_id).first()
        if tip is None:
            raise Http404
        return tip


def describe_followers(usage: Counter[str]) -> str:
    """How many followed a link, of those whose mail was measured; empty where none was."""
    if not usage[figures.MEASURED]:
        return ""
    return gettext("%(count)d of %(of)d followed a link") % {
        "count": usage["clicked_human"],
        "of": usage[figures.MEASURED],
    }


def get_usage() -> dict[str, Counter[str]]:
    """What was sent and followed of each tip, by its key; at most a minute old."""
    return remember("tip-usage", figures.count_tips, seconds=KEPT_SECONDS)
