"""What people have allowed, in what words, and whom we must not write to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns import mime
from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Suppression,
)
from campaigns.permission import get_subject_key
from pmoportal.cockpit import History, get_mark

MARKS = {Consent.State.CONFIRMED: "good", Consent.State.WITHDRAWN: "warn"}


@admin.register(ConsentWording)
class ConsentWordingAdmin(History):
    """New words are a new row, in force at once; what people said yes to is never rewritten."""

    list_display = ("purpose", "language", "text", "created_at")
    list_filter = ("purpose", "language")
    ordering = ("purpose", "language", "-created_at", "-pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.add_consentwording")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["purpose", "language", "text", *(["created_at"] if obj else [])]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "language":
            languages = [("sv", _("Swedish")), ("en", _("English"))]
            return forms.ChoiceField(choices=languages, label=_("Language"))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Consent)
class ConsentAdmin(History):
    list_display = ("respondent", "purpose", "mark", "asked_at", "confirmed_at", "withdrawn_at")
    list_select_related = ("respondent",)
    list_filter = ("purpose", "state")
    search_fields = ("respondent__email",)
    ordering = ("-asked_at", "-pk")

    @admin.display(description=_("state"), ordering="state")
    def mark(self, consent: Consent) -> SafeString:
        kind = MARKS.get(Consent.State(consent.state), "plain")
        return get_mark(kind, consent.get_state_display())


@admin.register(ConsentEvent)
class ConsentEventAdmin(History):
    list_display = ("happened_at", "purpose", "kind", "source", "wording", "subject")
    list_select_related = ("wording",)
    list_filter = ("purpose", "kind", ("happened_at", admin.DateFieldListFilter))
    search_fields = ("=subject_key",)
    ordering = ("-happened_at", "-pk")

    @admin.display(description=_("hash of the address"))
    def subject(self, event: ConsentEvent) -> str:
        return event.subject_key[:12]


@admin.register(ConsentOrigin)
class ConsentOriginAdmin(History):
    list_display = ("respondent", "name", "language", "path", "ip", "asked_at", "confirmed_at")
    list_select_related = ("respondent",)
    list_filter = ("language", ("asked_at", admin.DateFieldListFilter))
    search_fields = ("respondent__email",)
    ordering = ("-asked_at", "-pk")

    @admin.display(description=_("first name"))
    def name(self, origin: ConsentOrigin) -> str:
        return mime.clean_subject(origin.first_name) or "–"


@admin.register(Suppression)
class SuppressionAdmin(History):
    """To delete one is to lift it: the address may then be written to, if its owner consents."""

    list_display = ("subject", "reason", "created_at")
    list_filter = ("reason",)
    search_fields = ("=subject_key",)
    search_help_text = _("The whole keyed hash, or the address it was made from.")
    ordering = ("-created_at", "pk")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("campaigns.delete_suppression")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        if "@" in search_term:
            search_term = get_subject_key(search_term.strip())
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("hash of the address"), ordering="subject_key")
    def subject(self, suppression: Suppression) -> str:
        return suppression.subject_key[:12]
