"""One sitting from start to result. Leaves the look and order of the pages to the views."""

import uuid
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from assessments import document, scoring
from assessments.models import Answer, AssessmentVersion, Response
from assessments.signals import response_completed


class UnknownChoice(ValueError):
    """The question has no such choice, or the version no such question."""


class NotReached(ValueError):
    """An earlier question is still without an answer."""


class AlreadyCompleted(ValueError):
    """The result has been computed; answers can no longer change."""


def start_response(*, version: AssessmentVersion, language: str, now: datetime) -> Response:
    return Response.objects.create(version=version, language=language, started_at=now)


def get_answers(*, response_id: uuid.UUID) -> dict[str, str]:
    """Question key -> choice key, for all that has been answered so far."""
    answers = Answer.objects.filter(response_id=response_id)
    return dict(answers.values_list("question_key", "choice_key"))


@transaction.atomic
def record_answer(
    *, response_id: uuid.UUID, question_key: str, choice_key: str, now: datetime
) -> bool:
    """Keep the answer, in place of an earlier one to the same question.

    Returns whether every question now has an answer. Raises UnknownChoice, NotReached when
    an earlier question has no answer yet, and AlreadyCompleted when the result exists.
    """
    response = _get_locked(response_id)
    if response.completed_at is not None:
        raise AlreadyCompleted
    questions = response.document["questions"]
    _check_choice(questions, question_key, choice_key)
    answered = set(get_answers(response_id=response_id))
    _check_order(questions, question_key, answered)
    Answer.objects.bulk_create(
        [
            Answer(
                response=response,
                question_key=question_key,
                choice_key=choice_key,
                answered_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["response", "question_key"],
        update_fields=["choice_key", "answered_at"],
    )
    return answered | {question_key} >= {question["key"] for question in questions}


@transaction.atomic
def complete_response(*, response_id: uuid.UUID, now: datetime) -> Response:
    """Compute and freeze the result. A second call, also a simultaneous one, changes nothing."""
    response = _get_locked(response_id)
    if response.completed_at is not None:
        return response
    result = scoring.score(
        answers=get_answers(response_id=response_id),
        scheme=document.get_scheme(response.document),
    )
    response.result = result.as_document()
    response.completed_at = now
    response.save(update_fields=["result", "completed_at"])
    transaction.on_commit(
        partial(response_completed.send_robust, sender=None, response_id=response_id)
    )
    return response


def _get_locked(response_id: uuid.UUID) -> Response:
    return Response.objects.select_for_update().get(pk=response_id)


def _check_choice(questions: list[dict[str, Any]], question_key: str, choice_key: str) -> None:
    for question in questions:
        if question["key"] == question_key:
            if choice_key in {choice["key"] for choice in question["choices"]}:
                return
            break
    raise UnknownChoice


def _check_order(questions: list[dict[str, Any]], question_key: str, answered: set[str]) -> None:
    for question in questions:
        if question["key"] == question_key:
            return
        if question["key"] not in answered:
            raise NotReached
