"""From an author's words to a mail: what survives, what is refused, what the layout adds."""

import re
from contextlib import suppress
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns import mime, rendering
from campaigns.placeholders import (
    ALL_VARIABLES,
    TIP_VARIABLES,
    PlaceholderError,
    Variable,
    parse,
)
from campaigns.rendering import Compiled, check_mail, compile_mail, render
from campaigns.rendering.layout import Layout

VALUES = {name: f"<{name}> & co" for name, each in ALL_VARIABLES.items() if each.kind == "text"} | {
    name: f"https://example.com/{name}/?a=1&b=2"
    for name, each in ALL_VARIABLES.items()
    if each.kind == "url"
}
SCORES = {"role_1_score": "28", "role_2_score": "0", "role_3_score": "100", "role_4_score": ""}
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
LANGUAGES = ("sv", "en")


def make(
    body: str = "Hej {{ first_name | du }}",
    *,
    subject: str = "Ämne",
    preview: str = "Kort",
    layout: Layout = "campaign",
    language: str = "sv",
) -> Compiled:
    return compile_mail(
        subject=subject, preview=preview, body=body, layout=layout, language=language
    )


def get_problems(
    *, subject: str = "Ämne", preview: str = "Kort", body: str = "Hej"
) -> list[tuple[str, int, str, str]]:
    problems = check_mail(subject=subject, preview=preview, body=body, allowed=TIP_VARIABLES)
    return [(each.place, each.line, each.code, each.name) for each in problems]


def test_check_mail_names_the_place_of_every_problem() -> None:
    assert get_problems(
        subject="{{ fist_name | du }}",
        preview="a\nb",
        body="Hej\n{{ verdict }}\n![bild](https://example.com/a.png)",
    ) == [
        ("subject", 1, "unknown_variable", "fist_name"),
        ("preview", 1, "line_break", ""),
        ("body", 2, "missing_fallback", "verdict"),
    ]


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({"subject": ""}, ("subject", "empty")),
        ({"subject": " \t"}, ("subject", "empty")),
        ({"subject": "a\r\nBcc: b@example.com"}, ("subject", "line_break")),
        ({"subject": "a\u2028b"}, ("subject", "line_break")),
        ({"subject": "x" * 5000}, ("subject", "too_long")),
        ({"preview": ""}, ("preview", "empty")),
        ({"body": "\n"}, ("body", "empty")),
        ({"body": "![bild](https://example.com/a.png)"}, ("body", "image")),
        ({"body": "{% load x %}"}, ("body", "tag")),
    ],
)
def test_check_mail_refuses(texts: dict[str, str], problem: tuple[str, str]) -> None:
    found = get_problems(**texts)

    assert problem in [(place, code) for place, _, code, _ in found]
    with pytest.raises(PlaceholderError):
        make(**{"body": "Hej", **texts})  # type: ignore[arg-type]


def test_compile_mail_refuses_a_placeholder_that_nobody_would_see() -> None:
    with pytest.raises(PlaceholderError) as refused:
        make('Hej\n\n[a](https://example.com "{{ first_name | du }}")')

    assert [(each.line, each.code) for each in refused.value.problems] == [(3, "lost")]


def test_compile_mail_refuses_a_page_that_mail_clients_would_cut() -> None:
    with pytest.raises(PlaceholderError) as refused:
        make("ett ord till\n\n" * 3000)

    assert [(each.place, each.code) for each in refused.value.problems] == [("body", "too_long")]


