"""What the admin pages of every app share: history that nobody edits, languages side by side,
a mail shut in a frame, and what differs between two documents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from modeltranslation.admin import TranslationBaseModelAdmin

LANGUAGES = ("sv", "en")
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"
)
LONGEST_SHOWN = 90


@dataclass(frozen=True, kw_only=True)
class Change:
    """One place in which two documents differ; empty where it is missing."""

    place: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a draft cannot be published, in words: where, a link to that place, and what."""

    place: str
    url: str
    sentence: str


class History(admin.ModelAdmin):
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


class Bilingual(TranslationBaseModelAdmin):
    """Names each language in the label; `pair` puts the languages beside each other."""

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        original = getattr(db_field, "translated_field", None)
        if field is not None and original is not None:
            language = get_language_info(db_field.language)["name_translated"]  # type: ignore[attr-defined]
            field.label = f"{capfirst(original.verbose_name)} · {language}"
            field.widget.attrs["lang"] = db_field.language  # type: ignore[attr-defined]
        return field


class Published(admin.ModelAdmin):
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
            "title": _("Publish"),
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
            self.message_user(request, _("Not published. See what is in the way."), messages.ERROR)
            return False
        is_new = version.published_at >= started
        sentence = _("Version %(number)d is published.") if is_new else _(
            "Nothing has changed since version %(number)d, so it stays in force."
        )
        sentence %= {"number": version.number}
        self.log_change(request, draft, sentence)
        self.message_user(request, sentence, messages.SUCCESS if is_new else messages.INFO)
        return True


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


def get_changes(old: Any, new: Any, place: str = "") -> Iterator[Change]:
    """Where `new` differs from `old`, with the dotted place of each difference."""
    if old == new:
        return
    if isinstance(old, list) and isinstance(new, list):
        yield from _get_list_changes(old, new, place)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from get_changes(old.get(key), new.get(key), f"{place}.{key}".lstrip("."))
    else:
        yield Change(place=place, old=_show(old), new=_show(new))


def _get_list_changes(old: list[Any], new: list[Any], place: str) -> Iterator[Change]:
    keyed = [{each.get("key"): each for each in rows if isinstance(each, Mapping)} for rows in (old, new)]
    before, after = keyed
    if len(before) != len(old) or len(after) != len(new):
        yield Change(place=place, old=_show(old), new=_show(new))
        return
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(place=place, old=", ".join(before), new=", ".join(after))
    yield from get_changes(before, after, place)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        value = value.get("key", "…")
    elif isinstance(value, list):
        value = ", ".join(map(str, value)) or "–"
    return Truncator(str(value)).chars(LONGEST_SHOWN)
