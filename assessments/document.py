"""The one document that describes a test: its schema, what it must contain, its readings.

Content files, drafts written out, published versions and exports all have this shape; every
text in it is a mapping of language to string. Pure: knows no rows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessments import scoring

LANGUAGES = ("sv", "en")
TIERS = ("weak", "developing", "strong")
ARTICLE_TEXTS = (
    "title",
    "preamble",
    "body",
    "signals_heading",
    "roles_heading",
    "roles_intro",
    "shift_heading",
    "shift_text",
    "invitation_heading",
    "invitation_text",
    "start_label",
)

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that keeps a document from being published. `place` is a dotted path."""

    place: str
    code: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code}"


def get_scheme(document: Document) -> scoring.Scheme:
    """What scoring needs of `document`."""
    return scoring.Scheme(
        roles=tuple(role["key"] for role in document["roles"]),
        questions=tuple(
            scoring.Question(
                key=question["key"],
                points={choice["key"]: choice.get("points") for choice in question["choices"]},
                weights=question["weights"],
            )
            for question in document["questions"]
            if not question.get("background")
        ),
        developing_from=document["tiers"]["developing_from"],
        strong_from=document["tiers"]["strong_from"],
    )


def localise(node: Any, language: str) -> Any:
    """A copy of `node` in which every {language: text} mapping has become its text."""
    if isinstance(node, Mapping):
        if set(node) == set(LANGUAGES):
            return node[language] or node[LANGUAGES[0]]
        return {key: localise(value, language) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [localise(value, language) for value in node]
    return node


def check(document: Document) -> tuple[Problem, ...]:
    """All that is missing or contradictory in `document`; empty when it may be published."""
    return tuple(_check_texts(document)) + tuple(_check_scheme(document))


def _check_texts(document: Document) -> Iterator[Problem]:
    for place, text in _walk_texts(document):
        yield from (
            Problem(place=f"{place}.{language}", code="missing_translation")
            for language in LANGUAGES
            if not str(text.get(language) or "").strip()
        )
    yield from (
        Problem(place=f"article.{name}", code="missing")
        for name in ARTICLE_TEXTS
        if name not in document["article"]
    )
    yield from (
        Problem(place=f"verdicts.{tier}", code="missing")
        for tier in TIERS
        if tier not in document["verdicts"]
    )
    yield from (
        Problem(place=f"roles.{role['key']}.texts.{tier}", code="missing")
        for role in document["roles"]
        for tier in TIERS
        if tier not in role["texts"]
    )


def _check_scheme(document: Document) -> Iterator[Problem]:
    bounds = document["tiers"]
    if not 0 < bounds["developing_from"] < bounds["strong_from"] <= 100:
        yield Problem(place="tiers", code="not_in_order")
    roles = [role["key"] for role in document["roles"]]
    questions = document["questions"]
    for place, keys in (("roles", roles), ("questions", [each["key"] for each in questions])):
        yield from _check_unique(place, keys)
    moved = Counter(role for each in questions for role in each.get("weights", {}))
    for role in roles:
        if moved[role] < 2:
            yield Problem(place=f"roles.{role}", code="moved_by_fewer_than_two_questions")
    for question in questions:
        yield from _check_question(question, roles)


def _check_question(question: Mapping[str, Any], roles: list[str]) -> Iterator[Problem]:
    place = f"questions.{question['key']}"
    yield from _check_unique(place, [choice["key"] for choice in question["choices"]])
    if len(question["choices"]) < 2:
        yield Problem(place=place, code="too_few_choices")
    if question.get("background"):
        return
    if not question.get("weights"):
        yield Problem(place=place, code="moves_no_role")
    for role, weight in question.get("weights", {}).items():
        if role not in roles or weight < 1:
            yield Problem(place=f"{place}.weights.{role}", code="not_a_weight_of_a_role")
    for choice in question["choices"]:
        points = choice.get("points")
        if points is not None and not 0 <= points <= 100:
            yield Problem(place=f"{place}.{choice['key']}", code="points_outside_0_to_100")


def _check_unique(place: str, keys: list[str]) -> Iterator[Problem]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield Problem(place=f"{place}.{key}", code="key_used_twice")


def _walk_texts(node: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, Mapping):
        if node and set(node) <= set(LANGUAGES):
            yield place, node
            return
        for key, value in node.items():
            yield from _walk_texts(value, f"{place}.{key}".lstrip("."))
    elif isinstance(node, list):
        for value in node:
            yield from _walk_texts(value, f"{place}.{value.get('key', '?')}".lstrip("."))
