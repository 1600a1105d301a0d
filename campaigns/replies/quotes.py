"""What a person wrote, without what they quoted, their signature and our own words."""

import re
from collections.abc import Callable

# Lines of our own mails. A program that marks no quote at all still repeats them, and a footer
# that offers a way out must never be read as somebody's wish to leave.
OUR_LINES = (
    "vill du inte ha fler mejl avslutar du här",
    "du får det här mejlet för att du har gjort testet",
    "gjorde du det? säg hur det gick",
    "avsluta utskicken",
    "if you want no more e-mails, unsubscribe here",
    "you are getting this e-mail because you took the test",
    "did you do it? tell us how it went",
    "/m/unsubscribe/",
    "/m/answer/",
)

_DIVIDER = re.compile(
    r"(?i)^\W{0,3}-{2,}\s*(ursprungligt meddelande|original message|originalmeddelande"
    r"|vidarebefordrat meddelande|forwarded message|vidarebefordrat brev)\s*-{2,}"
    r"|^_{10,}\s*$|^(begin forwarded message|vidarebefordrat brev|startar vidarebefordrat"
    r" meddelande):?\s*$"
)
_FROM = re.compile(r"(?i)^\*?(från|from|avsändare):\*?\s*\S")
_HEADER = re.compile(
    r"(?i)^\*?(skickat|sent|datum|date|till|to|ämne|subject|kopia|cc|svara till|reply-to):\*?\s"
)
_WROTE = re.compile(r"(?i)\b(skrev|wrote|har skrivit|schrieb)\b[^\n]{0,120}:$")
_STARTED = re.compile(r"(?i)^(den|on|am|\d{1,2}\.?\s\S+\s\d{4}|\d{4}-\d\d-\d\d)\b")
_NAMED = re.compile(r"^[^.!?\n]{0,80}<?\S+@\S+")
_SIGNED = re.compile(
    r"(?i)^(-- ?|—|skickat från (min|outlook|yahoo|mail)\b.*|sent from (my|outlook|yahoo|mail)\b.*"
    r"|hämta outlook för.*|get outlook for.*|skickat med .{3,40}|sent with .{3,40}"
    r"|skaffa outlook för.*)$"
)
_FAREWELL = re.compile(
    r"(?i)^\W{0,2}((med )?(vänliga?|bästa|hjärtliga|många|varma|glada) hälsning(ar)?"
    r"|mvh|m\.?v\.?h\.?|v\.?h\.?|hälsningar|hälsn|hälsar|(best|kind|warm|warmest|many)"
    r"( regards| wishes)|regards|cheers|sincerely|yours( sincerely| truly)?|br|rgds|/\w{1,20})"
    r"[\s,.!/]{0,3}(\S+(\s\S+){0,3})?$"
)
_NOTICE = re.compile(
    r"(?i)^\W{0,3}(detta (e-?post)?(meddelande|mejl|mail) (är|kan|och|innehåller)|this (e-?mail|"
    r"message)( and any attachments)? (is|may|contains)|så (här )?behandlar vi person"
    r"|tänk på miljön|please consider the environment|confidential|konfidentiell|\[cid:"
    r"|när du skickar e-?post till|caution:|varning: detta)"
)


def get_own_words(text: str) -> str:
    """Empty when there is nothing but quotes and a signature."""
    kept = _drop_quotes(text.splitlines())
    for is_end in (_is_ours, _SIGNED.match, _NOTICE.match):
        kept = _cut(kept, is_end)
    return "\n".join(_cut_farewell(kept)).strip()


def get_unquoted(text: str) -> str:
    """The same with the signature: a program's letter says what matters after its greetings."""
    return "\n".join(_cut(_drop_quotes(text.splitlines()), _is_ours)).strip()


def _drop_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if _DIVIDER.match(line) or _begins_headers(lines, place):
            break
        if length := _get_attribution(lines, place):
            place += length
            if not _is_marked(lines, place):
                break  # all that follows is the other mail
            continue
        if not line.startswith((">", "|")):
            kept.append(lines[place])
        place += 1
    return kept


def _begins_headers(lines: list[str], place: int) -> bool:
    """Outlook writes the other mail's headers above it, and marks nothing."""
    if not _FROM.match(lines[place].strip().lstrip("> ")):
        return False
    return any(_HEADER.match(line.strip()) for line in lines[place + 1 : place + 5])


def _get_attribution(lines: list[str], place: int) -> int:
    """How many lines “On … wrote:” takes here, broken or not; 0 for none."""
    first = lines[place].strip().lstrip("> ")
    if not (_STARTED.match(first) or _NAMED.match(first)):
        return 0
    block = ""
    for length, line in enumerate(lines[place : place + 3], start=1):
        block += line.strip() + " "
        if not line.strip() or len(block) > 300:
            return 0
        if _WROTE.search(block.rstrip()):
            return length
    return 0


def _is_marked(lines: list[str], place: int) -> bool:
    following = [line.strip() for line in lines[place : place + 4] if line.strip()]
    return bool(following) and following[0].startswith((">", "|"))


def _cut(lines: list[str], is_end: Callable[[str], object]) -> list[str]:
    for place, line in enumerate(lines):
        if is_end(line.strip()):
            return lines[:place]
    return lines


def _is_ours(line: str) -> bool:
    said = line.lower()
    return any(ours in said for ours in OUR_LINES)


def _cut_farewell(lines: list[str]) -> list[str]:
    """After a farewell come a name, a title and numbers. It ends nothing that it begins."""
    for place, line in enumerate(lines):
        has_words = any(each.strip() for each in lines[:place])
        if has_words and _FAREWELL.match(line.strip()):
            return lines[: place + 1]
    return lines
