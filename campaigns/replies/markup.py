"""The words of an HTML mail, and where another mail is quoted in it."""

from html.parser import HTMLParser

BREAKS = frozenset({"address", "article", "br", "div", "h1", "h2", "h3", "hr", "li", "p", "tr"})
SILENT = frozenset({"script", "style", "head", "title"})
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr"})
# How mail programs mark what is quoted: Gmail, Yahoo, Thunderbird, Outlook for the web, Proton.
QUOTING = (
    "gmail_quote",
    "gmail_attr",
    "yahoo_quoted",
    "moz-cite-prefix",
    "divrplyfwdmsg",
    "protonmail_quote",
    "appendonsend",
)


def get_text(page: str) -> str:
    """Plain lines; what is quoted begins with “>”, as in a mail of plain text."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.get_lines()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[bool, str]] = []
        self.line = ""
        self.open: list[tuple[str, bool]] = []
        self.silent = 0
        self.rest_is_quoted = False

    @property
    def is_quoted(self) -> bool:
        return self.rest_is_quoted or any(quotes for _tag, quotes in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BREAKS:
            self._break()
        if tag in SILENT:
            self.silent += 1
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        if "divrplyfwdmsg" in marks or "appendonsend" in marks:
            # Outlook marks where the other mail begins, and not where it ends.
            self._break()
            self.rest_is_quoted = True
        is_quote = tag == "blockquote" or any(mark in marks for mark in QUOTING)
        if is_quote:
            self._break()
        if tag not in VOID and len(self.open) < 500:
            self.open.append((tag, is_quote))

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT and self.silent:
            self.silent -= 1
        if tag in BREAKS:
            self._break()
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                if any(quotes for _tag, quotes in self.open[place:]):
                    self._break()
                del self.open[place:]
                break

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.line += data

    def get_lines(self) -> str:
        self._break()
        lines = [f"> {line}" if is_quoted else line for is_quoted, line in self.lines]
        return "\n".join(lines)

    def _break(self) -> None:
        if self.line.strip():
            self.lines.append((self.is_quoted, " ".join(self.line.split())))
        self.line = ""
