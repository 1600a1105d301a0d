"""Until when somebody is away, as people and their programs write it in Swedish and English.

Dates without a year are the next ones from the day the letter was written; what would lie most
of a year ahead is a letter that somebody forgot to take back, and says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST = timedelta(days=400)
# A date without a year that is further away than this was meant in the past.
FURTHEST = timedelta(days=300)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb febr",
            "mars march mar",
            "april apr",
            "maj may",
            "juni june jun",
            "juli july jul",
            "augusti august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "måndag måndagen mån monday mon",
            "tisdag tisdagen tis tuesday tue tues",
            "onsdag onsdagen ons wednesday wed",
            "torsdag torsdagen tors tor thursday thu thur thurs",
            "fredag fredagen fre friday fri",
            "lördag lördagen lör saturday sat",
            "söndag söndagen sön sunday sun",
        )
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))

_FORMS = re.compile(
    rf"""(?ix)
    (?P<iso>\b(?P<iy>20\d\d)[-/.](?P<im>\d\d?)[-/.](?P<id>\d\d?)\b)
    |(?P<dmy>\b(?P<dd>\d\d?)[./-](?P<dm>\d\d?)[./-](?P<dy>20\d\d|\d\d)\b)
    |(?P<slash>\b(?P<sd>\d\d?)\s?/\s?(?P<sm>\d\d?)(?![\d/]))
    |(?P<dotted>\b(?P<pd>\d\d?)\.(?P<pm>\d\d?)\.(?!\d))
    |(?P<named>\b(?P<nd>\d\d?)\s?(?:st|nd|rd|th|:?e|:?a|\.)?\s+(?:of\s+|i\s+)?
        (?P<nm>{_MONTH})\b\.?(?:,?\s+(?P<ny>20\d\d)\b)?)
    |(?P<us>\b(?P<um>{_MONTH})\.?\s+(?P<ud>\d\d?)(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(?P<uy>20\d\d)\b)?)
    |(?P<week>\b(?:v|vecka|w|week)\.?\s?(?P<w1>\d\d?)(?:\s?[-–]\s?(?P<w2>\d\d?))?\b)
    |(?P<bare>\bden\s+(?P<bd>\d\d?)(?::?[ea])?\b(?!:?[ea]\b|[/.]\d|\s+(?:i\s+)?(?:{_MONTH})\b))
    |(?P<tomorrow>\b(?:i\s?morgon|tomorrow)\b)
    |(?P<weekday>\b(?:{_DAY})\b)
    """
)
# “3–14 augusti”, “July 6 - 24”: the first number has its month from the second, or the reverse.
_RANGE = re.compile(rf"(?i)\b\d\d?(?:st|nd|rd|th)?\s?[-–]\s?(?=\d\d?\w{{0,2}}\s(?:{_MONTH})\b)")
_US_RANGE = re.compile(rf"(?i)\b({_MONTH})\s+\d\d?\s?[-–]\s?(\d\d?)\b")

_BACK = re.compile(
    r"(?i)\b(åter|tillbaka|tillbaks|återkommer|återvänder|back|return(ing|s)?|i tjänst( igen)?"
    r"|(?<!ej )(?<!inte )på plats( igen)?|in the office again|resume|börjar jobba|jobbar igen"
    r"|i kontoret igen"
    r"|fr\.\s?o\.\s?m\.?|fr o m|fom\b|från och med|svarar (på mejl )?igen|hörs|ses"
    r"|available (again )?(from|on))"
)
_UNTIL = re.compile(
    r"(?i)(\bt\.?\s?o\.?\s?m\b\.?|till och med|\bthrough\b|\bthru\b|\binklusive\b|\bincluding\b"
    r"|\binclusive\b|\s[-–]\s|\d\s?[-–]\s?\d)"
)
_INCLUSIVE = re.compile(r"(?i)\bt\.?\s?o\.?\s?m\b|till och med")
_AWAY = re.compile(
    r"(?i)\b(semester|ledig|ledighet|föräldraledig|föräldraledighet|frånvarande|borta|bortrest"
    r"|tjänsteresa|tjänstledig|sjukskriven|kurs|konferens|out of( the)? office|ooo|vacation"
    r"|holiday|on leave|annual leave|parental leave|maternity leave|paternity leave|away"
    r"|travel(l)?ing|absent|until|till|to|nås|anträffbar|unavailable|not available)\b"
)
_SENTENCE = re.compile(r"(?<=[!?])\s+|(?<=[a-zåäö]{3}\.)\s+(?=[A-ZÅÄÖ])|\n{2,}|\n(?=[A-ZÅÄÖ•*-])")
_MEANWHILE = re.compile(
    r"(?i)\b(stängt|closed|webinar|konferensen|säljs|anmäl|register|lanser|nytt (nummer|kontor))"
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A day in a sentence, where it stands there, and the last day where a stretch is meant."""

    day: date
    place: int
    is_stretch: bool = False


