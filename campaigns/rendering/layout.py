"""What stands around an author's words: header, profile, footer; as HTML and as plain text.

The page itself is templates/email/layout.mjml. It is rendered when a version is published,
never per mail; what differs per respondent is a placeholder here too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import mrml
from django.template.loader import render_to_string

from campaigns.rendering.markdown import BREAK, wrap

# To staff and strangers *system*; *personal* to somebody who has preferences.
Layout = Literal["campaign", "result", "tip", "system", "personal", "staff", "digest"]
ASKED_FOR = ("campaign", "result", "tip")
STAFF = ("staff", "digest")
Hide = Callable[[str], str]

WORDS: dict[str, dict[str, Any]] = {
    "sv": {
        "scores": "Poäng per roll (0–100)",
        "too_few": "För få svar",
        "why": "Du får det här mejlet för att du har gjort testet och bett om tips på",
        "why_system": "Det här mejlet skickades automatiskt från",
        "why_staff": "Du får det här mejlet för att du arbetar med leads på",
        "choices": "Välj vad du vill få mejl om",
        "week": "Din vecka",
        "bars": ["Nya", "Att ringa", "Tysta", "Vunna", "Förlorade"],
        "unsubscribe": "Avsluta utskicken",
        "preferences": "Ändra vad du får, hur ofta och vart",
        "preferences_text": "Här ändrar du vad du får, hur ofta och vart:",
        "unsubscribe_text": "Vill du inte ha fler mejl avslutar du här:",
        "answer": "Gjorde du det? Säg hur det gick",
    },
    "en": {
        "scores": "Score per role (0–100)",
        "too_few": "Too few answers",
        "why": "You are getting this e-mail because you took the test and asked for tips at",
        "why_system": "This e-mail was sent automatically from",
        "why_staff": "You are getting this e-mail because you work with leads at",
        "choices": "Choose what you get e-mail about",
        "week": "Your week",
        "bars": ["New", "To call", "Silent", "Won", "Lost"],
        "unsubscribe": "Unsubscribe",
        "preferences": "Change what you get, how often and where",
        "preferences_text": "Change what you get, how often and where:",
        "unsubscribe_text": "If you want no more e-mails, unsubscribe here:",
        "answer": "Did you do it? Tell us how it went",
    },
}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The author's part, placeholders hidden; `html` is safe, the rest is plain text."""

    subject: str
    preview: str
    html: str
    text: str
    layout: Layout
    language: str


def get_layout(step_kind: str) -> Layout:
    """The layout of a step of this kind."""
    layouts: dict[str, Layout] = {"result": "result", "tip": "tip"}
    return layouts.get(step_kind, "campaign")


def get_html(letter: Letter, hide: Hide) -> str:
    before, after = _divide(letter, letter.html, "<hr>")
    source = render_to_string(
        "email/layout.mjml",
        {
            "letter": letter,
            "before": before,
            "after": after,
            "words": WORDS[letter.language],
            "heading": _get_heading(letter),
            "is_for_staff": letter.layout in STAFF,
            "bars": _get_bars(letter, hide),
            "slot": _get_slots(hide),
        },
    )
    return str(mrml.to_html(source).content).strip() + "\n"


def get_text(letter: Letter, hide: Hide) -> str:
    slot = _get_slots(hide)
    before, after = _divide(letter, letter.text, BREAK)
    scores = "\n".join(
        f"{bar['name']}: {bar['score']}" + (f" ({bar['label']})" if bar["label"] else "")
        for bar in _get_bars(letter, hide)
    )
    blocks = [
        before,
        f"{_get_heading(letter)}\n{scores}" if scores else "",
        after,
        f"{WORDS[letter.language]['answer']}:\n{slot['answer_url']}"
        if letter.layout == "tip"
        else "",
        "-" * 40,
        _get_footer(letter, slot),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _get_footer(letter: Letter, slot: dict[str, str]) -> str:
    words = WORDS[letter.language]
    sender = f"{slot['sender_name']}\n{slot['postal_address']}"
    is_asked_for = letter.layout in ASKED_FOR
    why = "why" if is_asked_for else "why_staff" if letter.layout in STAFF else "why_system"
    blocks = [wrap(f"{words[why]} {slot['site_url']}")]
    if letter.layout in STAFF:
        blocks.append(f"{words['choices']}: {slot['choices_url']}")
    elif letter.layout != "system":
        blocks.append(f"{words['preferences_text']}\n{slot['preferences_url']}")
    if is_asked_for:
        blocks.append(f"{words['unsubscribe_text']}\n{slot['unsubscribe_url']}")
    return "\n\n".join([*blocks, sender])


def _has_scores(letter: Letter) -> bool:
    return letter.layout in {"result", "digest"}


def _get_heading(letter: Letter) -> str:
    return str(WORDS[letter.language]["week" if letter.layout == "digest" else "scores"])


def _divide(letter: Letter, text: str, mark: str) -> tuple[str, str]:
    """What stands before and after the scores; they come last when the author set no mark."""
    before, _, after = text.partition(mark) if _has_scores(letter) else (text, "", "")
    return before.strip("\n"), after.strip("\n")


def _get_bars(letter: Letter, hide: Hide) -> list[dict[str, str]]:
    if not _has_scores(letter):
        return []
    if letter.layout == "digest":
        return [
            {
                "name": name,
                "score": hide(f"{{{{ bar_{place}_value }}}}"),
                "width": hide(f"{{{{ bar_{place}_width }}}}"),
                "label": "",
            }
            for place, name in enumerate(WORDS[letter.language]["bars"], start=1)
        ]
    too_few = WORDS[letter.language]["too_few"]
    return [
        {
            "name": hide(f"{{{{ role_{rank}_name }}}}"),
            "score": hide(f"{{{{ role_{rank}_score | – }}}}"),
            "width": hide(f"{{{{ role_{rank}_score | 0 }}}}"),
            "label": hide(f"{{{{ role_{rank}_label | {too_few} }}}}"),
        }
        for rank in range(1, 5)
    ]


def _get_slots(hide: Hide) -> dict[str, str]:
    names = (
        "choices_url",
        "unsubscribe_url",
        "preferences_url",
        "answer_url",
        "site_url",
        "sender_name",
        "postal_address",
    )
    return {name: hide(f"{{{{ {name} }}}}") for name in names}
