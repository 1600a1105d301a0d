"""An author's Markdown as safe HTML and as plain text, placeholders untouched.

While a text is being turned and cleaned, each placeholder is a stand-in of letters and digits
that means nothing to Markdown, URLs, MJML or CSS. Which tags and links may appear is decided
here; how they look is the layout's matter.
"""

import html
import re
import textwrap
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import mistune
import nh3
from mistune.core import BaseRenderer, BlockState

from campaigns.placeholders import Literal, Placeholder, Problem, Variable, parse

COLUMNS = 72
TAGS = {"p", "br", "hr", "strong", "em", "a", "ul", "ol", "li", "h1", "h2", "h3", "blockquote"}
# Where the layout may put the profile: the author's first thematic break.
BREAK = "\n* * *\n"

_SCHEMES = ("http://", "https://", "mailto:")
_LONE_LINK = re.compile(r'<p><a href="([^"]*)">([^<]*)</a></p>')


class StandIns:
    """Hides placeholders behind words and puts them back, in their canonical form."""

    def __init__(self, seed: str) -> None:
        self._key = sha256(seed.encode(errors="replace")).hexdigest()[:12]
        self._hidden: list[Placeholder] = []
        self.pattern = re.compile(rf"ph{self._key}x(\d+)x")
        # Braces of CSS and of the author's own that would read as the mark of a placeholder.
        self._marks = re.compile(rf"\{{(?=[{{%#]|{self.pattern.pattern})|\}}(?=\}})")

    def hide(self, text: str) -> str:
        return "".join(
            each.text if isinstance(each, Literal) else self._add(each) for each in parse(text=text)
        )

    def restore(self, text: str) -> str:
        apart = self._marks.sub(r"\g<0> ", text)
        return self.pattern.sub(lambda found: str(self._hidden[int(found[1])]), apart)

    def get(self, stand_in: str) -> Placeholder | None:
        found = self.pattern.fullmatch(stand_in)
        return self._hidden[int(found[1])] if found else None

    def get_lost(self, *texts: str) -> Iterator[Placeholder]:
        """Those that are missing from one of the texts."""
        for number, placeholder in enumerate(self._hidden):
            if not all(f"ph{self._key}x{number}x" in text for text in texts):
                yield placeholder

    def _add(self, placeholder: Placeholder) -> str:
        self._hidden.append(placeholder)
        return f"ph{self._key}x{len(self._hidden) - 1}x"


