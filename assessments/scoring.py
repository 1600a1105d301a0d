"""What a set of answers says: points per role, tier and weakest role.

Pure: values in, values out. Knows nothing of texts, rows or languages; the order in which
questions were answered cannot matter because answers are a mapping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Tier = Literal["weak", "developing", "strong"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One scored question: points 0-100 per choice (None = no opinion) and its weight per role."""

    key: str
    points: Mapping[str, int | None]
    weights: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """All that scoring needs of one assessment version. `roles` is the marketer's order."""

    roles: tuple[str, ...]
    questions: tuple[Question, ...]
    developing_from: int
    strong_from: int


@dataclass(frozen=True, kw_only=True)
class Score:
    """A mean in whole points 0-100; None when fewer than half of the questions were answered."""

    points: int | None
    tier: Tier | None
    answered: int
    asked: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """The overall score, one score per role, and the scored roles with the lowest first."""

    overall: Score
    roles: Mapping[str, Score]
    weakest: tuple[str, ...]
    tied_weakest: tuple[str, ...]

    def as_document(self) -> dict[str, Any]:
        """The result as plain JSON values, the shape a response stores."""
        return asdict(self)


def score(*, answers: Mapping[str, str], scheme: Scheme) -> Result:
    """Score `answers` (question key -> choice key) against `scheme`.

    A role's score is the mean of the points of its answered questions, weighted by the
    question's weight for the role. The overall score is the plain mean of all answered
    questions. Questions without an answer, and choices without points ("vet ej"), count as
    not answered. Roles with equal points keep the scheme's order; `tied_weakest` names
    those that share the lowest score when there are two or more, and is empty otherwise.

    Raises KeyError when an answer names a choice that its question does not have.
    """
    points = {question.key: _get_points(question, answers) for question in scheme.questions}
    overall = _mean([(points[question.key], 1) for question in scheme.questions], scheme)
    roles = {
        role: _mean(
            [
                (points[question.key], question.weights[role])
                for question in scheme.questions
                if question.weights.get(role, 0) > 0
            ],
            scheme,
        )
        for role in scheme.roles
    }
    scored = {role: each.points for role, each in roles.items() if each.points is not None}
    weakest = tuple(sorted(scored, key=scored.__getitem__))
    tied = tuple(role for role in weakest if scored[role] == scored[weakest[0]])
    return Result(
        overall=overall,
        roles=roles,
        weakest=weakest,
        tied_weakest=tied if len(tied) > 1 else (),
    )


def get_tier(*, points: int, scheme: Scheme) -> Tier:
    """The tier of `points`; a score on a border belongs to the higher tier."""
    if points < scheme.developing_from:
        return "weak"
    return "developing" if points < scheme.strong_from else "strong"


def _get_points(question: Question, answers: Mapping[str, str]) -> int | None:
    choice = answers.get(question.key)
    return None if choice is None else question.points[choice]


def _mean(parts: Iterable[tuple[int | None, int]], scheme: Scheme) -> Score:
    parts = list(parts)
    answered = [(points, weight) for points, weight in parts if points is not None]
    if not answered or 2 * len(answered) < len(parts):
        return Score(points=None, tier=None, answered=len(answered), asked=len(parts))
    total = sum(points * weight for points, weight in answered)
    weight = sum(weight for _, weight in answered)
    # Whole points, half rounds up: what the page shows is what the tier is decided on.
    points = (2 * total + weight) // (2 * weight)
    return Score(
        points=points,
        tier=get_tier(points=points, scheme=scheme),
        answered=len(answered),
        asked=len(parts),
    )
