"""What we ship, read as a strict editor would: lengths, languages, coverage and plain words."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.factories import ROLES, read_content

LANGUAGES = ("sv", "en")
TIERS = ("weak", "developing", "strong")
LONG_WORD = 7
READABLE = 50  # LIX: 30-40 is fiction and magazines, 40-50 newspapers, above that official prose
ENOUGH_WORDS = 40  # a shorter text is judged by its file as a whole
UNFINISHED = re.compile(r"TODO|FIXME|XXX|lorem|ipsum|\?\?|\[\[|<[a-z]", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\{\{[^}]*\}\}")


def get_tips() -> list[dict[str, Any]]:
    return [tip for role in ROLES for tip in read_content(f"tips/{role}.yaml")]


def walk(node: Any, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text with its place: a mapping of exactly our languages."""
    if isinstance(node, dict):
        if set(node) & set(LANGUAGES):
            yield place, node
            return
        for key, value in node.items():
            yield from walk(value, f"{place}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            name = value.get("key", number) if isinstance(value, dict) else number
            yield from walk(value, f"{place}.{name}")


def get_texts() -> dict[str, str]:
    """Place and language -> text, for everything in content/."""
    trees = {
        name: read_content(f"{name}.yaml")
        for name in ("assessment", "campaign", "consent", "leads")
    }
    found = {
        f"{place}.{language}": text[language]
        for name, tree in (*trees.items(), ("tips", get_tips()))
        for place, text in walk(tree, name)
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        notice = settings.CONTENT_DIR / f"privacy.{language}.md"
        found[f"privacy.{language}"] = notice.read_text(encoding="utf-8")
    return found


def count_words(text: str) -> int:
    return len(re.findall(r"[\w’'-]+", PLACEHOLDER.sub("x", text)))


def get_lix(text: str) -> float:
    """Björnsson's readability index: words per sentence plus the percentage of words longer
    than six letters. A heading, a list item and a colon end a sentence.
    """
    plain = PLACEHOLDER.sub("x", re.sub(r"\]\([^)]*\)", "]", text))
    words = re.findall(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*", plain)
    sentences = [each for each in re.split(r"[.!?:]+(?:\s|$)|\n+", plain) if re.search(r"\w", each)]
    long = sum(len(word) >= LONG_WORD for word in words)
    return len(words) / len(sentences) + 100 * long / len(words)


TEXTS = get_texts()
TIPS = get_tips()


def test_every_text_is_in_both_languages() -> None:
    assert [place for place, text in TEXTS.items() if not text.strip()] == []


def test_nothing_unfinished_is_shipped() -> None:
    left = [place for place, text in TEXTS.items() if UNFINISHED.search(PLACEHOLDER.sub("", text))]
    assert left == []


def test_there_are_three_tips_for_every_role_and_tier() -> None:
    counts = {
        (role, tier): sum((tip["role"], tip["tier"]) == (role, tier) for tip in TIPS)
        for role in ROLES
        for tier in TIERS
    }
    assert {place: count for place, count in counts.items() if count < 3} == {}
    assert len(TIPS) >= 36


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tip_is_as_long_as_a_person_reads(language: str) -> None:
    lengths = {tip["key"]: count_words(tip["body"][language]) for tip in TIPS}
    assert {key: count for key, count in lengths.items() if not 80 <= count <= 160} == {}


@pytest.mark.parametrize(("part", "longest"), [("subject", 60), ("preview", 90)])
def test_subjects_and_previews_fit_an_inbox(part: str, longest: int) -> None:
    texts = {
        f"{tip['key']}.{language}": tip[part][language] for tip in TIPS for language in LANGUAGES
    }
    assert {place: text for place, text in texts.items() if len(text) > longest} == {}
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_easy_to_read(language: str) -> None:
    hard = {
        place: round(get_lix(text))
        for place, text in TEXTS.items()
        if place.endswith(f".{language}")
        and count_words(text) >= ENOUGH_WORDS
        and get_lix(text) > READABLE
    }
    assert hard == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_questions_are_easy_to_read_together(language: str) -> None:
    questions = read_content("assessment.yaml")["questions"]
    assert get_lix("\n".join(question["text"][language] for question in questions)) <= READABLE


def test_lix_tells_plain_words_from_officialese() -> None:
    assert get_lix("Vi ses i dag. Ta med dig en vän.") < 20
    assert get_lix("Verksamhetsutvecklingens konsolideringsstrategier föreligger därvidlag.") > 60