def find_return(text: str, *, written: date) -> date | None:
    """The first day on which the writer is back; None when the text does not say."""
    for wanted in (_find_back, _find_until, _find_away):
        days = [day for each in _SENTENCE.split(text) if each for day in wanted(each, written)]
        days = [day for day in days if written <= day <= written + LONGEST]
        if days:
            return max(days)
    return None


def find_days(sentence: str, *, written: date) -> tuple[Found, ...]:
    """All days that it names, in its order."""
    plain = _US_RANGE.sub(r"\2 \1", sentence)
    return tuple(_find(_RANGE.sub("– ", plain), written))


def _find_back(sentence: str, written: date) -> Iterator[date]:
    """What follows “back”, or stands just before it (“v. 34 är jag tillbaka”)."""
    mark = _BACK.search(sentence)
    if mark is None or _MEANWHILE.search(sentence):
        return
    days = find_days(sentence[mark.start() :], written=written)
    if not days:
        days = find_days(sentence[: mark.start()], written=written)[-1:]
        if _UNTIL.search(sentence[: mark.start()]):
            return
    yield from (each.day for each in days[:1])


def _find_until(sentence: str, written: date) -> Iterator[date]:
    """The last day away is named: back the day after, or the Monday after whole weeks."""
    if _UNTIL.search(sentence) and (_AWAY.search(sentence) or _INCLUSIVE.search(sentence)):
        days = find_days(sentence, written=written)
        yield from (_get_day_after(each) for each in days[-1:])


def _find_away(sentence: str, written: date) -> Iterator[date]:
    """“Semester till 15/8”, “on leave 3 March”: the last day that is named, or the next one."""
    if not _AWAY.search(sentence):
        return
    days = find_days(sentence, written=written)
    if not days:
        return
    last = days[-1]
    is_end = re.search(r"(?i)\b(till|until|til)\b", sentence[: last.place + 12])
    yield last.day if is_end and not last.is_stretch else _get_day_after(last)


def _get_day_after(found: Found) -> date:
    return found.day + timedelta(days=7 if found.is_stretch else 1)


def _find(sentence: str, written: date) -> Iterator[Found]:
    last: Found | None = None
    last_is_weekday = False
    for match in _FORMS.finditer(sentence):
        day = _read(match, written)
        if day is None:
            continue
        # “måndag 12 januari” is one day: the date tells more than the weekday before it.
        is_same = last and match.start() - last.place < 14 and last_is_weekday
        last_is_weekday = match.lastgroup is not None and match["weekday"] is not None
        if last_is_weekday and last and sentence[last.place : match.start()].count(" ") < 2:
            continue
        if last and not is_same:
            yield last
        last = Found(day=day, place=match.start(), is_stretch=match["week"] is not None)
    if last:
        yield last


def _read(match: re.Match[str], written: date) -> date | None:
    try:
        return _build(match, written)
    except (OverflowError, ValueError):
        return None


def _build(match: re.Match[str], written: date) -> date | None:  # noqa: PLR0911  # one per form
    if match["iso"]:
        return date(int(match["iy"]), int(match["im"]), int(match["id"]))
    if match["dmy"]:
        year = int(match["dy"])
        return date(year + 2000 * (year < 100), int(match["dm"]), int(match["dd"]))
    if match["slash"]:
        return _get_next(int(match["sd"]), int(match["sm"]), written)
    if match["dotted"]:
        return _get_next(int(match["pd"]), int(match["pm"]), written)
    if match["named"]:
        return _get_named(int(match["nd"]), match["nm"], match["ny"], written)
    if match["us"]:
        return _get_named(int(match["ud"]), match["um"], match["uy"], written)
    if match["week"]:
        return _get_week(int(match["w2"] or match["w1"]), written)
    if match["bare"]:
        return _get_bare(int(match["bd"]), written)
    if match["tomorrow"]:
        return written + timedelta(days=1)
    ahead = (WEEKDAYS[match["weekday"].lower()] - written.weekday()) % 7
    return written + timedelta(days=ahead or 7)


def _get_named(day: int, month: str, year: str | None, written: date) -> date | None:
    number = MONTHS[month.lower()]
    return date(int(year), number, day) if year else _get_next(day, number, written)


def _get_next(day: int, month: int, written: date) -> date | None:
    """8/15 can only be America's way of writing."""
    if month > 12 >= day:
        day, month = month, day
    this_year = date(written.year, month, day)
    found = this_year if this_year >= written else date(written.year + 1, month, day)
    return found if found - written <= FURTHEST else None


def _get_week(week: int, written: date) -> date | None:
    this_year = date.fromisocalendar(written.isocalendar().year, week, 1)
    is_over = this_year + timedelta(days=6) < written
    year = written.isocalendar().year + is_over
    found = date.fromisocalendar(year, week, 1)
    return found if found - written <= FURTHEST else None


def _get_bare(day: int, written: date) -> date | None:
    for ahead in range(32):
        each = written + timedelta(days=ahead)
        if each.day == day:
            return each
    return None
