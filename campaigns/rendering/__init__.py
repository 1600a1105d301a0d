"""A mail's text, from Markdown to what is sent.

`compile_mail` runs when a version is published: the author's words through Markdown and the
layout, placeholders kept. `render` fills them for a reader's eyes or a provider's API, and
`get_skeleton` prepares the same mail for splicing on the way to a mail server. Which values a
respondent has, and which headers a mail carries, is decided elsewhere.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

from campaigns import mime, placeholders
from campaigns.placeholders import ALL_VARIABLES, PlaceholderError, Problem, Segment, Variable
from campaigns.rendering import layout as page
from campaigns.rendering import links
from campaigns.rendering.layout import Layout, get_layout
from campaigns.rendering.links import get_name as get_link_name
from campaigns.rendering.markdown import StandIns, get_html, get_link_problems, get_text

__all__ = [
    "Compiled",
    "Layout",
    "Rendered",
    "check_mail",
    "compile_mail",
    "get_layout",
    "get_link_name",
    "get_names",
    "get_skeleton",
    "get_targets",
    "render",
]

MAX_HEADLINE = 200
MAX_HTML = 60_000
# Compiled mails a process keeps ready: steps and tips of a few versions in two languages.
CACHED = 256


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """What one version of one mail says in one language, placeholders in canonical form."""

    subject: str
    text: str
    html: str

    @property
    def digest(self) -> str:
        content = f"{self.subject}\0{self.text}\0{self.html}"
        return sha256(content.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str


def check_mail(
    *, subject: str, preview: str, body: str, allowed: Mapping[str, Variable]
) -> tuple[Problem, ...]:
    """Everything that keeps this mail from being published, each with its place."""
    problems = []
    for place, text in (("subject", subject), ("preview", preview), ("body", body)):
        found = placeholders.check(text=text, allowed=allowed)
        found += _check_headline(text) if place != "body" else ()
        if not text.strip():
            found += (Problem(line=1, column=1, code="empty"),)
        if place == "body" and not found:
            found = _check_links(body, allowed)
        problems += [replace(each, place=place) for each in found]
    return tuple(problems)


def compile_mail(
    *,
    subject: str,
    preview: str,
    body: str,
    layout: Layout,
    language: str,
    allowed: Mapping[str, Variable] = ALL_VARIABLES,
) -> Compiled:
    """Raises PlaceholderError with all that `check_mail` finds."""
    return _compile(
        subject=subject,
        preview=preview,
        body=body,
        layout=layout,
        language=language,
        names=tuple(allowed.items()),
    )


@lru_cache(maxsize=CACHED)
def _compile(
    *,
    subject: str,
    preview: str,
    body: str,
    layout: Layout,
    language: str,
    names: tuple[tuple[str, Variable], ...],
) -> Compiled:
    """The same words become the same mail: who looks, publishes and looks at all kinds asks for it
    again and again.
    """
    allowed = dict(names)
    problems = check_mail(subject=subject, preview=preview, body=body, allowed=allowed)
    if problems:
        raise PlaceholderError(problems)
    variables = {**ALL_VARIABLES, **allowed}
    stand_ins = StandIns(f"{subject}\0{preview}\0{body}")
    source = stand_ins.hide(body)
    text = get_text(text=source)
    safe = get_html(text=source, stand_ins=stand_ins, variables=variables)
    _refuse_lost(stand_ins, safe, text)
    letter = page.Letter(
        subject=stand_ins.hide(subject),
        preview=stand_ins.hide(preview),
        html=safe,
        text=text,
        layout=layout,
        language=language,
    )
    compiled = Compiled(
        subject=stand_ins.restore(" ".join(letter.subject.split())),
        text=stand_ins.restore(page.get_text(letter, stand_ins.hide)),
        html=stand_ins.restore(page.get_html(letter, stand_ins.hide)),
    )
    if len(compiled.html.encode()) > MAX_HTML:
        raise PlaceholderError((Problem(line=1, column=1, code="too_long", place="body"),))
    return compiled


def render(*, compiled: Compiled, values: Mapping[str, str]) -> Rendered:
    """KeyError for a missing value, ValueError for a value that must not be a link."""
    placeholders.check_values(values=values)
    subject, text, page_html = _parse(compiled)
    return Rendered(
        subject=mime.clean_subject(
            placeholders.fill(segments=subject, values=values, escape=_as_it_is)
        ),
        text=placeholders.fill(segments=text, values=values, escape=_as_it_is),
        html=placeholders.fill(segments=page_html, values=values, escape=html.escape),
    )


@lru_cache(maxsize=CACHED)
def get_skeleton(*, compiled: Compiled) -> mime.Skeleton:
    subject, text, page_html = (_get_pieces(each) for each in _parse(compiled))
    return mime.build(subject=subject, text=text, html=page_html)


@lru_cache(maxsize=CACHED)
def get_targets(*, compiled: Compiled) -> tuple[str, ...]:
    """The web addresses that the author wrote as links. A value named `link_1` takes the place
    of the first, and so on; without it the address stands there itself.
    """
    return links.find_targets(compiled.html)


@lru_cache(maxsize=CACHED)
def get_names(*, compiled: Compiled) -> frozenset[str]:
    """The placeholders that the page has."""
    _subject, _text, page_html = _parse(compiled)
    return frozenset(each.name for each in page_html if isinstance(each, placeholders.Placeholder))


def _check_headline(text: str) -> tuple[Problem, ...]:
    is_one_line = mime.clean_subject(text) == " ".join(text.split(" ")).strip()
    codes = [] if is_one_line else ["line_break"]
    codes += ["too_long"] if len(text) > MAX_HEADLINE else []
    return tuple(Problem(line=1, column=1, code=code) for code in codes)


def _check_links(body: str, allowed: Mapping[str, Variable]) -> tuple[Problem, ...]:
    stand_ins = StandIns(body)
    source = stand_ins.hide(body)
    return tuple(get_link_problems(text=source, stand_ins=stand_ins, variables=allowed))


def _refuse_lost(stand_ins: StandIns, *texts: str) -> None:
    problems = tuple(
        Problem(line=each.line, column=each.column, code="lost", name=each.name, place="body")
        for each in stand_ins.get_lost(*texts)
    )
    if problems:
        raise PlaceholderError(problems)


@lru_cache(maxsize=CACHED)
def _parse(compiled: Compiled) -> tuple[tuple[Segment, ...], ...]:
    subject, text, page_html = (
        placeholders.parse(text=each) for each in (compiled.subject, compiled.text, compiled.html)
    )
    targets = get_targets(compiled=compiled)
    return subject, links.open_text(text, targets), links.open_html(page_html, targets)


def _get_pieces(segments: tuple[Segment, ...]) -> list[mime.Piece]:
    return [
        each.text
        if isinstance(each, placeholders.Literal)
        else mime.Slot(name=each.name, fallback=each.fallback)
        for each in segments
    ]


def _as_it_is(value: str) -> str:
    return value
