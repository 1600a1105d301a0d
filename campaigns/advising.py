"""What a careful colleague would say about a mail before it is published. Advice, never a refusal.

Pure: looks at the words as they are written, placeholders and all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What a phone shows of a subject.
LONGEST_SUBJECT = 50
MOST_LINKS = 3
TIP_WORDS = (80, 160)
# LIX: below 30 very easy, 40 easy, 50 normal, 60 hard; newspapers lie at 40 to 50.
HARD_LIX = 55
FEWEST_WORDS_FOR_LIX = 60

# Whole words that filters and readers know from the subjects of unwanted mail.
PHRASES = {
    "sv": (
        "gratis", "vinn", "vinnare", "garanterat", "klicka här", "agera nu", "sista chansen",
        "exklusivt erbjudande", "endast idag", "riskfritt", "tjäna pengar",
    ),
    "en": (
        "for free", "winner", "guaranteed", "click here", "act now", "last chance",
        "exclusive offer", "only today", "risk-free", "earn money", "limited time",
    ),
}  # fmt: skip

_MARK = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_END = re.compile(r"[.:!?]+(?:\s|$)")


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`part` is subject, preview or body; `name` the word, and `figure` the count, it is about."""

    part: str
    code: str
    name: str = ""
    figure: int = 0


def advise(
    *, subject: str, preview: str, body: str, language: str, is_tip: bool
) -> tuple[Advice, ...]:
    """Everything worth a second look in one mail, in one language."""
    return (
        *_judge_subject(subject),
        *_judge_preview(preview, subject),
        *_judge_body(body, is_tip=is_tip),
        *_find_phrases("subject", subject, language),
        *_find_phrases("preview", preview, language),
    )


def get_lix(text: str) -> int | None:
    """Words per sentence plus the percentage of words longer than six letters; None for a text
    too short to say. A full stop, a colon, and !, ? end a sentence, and so does a paragraph or a
    list's item. (C.-H. Björnsson, Läsbarhet, 1968.)
    """
    words = _WORD.findall(text)
    if len(words) < FEWEST_WORDS_FOR_LIX:
        return None
    lines = [line for line in text.splitlines() if _WORD.search(line)]
    sentences = sum(max(1, len(_END.findall(line))) for line in lines)
    long = sum(len(word) > 6 for word in words)
    return round(len(words) / sentences + 100 * long / len(words))


def _judge_subject(subject: str) -> Iterator[Advice]:
    length = len(_MARK.sub("xxxxxx", subject))
    if length > LONGEST_SUBJECT:
        yield Advice(part="subject", code="long_subject", figure=length)
    if _is_shouting(subject):
        yield Advice(part="subject", code="shouting")


def _judge_preview(preview: str, subject: str) -> Iterator[Advice]:
    if preview.strip() and preview.strip().casefold() == subject.strip().casefold():
        yield Advice(part="preview", code="same_preview")


def _judge_body(body: str, *, is_tip: bool) -> Iterator[Advice]:
    plain = _MARK.sub("xxxxxx", _LINK.sub(r"\1", body))
    words = len(_WORD.findall(plain))
    fewest, most = TIP_WORDS
    if is_tip and not fewest <= words <= most:
        yield Advice(part="body", code="short_tip" if words < fewest else "long_tip", figure=words)
    links = len(_LINK.findall(body))
    if links > MOST_LINKS:
        yield Advice(part="body", code="many_links", figure=links)
    lix = get_lix(plain)
    if lix is not None and lix > HARD_LIX:
        yield Advice(part="body", code="hard_to_read", figure=lix)
    if _is_shouting(plain):
        yield Advice(part="body", code="shouting")


def _find_phrases(part: str, text: str, language: str) -> Iterator[Advice]:
    for phrase in PHRASES[language]:
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE):
            yield Advice(part=part, code="spam_word", name=phrase)


def _is_shouting(text: str) -> bool:
    """Two exclamation marks together, or three words in capitals in a row."""
    return "!!" in text or bool(re.search(r"\b[A-ZÅÄÖ]{3,}(?:\s+[A-ZÅÄÖ]{3,}){2}", text))
