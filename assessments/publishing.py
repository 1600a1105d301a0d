"""From draft to frozen version, and back: write the draft out as a document, check, freeze."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model

from assessments import document
from assessments.models import Assessment, AssessmentVersion, Question, Role


class NotPublishable(ValueError):
    """The draft has problems; `problems` lists every one of them."""

    def __init__(self, problems: tuple[document.Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def get_published(*, key: str, columns: Sequence[str] = ()) -> AssessmentVersion | None:
    """The newest version of the assessment, or None when it was never published. `columns` are
    those to read, if not all.
    """
    versions = AssessmentVersion.objects.filter(assessment__key=key).only(*columns)
    return versions.order_by("-number").first()


def check(*, assessment: Assessment) -> tuple[document.Problem, ...]:
    return document.check(build_document(assessment=assessment))


@transaction.atomic
def publish(*, assessment: Assessment, by: User | None, now: datetime) -> AssessmentVersion:
    """Freeze the draft as the next version. Raises NotPublishable with every problem found.

    An unchanged draft is not frozen twice: the version that already holds it is returned.
    """
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    draft = build_document(assessment=assessment)
    if problems := document.check(draft):
        raise NotPublishable(problems)
    newest = get_published(key=assessment.key)
    if newest is not None and newest.document == draft:
        return newest
    return AssessmentVersion.objects.create(
        assessment=assessment,
        number=newest.number + 1 if newest else 1,
        document=draft,
        published_at=now,
        published_by=by,
    )


def build_document(*, assessment: Assessment) -> dict[str, Any]:
    """The draft as one document, in the shape of the content files."""
    roles = assessment.roles.order_by("position", "pk").prefetch_related("texts")
    questions = assessment.questions.order_by("position", "pk").prefetch_related(
        "choices", "weights__role"
    )
    return {
        "key": assessment.key,
        "title": get_texts(assessment, "title"),
        "tiers": {
            "developing_from": assessment.developing_from,
            "strong_from": assessment.strong_from,
        },
        "article": {
            name: get_texts(assessment, f"article_{name}") for name in document.ARTICLE_TEXTS
        },
        "verdicts": {
            verdict.tier: {"title": get_texts(verdict, "title"), "text": get_texts(verdict, "text")}
            for verdict in assessment.verdicts.all()
        },
        "roles": [_build_role(role) for role in roles],
        "questions": [_build_question(question) for question in questions],
    }


def get_texts(row: Model, field: str) -> dict[str, str]:
    """The field in every language, as documents hold it."""
    return {language: getattr(row, f"{field}_{language}") or "" for language in document.LANGUAGES}


def _build_role(role: Role) -> dict[str, Any]:
    return {
        "key": role.key,
        "name": get_texts(role, "name"),
        "description": get_texts(role, "description"),
        "texts": {
            text.tier: {"text": get_texts(text, "text"), "step": get_texts(text, "step")}
            for text in role.texts.all()
        },
    }


def _build_question(question: Question) -> dict[str, Any]:
    choices = sorted(question.choices.all(), key=lambda choice: (choice.position, choice.pk))
    built: dict[str, Any] = {"key": question.key, "text": get_texts(question, "text")}
    if question.background:
        return built | {
            "background": True,
            "choices": [
                {"key": choice.key, "label": get_texts(choice, "label"), "fit": choice.fit}
                for choice in choices
            ],
        }
    return built | {
        "signal": get_texts(question, "signal"),
        "signal_text": get_texts(question, "signal_text"),
        "weights": {weight.role.key: weight.weight for weight in question.weights.all()},
        "choices": [
            {"key": choice.key, "label": get_texts(choice, "label"), "points": choice.points}
            for choice in choices
        ],
    }