def test_compile_mail_accepts_other_variables_for_other_mail() -> None:
    allowed = {"lead_url": Variable(name="lead_url", optional=False, kind="url")}
    compiled = compile_mail(
        subject="Ny",
        preview="Ny",
        body="[Öppna]({{ lead_url }})",
        layout="system",
        language="sv",
        allowed=allowed,
    )

    assert 'href="{{ lead_url }}"' in compiled.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_mail_says_who_sends_it_and_how_to_stop(layout: Layout, language: str) -> None:
    compiled = make(layout=layout, language=language)

    for part in (compiled.text, compiled.html):
        assert "{{ sender_name }}" in part
        assert "{{ postal_address }}" in part
        assert ("{{ unsubscribe_url }}" in part) == (layout in {"campaign", "result", "tip"})
        is_for_staff = layout in {"staff", "digest"}
        assert ("{{ preferences_url }}" in part) == (layout != "system" and not is_for_staff)
        assert ("{{ choices_url }}" in part) == is_for_staff
        assert ("role_1_score" in part) == (layout == "result")


def test_scores_stand_at_the_authors_first_break_and_else_last() -> None:
    marked = make("Hej\n\n---\n\nResten", layout="result")
    plain = make("Hej\n\nResten", layout="result")

    for part in ("text", "html"):
        one, other = getattr(marked, part), getattr(plain, part)
        assert one.index("Hej") < one.index("role_1_name") < one.index("Resten")
        assert other.index("Resten") < other.index("role_1_name")


def test_scores_are_shown_as_numbers_and_bars() -> None:
    rendered = render(compiled=make(layout="result"), values=VALUES | SCORES | {"role_4_label": ""})

    assert re.findall(r'class="full" [^>]*?width: (\d+)%', rendered.html) == ["28", "0", "100", "0"]
    assert "<role_1_name> & co: 28 (<role_1_label> & co)\n" in rendered.text
    assert "<role_4_name> & co: – (För få svar)\n" in rendered.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_html_is_whole_small_and_loads_nothing(layout: Layout, language: str) -> None:
    body = "Hej\n\n---\n\n- a\n\n[x]({{ result_url }})"
    rendered = render(compiled=make(body, layout=layout, language=language), values=VALUES)
    reader = _Balance()
    reader.feed(rendered.html)

    assert reader.open == []
    assert reader.unknown == set()
    assert reader.loaded == []
    assert f'lang="{language}"' in rendered.html
    assert len(rendered.html.encode()) < 60_000
    assert "url(" not in rendered.html.replace("_url/", "")
    assert 'name="color-scheme" content="light dark"' in rendered.html


def test_layout_stands_on_tables_alone_and_programs_read_them_as_layout() -> None:
    page = make("Hej\n\n---\n\nHej", layout="result").html
    assert re.findall(r"(?:flex|grid|position|float)\s*:", page) == []
    assert re.findall(r"<table(?![^>]*role=\"presentation\")", page) == []


def test_every_colour_of_the_dark_finds_what_it_is_for() -> None:
    page = make("# Hej\n\n---\n\nHej", layout="result").html
    dark = page.partition("@media (prefers-color-scheme: dark)")[2].partition("</style>")[0]
    meant = set(re.findall(r"\.([a-z]+)", dark))
    worn = {each for names in re.findall(r'class="([^"]*)"', page) for each in names.split()}
    assert len(meant) > 8
    # Only a link that is alone is a button, and only a tip asks for an answer.
    assert meant - worn == {"button", "ask"}


def test_layout_uses_only_tags_that_mjml_knows() -> None:
    source = Path(settings.BASE_DIR, "templates/email/layout.mjml").read_text()
    # fmt: off
    known = {
        "mjml", "mj-head", "mj-title", "mj-preview", "mj-raw", "mj-breakpoint", "mj-attributes",
        "mj-all", "mj-style", "mj-body", "mj-section", "mj-column", "mj-text",
        "mj-spacer",
    }
    # fmt: on

    assert set(re.findall(r"<(mj[\w-]*)", source)) <= known
    # An unknown tag would pass through silently.
    assert "<mj" not in make(layout="result").html


def test_preview_text_is_first_and_hidden() -> None:
    page = make(preview="Kort om {{ first_name | dig }} & mig").html
    hidden = re.search(r'<body[^>]*><div style="display:none[^>]*>([^<]*)</div>', page)

    assert hidden
    assert hidden[1] == "Kort om {{ first_name | dig }} &amp; mig"


