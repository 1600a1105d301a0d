"""The words of an HTML mail, and where another mail is quoted in it.

Not html.parser: what strangers write makes it take a minute, or raise. Tags are found by one
expression that never looks back.
"""

import re
from html import unescape

BREAKS = frozenset({"address", "article", "br", "div", "h1", "h2", "h3", "hr", "li", "p", "tr"})
SILENT = frozenset({"script", "style", "head", "title"})
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"})
# How mail programs mark what is quoted: Gmail, Yahoo, Thunderbird, Proton.
QUOTING = ("gmail_quote", "gmail_attr", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
# Outlook marks where the other mail begins, and not where it ends.
LAST = ("divrplyfwdmsg", "appendonsend")
DEEPEST = 200

_TOKEN = re.compile(r"<!--|-->|<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^<>]*)>|<[!?][^<>]*>")


def get_text(page: str) -> str:
    """Plain lines; what is quoted begins with “>”, as in a mail of plain text."""
    reader = _Reader()
    place, is_comment = 0, False
    for token in _TOKEN.finditer(page):
        if not is_comment:
            reader.read_words(page[place : token.start()])
            if token[2]:
                reader.read_tag(token[2].lower(), token[3].lower(), is_end=bool(token[1]))
        is_comment = token[0] == "<!--" or (is_comment and token[0] != "-->")
        place = token.end()
    reader.read_words("" if is_comment else page[place:])
    return reader.get_lines()


class _Reader:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.quotes = 0
        self.silent = ""

    def read_words(self, text: str) -> None:
        if not self.silent:
            self.words.append(text)

    def read_tag(self, tag: str, marks: str, *, is_end: bool) -> None:
        if self.silent:
            self.silent = "" if is_end and tag == self.silent else self.silent
            return
        if tag in SILENT:
            self.silent = "" if is_end else tag
            return
        if tag in BREAKS or tag == "blockquote":
            self.end_line()
        if is_end:
            self._close(tag)
        elif tag not in VOID:
            self._open(tag, marks)

    def get_lines(self) -> str:
        self.end_line()
        return "\n".join(self.lines)

    def end_line(self) -> None:
        line = " ".join(unescape("".join(self.words)).split())
        if line:
            self.lines.append(f"> {line}" if self.quotes else line)
        self.words = []

    def _open(self, tag: str, marks: str) -> None:
        is_last = any(mark in marks for mark in LAST)
        is_quote = tag == "blockquote" or any(mark in marks for mark in QUOTING)
        if is_last or is_quote:
            self.end_line()
        if is_last:
            self.quotes += 1  # and is never closed
        if len(self.open) < DEEPEST:
            self.open.append((tag, is_quote))
            self.quotes += is_quote

    def _close(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                closed = sum(is_quote for _tag, is_quote in self.open[place:])
                if closed:
                    self.end_line()
                self.quotes -= closed
                del self.open[place:]
                return
