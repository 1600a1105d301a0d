"""What the admin pages of every app share: history that nobody edits, drafts that are published,
languages side by side, and a mail shut in a frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, QuerySet, TextField
from django.forms import BaseForm, BaseInlineFormSet, CharField, CheckboxInput, ChoiceField
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationBaseModelAdmin

from pmoportal.differences import Change, get_changes

LANGUAGES = ("sv", "en")
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
)


def offer(form: BaseForm, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """What the field lets one choose, known only when the form is made."""
    field = form.fields[name]
    assert isinstance(field, ChoiceField)
    field.choices = choices


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a draft cannot be published, in words: where, a link to that place, and what."""

    place: str
    url: str
    sentence: str


class Page(admin.ModelAdmin):
    """A change page with more on it than a form: `get_page` brings what its template needs."""

    def get_page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= self.get_page(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)


class History(Page):
    """Rows that only the system writes: looked at, never added, changed or removed here."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Lines(list[Any]):
    """The lines of a fieldset. Django unfolds one that holds an error, but looks for the field
    among the lines and not inside those of several fields, as ours are.
    """

    def __contains__(self, name: object) -> bool:
        return any(name in line if isinstance(line, tuple) else name == line for line in self)


class Text(CharField):
    """Browsers end lines their own way. A text that was only looked at must stay as it was."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class Bilingual(TranslationBaseModelAdmin):
    """Names each language in the label; `pair` puts the languages beside each other."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [
            (name, {**options, "fields": Lines(options["fields"])})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        if isinstance(db_field, TextField):
            kwargs["form_class"] = Text
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        original = getattr(db_field, "translated_field", None)
        if field is not None and original is not None:
            language = get_language_info(db_field.language)["name_translated"]  # type: ignore[attr-defined]
            field.label = f"{capfirst(original.verbose_name)} · {language}"
            field.widget.attrs["lang"] = db_field.language  # type: ignore[attr-defined]
        return field


class Story(History):
    """History whose template is the whole page, without a list of fields."""

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return []


class Versions(Story):
    """Frozen editions of a draft: each says what it changed. `draft` names the foreign key."""

    draft = ""
    change_form_template = "admin/version.html"
    list_display: tuple[str, ...] = ("name", "number", "published_at", "published_by")
    ordering = ("-published_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related(self.draft, "published_by")
        return rows.defer("document")

    @admin.display(description=_("name"))
    def name(self, version: Any) -> str:
        return str(getattr(version, self.draft))

    def describe_changes(self, old: Any, new: Any) -> list[Change]:
        return list(get_changes(old, new))

    def get_page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        siblings = self.model._default_manager.filter(  # noqa: SLF001  # Django's own way
            **{self.draft: getattr(row, self.draft)}
        )
        before = siblings.filter(number=row.number - 1).first()
        return {
            "version": row,
            "name": self.name(row),
            "before": before,
            "changes": self.describe_changes(before.document, row.document) if before else [],
        }


class Published(Page):
    """A draft with frozen versions: a page that says what publishing would change, or what is in
    the way, and a POST that publishes. The app says what that means by the methods below.
    """

    publish_template = "admin/publish.html"

    def publish(self, request: HttpRequest, draft: Any) -> Any:
        """Freeze the draft and return its version; ValueError when something is in the way."""
        raise NotImplementedError

    def get_publish_context(self, request: HttpRequest, draft: Any) -> dict[str, Any]:
        """`faults`, `changes` since the newest version, `newest`, and `facts` in words."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_publish"
        view = self.admin_site.admin_view(self.publish_view)
        return [path("<path:object_id>/publish/", view, name=name), *super().get_urls()]

    def publish_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        draft = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, draft):
            raise PermissionDenied
        if draft is None:
            raise Http404
        page = reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(draft.pk)]
        )
        if request.method == "POST" and self._publish(request, draft):
            return redirect(page)
        context = {
            **self.admin_site.each_context(request),
            **self.get_publish_context(request, draft),
            "title": gettext("Publish"),
            "opts": self.opts,
            "original": draft,
            "page": page,
        }
        return TemplateResponse(request, self.publish_template, context)

    def _publish(self, request: HttpRequest, draft: Any) -> bool:
        started = timezone.now()
        try:
            version = self.publish(request, draft)
        except ValueError:  # the page below shows every problem
            self.message_user(
                request, gettext("Not published. See what is in the way."), messages.ERROR
            )
            return False
        is_new = version.published_at >= started
        sentence = (
            gettext("Version %(number)d is published.")
            if is_new
            else gettext("Nothing has changed since version %(number)d, so it stays in force.")
        )
        sentence %= {"number": version.number}
        self.log_change(request, draft, sentence)
        self.message_user(request, sentence, messages.SUCCESS if is_new else messages.INFO)
        return True


class LabelledRows(BaseInlineFormSet):
    @classmethod
    def get_deletion_widget(cls) -> Any:
        return CheckboxInput(attrs={"aria-label": gettext("Delete")})


class Table(admin.TabularInline):
    """Rows in a table. Its cells have no labels to see, so each field says its name itself."""

    formset = LabelledRows
    extra = 0

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs["aria-label"] = field.label
        return field


def pair(name: str) -> tuple[str, ...]:
    """The field in every language, as one line of a form."""
    return tuple(f"{name}_{language}" for language in LANGUAGES)


def get_mark(kind: str, text: Any) -> SafeString:
    """A small coloured label; `kind` chooses the colour in the theme."""
    return format_html('<span class="mark mark-{}">{}</span>', kind, text)


def build_frame(html: str) -> HttpResponse:
    """A mail's HTML for an iframe: runs nothing, loads nothing, and only our pages may frame it."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = FRAME_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "no-store"
    return response