def get_html(*, text: str, stand_ins: StandIns, variables: Mapping[str, Variable]) -> str:
    """Safe HTML: a few tags, no attribute but the href of a link that a mail may carry."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        return value if _may_link(value, stand_ins, variables) else None

    def link(found: re.Match[str]) -> str:
        placeholder = stand_ins.get(found[0])
        is_url = placeholder and variables[placeholder.name].kind == "url"
        return f'<a href="{found[0]}">{found[0]}</a>' if is_url else found[0]

    raw = mistune.create_markdown(escape=True)(text)
    safe = nh3.clean(
        str(raw),
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    # An address that stands in the text is made a link; one inside a link is left alone.
    linked = re.sub(rf"<a .*?</a>|{stand_ins.pattern.pattern}", link, safe.strip(), flags=re.DOTALL)
    return _LONE_LINK.sub(r'<p class="button"><a href="\1">\2</a></p>', linked)


def get_text(*, text: str) -> str:
    return str(mistune.create_markdown(renderer=_TextRenderer())(text)).strip("\n")


def get_link_problems(
    *, text: str, stand_ins: StandIns, variables: Mapping[str, Variable]
) -> Iterator[Problem]:
    """Links that a mail must not carry, and pictures, which our mails do not have."""
    tokens = mistune.create_markdown(renderer="ast")(text)
    assert isinstance(tokens, list)
    for token in _walk(tokens):
        url = str(token.get("attrs", {}).get("url", ""))
        line = text.count("\n", 0, max(text.find(url), 0)) + 1
        name = stand_ins.restore(url)
        if token["type"] == "text" and "](" in str(token.get("raw")):
            line = text.count("\n", 0, max(text.find("]("), 0)) + 1
            yield Problem(line=line, column=1, code="link_not_closed")
        if token["type"] == "image":
            yield Problem(line=line, column=1, code="image", name=name)
        elif token["type"] == "link" and not _may_link(url, stand_ins, variables):
            yield Problem(line=line, column=1, code="bad_link", name=name)
        elif token["type"] == "link" and not _has_words(token, stand_ins, variables):
            yield Problem(line=line, column=1, code="link_without_words", name=name)


def _walk(tokens: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        yield token
        yield from _walk(token.get("children", []))


def _may_link(url: str, stand_ins: StandIns, variables: Mapping[str, Variable]) -> bool:
    placeholder = stand_ins.get(url)
    if placeholder:
        return variables[placeholder.name].kind == "url"
    if stand_ins.pattern.search(url) or not url.lower().startswith(_SCHEMES):
        return False
    parts = urlsplit(url)
    return bool(parts.netloc or (parts.scheme == "mailto" and "@" in parts.path))


def _has_words(
    token: dict[str, Any], stand_ins: StandIns, variables: Mapping[str, Variable]
) -> bool:
    """Whether a reader sees words, and no other address slipped in among them."""
    words = "".join(str(each.get("raw", "")) for each in _walk(token.get("children", [])))
    others = {each[0] for each in stand_ins.pattern.finditer(words)} - {token["attrs"]["url"]}
    found = map(stand_ins.get, others)
    return bool(words.strip()) and not any(
        each and variables[each.name].kind == "url" for each in found
    )


class _TextRenderer(BaseRenderer):
    """Plain text of 72 columns; only an address that is longer makes a longer line."""

    NAME = "text"

    def children(self, token: dict[str, Any], state: BlockState) -> str:
        return self.render_tokens(token["children"], state)

    emphasis = strong = children

    def text(self, token: dict[str, Any], state: BlockState) -> str:
        return html.unescape(str(token["raw"]))

    def codespan(self, token: dict[str, Any], state: BlockState) -> str:
        return str(token["raw"])

    inline_html = codespan

    def softbreak(self, token: dict[str, Any], state: BlockState) -> str:
        return " "

    def linebreak(self, token: dict[str, Any], state: BlockState) -> str:
        return "\n"

    def blank_line(self, token: dict[str, Any], state: BlockState) -> str:
        return ""

    def link(self, token: dict[str, Any], state: BlockState) -> str:
        label = self.children(token, state)
        url = str(token["attrs"]["url"]).removeprefix("mailto:")
        return url if label == url else f"{label} <{url}>"

    def paragraph(self, token: dict[str, Any], state: BlockState) -> str:
        text = self.children(token, state)
        if [each["type"] for each in token["children"]] == ["link"]:
            text = re.sub(r" <(.*)>$", r": \1", text)
        return wrap(text) + "\n\n"

    def heading(self, token: dict[str, Any], state: BlockState) -> str:
        return wrap(self.children(token, state)) + "\n\n"

    def thematic_break(self, token: dict[str, Any], state: BlockState) -> str:
        return BREAK.lstrip("\n") + "\n"

    def block_text(self, token: dict[str, Any], state: BlockState) -> str:
        return wrap(self.children(token, state)) + "\n"

    def block_code(self, token: dict[str, Any], state: BlockState) -> str:
        return str(token["raw"]).rstrip("\n") + "\n\n"

    block_html = block_code

    def block_quote(self, token: dict[str, Any], state: BlockState) -> str:
        return textwrap.indent(self.children(token, state).strip("\n"), "> ") + "\n\n"

    def list(self, token: dict[str, Any], state: BlockState) -> str:
        start = token["attrs"].get("start", 1)
        items = []
        for number, item in enumerate(token["children"], start):
            mark = f"{number}. " if token["attrs"]["ordered"] else "- "
            body = self.children(item, state).strip("\n")
            items.append(mark + textwrap.indent(body, " " * len(mark)).lstrip() + "\n")
        gap = "" if token["tight"] else "\n"
        return gap.join(items) + "\n"


def wrap(text: str) -> str:
    lines = (
        textwrap.fill(line, COLUMNS, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join(lines)
