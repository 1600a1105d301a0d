"""Marketers' Markdown as safe HTML, and the way to the other language."""

import mistune
import nh3
from django import template
from django.template import Context
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

TAGS = {"p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "br", "blockquote"}

GLYPH = """\
<svg class="glyph" viewBox="-12 -12 24 24" aria-hidden="true" focusable="false">
  <path class="ring" d="M0-11 11 0 0 11-11 0Z"/>
  <path class="part" d="M0-11 5.5-5.5 0 0-5.5-5.5Z" transform="rotate({})"/>
</svg>"""

_markdown = mistune.create_markdown(escape=True)


@register.simple_tag(takes_context=True)
def get_other_language(context: Context) -> dict[str, str]:
    """Code, name and address of this page in the other language; empty where there is none."""
    request = context.get("request")
    path = request.path if request else ""
    language = "sv" if get_language() == "en" else "en"
    there = translate_url(path, language)
    # Addresses without a language may still come back changed: without their optional slash.
    if there.rstrip("/") == path.rstrip("/"):
        return {}
    return {"code": language, "name": {"sv": "Svenska", "en": "English"}[language], "url": there}


@register.simple_tag
def glyph(place: int, count: int) -> SafeString:
    """The sign of a role: the diamond with the corner of its place filled."""
    return format_html(GLYPH, round(360 * place / count))


@register.filter
def markdown(text: str) -> SafeString:
    html = nh3.clean(
        str(_markdown(text)),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
    )
    return mark_safe(html)  # noqa: S308  # cleaned above, against a list of allowed tags
