"""Where a compiled mail leads outside. Each such address becomes a slot whose fallback is the
address itself, so that one reader may be given another link without compiling the mail again.

Placeholders are left alone: they are slots already.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

from campaigns.placeholders import Literal, Placeholder, Segment

PREFIX = "link_"

_ANCHOR = re.compile(r'<a\b[^>]*?\bhref="(https?://[^"]*)"', re.IGNORECASE)
# What may follow an address in running text and is no part of it.
_END = r"""(?=[<>)\].,;:!?"']*(?:\s|$))"""


def find_targets(html: str) -> tuple[str, ...]:
    """Each web address that the page links to, once, in the order of the page."""
    return tuple(dict.fromkeys(unescape(found) for found in _ANCHOR.findall(html)))


def get_name(number: int) -> str:
    """The slot's name. The links of a mail are counted from 1."""
    return f"{PREFIX}{number}"


def open_html(segments: Sequence[Segment], targets: Sequence[str]) -> tuple[Segment, ...]:
    numbers = {target: number for number, target in enumerate(targets, start=1)}
    return tuple(_open(segments, _ANCHOR, numbers)) if targets else tuple(segments)


def open_text(segments: Sequence[Segment], targets: Sequence[str]) -> tuple[Segment, ...]:
    if not targets:
        return tuple(segments)
    numbers = {target: number for number, target in enumerate(targets, start=1)}
    longest_first = sorted(map(re.escape, targets), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\S)[<(\"'\[]*({'|'.join(longest_first)}){_END}")
    return tuple(_open(segments, pattern, numbers))


def _open(
    segments: Sequence[Segment], pattern: re.Pattern[str], numbers: Mapping[str, int]
) -> Iterator[Segment]:
    for segment in segments:
        if isinstance(segment, Literal):
            yield from _open_literal(segment.text, pattern, numbers)
        else:
            yield segment


def _open_literal(
    text: str, pattern: re.Pattern[str], numbers: Mapping[str, int]
) -> Iterator[Segment]:
    start = 0
    for found in pattern.finditer(text):
        target = unescape(found[1]) if pattern is _ANCHOR else found[1]
        yield Literal(text=text[start : found.start(1)])
        yield Placeholder(name=get_name(numbers[target]), fallback=target, line=0, column=0)
        start = found.end(1)
    if start < len(text):
        yield Literal(text=text[start:])
