"""One result as those see it who are about to call the person. A door.

The radar, each score beside everybody else's, and the answers that stand out.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext

from assessments import charts, comparing, document, reading
from assessments.models import Response

OUTSTANDING = 4
FAR = 20  # points between an answer and the whole result, from where on it stands out


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A statement and what was answered to it. `points` 0-100, None for "don't know"."""

    statement: str
    answer: str
    points: int | None
    is_low: bool


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """A completed response. `field` is empty while too few have answered; `unsure` counts the
    statements answered with "don't know".
    """

    completed_at: datetime
    verdict: str
    points: int | None
    roles: Sequence[Mapping[str, Any]]
    weakest: Sequence[Mapping[str, Any]]
    radar: charts.Radar
    field: Sequence[reading.Comparison]
    distribution: comparing.Distribution | None
    outstanding: Sequence[Answer]
    background: Sequence[tuple[str, str]]
    unsure: int


def get_portrait(response_id: uuid.UUID) -> Portrait | None:
    """In the reader's language. Two queries, and one of snapshots every five minutes."""
    response = Response.objects.filter(pk=response_id, completed_at__isnull=False).first()
    if response is None:
        return None
    assert response.completed_at is not None
    language = "en" if (get_language() or "").startswith("en") else document.LANGUAGES[0]
    read = reading.read_result(response, language)
    distribution = comparing.get_distribution(assessment_key=read["test"]["key"])
    given = dict(response.answers.values_list("question_key", "choice_key"))
    answers = _read_answers(read["test"], given)
    by_key = {role["key"]: role for role in read["roles"]}
    return Portrait(
        completed_at=response.completed_at,
        verdict=(read["verdict"] or {}).get("title", ""),
        points=read["overall"]["points"],
        roles=read["roles"],
        weakest=[by_key[key] for key in (response.result or {})["weakest"]],
        radar=read["radar"],
        field=reading.read_distribution(distribution, read, gettext("Overall")),
        distribution=distribution,
        outstanding=find_outstanding(answers, read["overall"]["points"]),
        background=_read_background(read["test"], given),
        unsure=sum(each.points is None for each in answers),
    )


def find_outstanding(answers: Sequence[Answer], whole: int | None) -> list[Answer]:
    """Those furthest from the whole result, the furthest first and of two alike the lower one."""
    if whole is None:
        return []
    far = [each for each in answers if each.points is not None and abs(each.points - whole) >= FAR]
    far.sort(key=lambda each: (-abs((each.points or 0) - whole), each.points))
    return far[:OUTSTANDING]


def _read_answers(test: Mapping[str, Any], given: Mapping[str, str]) -> list[Answer]:
    """Of the scored questions, in the order of the test."""
    return [
        Answer(
            statement=question["text"],
            answer=choice["label"],
            points=choice.get("points"),
            is_low=(choice.get("points") or 0) < test["tiers"]["developing_from"],
        )
        for question, choice in _get_chosen(test, given)
        if not question.get("background")
    ]


def _read_background(test: Mapping[str, Any], given: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (question["text"], choice["label"])
        for question, choice in _get_chosen(test, given)
        if question.get("background")
    ]


def _get_chosen(
    test: Mapping[str, Any], given: Mapping[str, str]
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return [
        (question, choice)
        for question in test["questions"]
        for choice in question["choices"]
        if given.get(question["key"]) == choice["key"]
    ]