def test_values_are_escaped_in_html_only() -> None:
    rendered = render(compiled=make(subject="Hej {{ first_name | du }}"), values=VALUES)

    assert rendered.subject == "Hej <first_name> & co"
    assert "Hej <first_name> & co\n" in rendered.text
    assert "Hej &lt;first_name&gt; &amp; co</p>" in rendered.html
    assert "<first_name>" not in rendered.html


def test_render_takes_fallbacks_and_names_a_missing_value() -> None:
    values = {name: value for name, value in VALUES.items() if name != "first_name"}

    assert render(compiled=make(), values=values).text.startswith("Hej du\n")
    with pytest.raises(KeyError, match="result_url"):
        render(compiled=make("{{ result_url }}"), values=values | {"result_url": ""})


def test_render_refuses_a_dangerous_link_value() -> None:
    with pytest.raises(ValueError, match="result_url"):
        render(compiled=make(), values=VALUES | {"result_url": "javascript:alert(1)"})


def test_compiled_parts_can_be_parsed_again() -> None:
    compiled = make(
        r"{ {{ first_name | du }} }\} {\{ {**{{ first_name | du }}** {\%", layout="result"
    )

    for part in (compiled.subject, compiled.text, compiled.html):
        assert (
            "".join(getattr(each, "text", None) or str(each) for each in parse(text=part)) == part
        )


def test_digest_names_the_content() -> None:
    assert make("a").digest == make("a").digest
    assert make("a").digest != make("b").digest
    assert len(make("a").digest) == 64


hostile = st.text(st.sampled_from("\r\n .<>&\"'{}%#|=_😀åÅ\u202e\u2028\0a1"), max_size=60)


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("first_name", "verdict"), hostile)))
def test_what_is_sent_is_what_is_shown(values: dict[str, str]) -> None:
    compiled = make(
        "Hej {{ first_name | du }}\n\n{{ verdict | bra }}: [x]({{ result_url }})",
        subject="Till {{ first_name | dig }}",
        layout="result",
    )
    lines = {name: with_plain_lines(value) for name, value in values.items()}
    rendered = render(compiled=compiled, values=VALUES | lines)
    raw = mime.splice(
        skeleton=rendering.get_skeleton(compiled=compiled),
        values=VALUES | values,
        headers={"From": "PMO-testet <pmo@example.com>"},
    )
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    parts = [part.get_content() for part in mail.iter_parts()]

    assert [with_plain_lines(part) for part in parts] == [
        rendered.text,
        rendered.html,
    ]
    assert mail["Subject"] == rendered.subject


# Letters, digits and marks, but no braces: those are the placeholders' matter.
markdown = st.text(st.sampled_from("#*_-+>`[]()!<>&\\\"' \n\taå1:/.~|"), max_size=120)


@hypothesis_settings(max_examples=150, deadline=None)
@given(markdown, markdown)
def test_whatever_the_markdown_the_mail_is_safe(before: str, after: str) -> None:
    reader = _Balance()
    with suppress(PlaceholderError):
        reader.feed(make(f"{before}{{{{ first_name | du }}}}{after}").html)

    assert reader.open == []
    assert reader.unknown == set()
    assert reader.loaded == []
    assert reader.handlers == []


def with_plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Balance(HTMLParser):
    """Reads a mail's HTML and notes what a mail must not have."""

    VOID = frozenset({"meta", "br", "hr"})
    # fmt: off
    KNOWN = frozenset({
        "html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td",
        "a", "p", "br", "hr", "strong", "em", "ul", "ol", "li", "h1", "h2", "h3", "blockquote",
    })
    # fmt: on

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.unknown: set[str] = set()
        self.loaded: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unknown |= {tag} - self.KNOWN
        self.loaded += [name for name, _ in attrs if name in {"src", "background", "srcset"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag
        else:
            assert tag in self.VOID
