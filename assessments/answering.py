"""One sitting from start to result. Leaves the look and order of the pages to the views."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from assessments import document, pace, scoring
from assessments.models import Answer, AssessmentVersion, Organisation, Response
from assessments.signals import response_completed


class UnknownChoice(ValueError):
    """The version has no such question, or the question no such choice."""


class NotReached(ValueError):
    """An earlier question is still without an answer."""


class AlreadyCompleted(ValueError):
    """The result has been computed; answers can no longer change."""


def start_response(
    *,
    version: AssessmentVersion,
    language: str,
    now: datetime,
    previous: Response | None = None,
    organisation: Organisation | None = None,
) -> Response:
    """A new sitting: the first of its series, or a retake of `previous` in its organisation."""
    response = Response(version=version, language=language, started_at=now, previous=previous)
    response.series = previous.series if previous else response.pk
    response.organisation_id = previous.organisation_id if previous else None
    if organisation is not None:
        response.organisation = organisation
    response.save(force_insert=True)
    return response


def get_answers(*, response_id: uuid.UUID) -> dict[str, str]:
    """Question key -> choice key, for all that has been answered so far."""
    answers = Answer.objects.filter(response_id=response_id)
    return dict(answers.values_list("question_key", "choice_key"))


@transaction.atomic
def record_answer(*, response_id: uuid.UUID, number: int, choice_key: str, now: datetime) -> bool:
    """Keep the answer to question `number` (from 1), in place of an earlier one.

    The answer to the last open question computes and freezes the result; returns whether this
    one did. Raises Response.DoesNotExist, UnknownChoice, NotReached when an earlier question
    has no answer yet, and AlreadyCompleted when the result exists.
    """
    response = Response.objects.select_for_update().get(pk=response_id)
    if response.completed_at is not None:
        raise AlreadyCompleted
    questions = response.document["questions"]
    question_key = _get_question_key(questions, number, choice_key)
    given = {each.question_key: each for each in Answer.objects.filter(response=response)}
    if any(question["key"] not in given for question in questions[: number - 1]):
        raise NotReached
    last_seen = max((each.answered_at for each in given.values()), default=response.started_at)
    _save_answer(
        Answer(
            response=response,
            question_key=question_key,
            choice_key=choice_key,
            answered_at=now,
            seconds=pace.measure(since=last_seen, now=now),
        )
    )
    answers = {key: each.choice_key for key, each in given.items()} | {question_key: choice_key}
    if len(answers) < len(questions):
        return False
    _complete(response, answers, now)
    return True


def _get_question_key(questions: list[dict[str, Any]], number: int, choice_key: str) -> str:
    if not 1 <= number <= len(questions):
        raise UnknownChoice
    question = questions[number - 1]
    if choice_key not in {choice["key"] for choice in question["choices"]}:
        raise UnknownChoice
    return str(question["key"])


def _save_answer(answer: Answer) -> None:
    """A changed answer keeps the time that the first one took."""
    Answer.objects.bulk_create(
        [answer],
        update_conflicts=True,
        unique_fields=["response", "question_key"],
        update_fields=["choice_key", "answered_at"],
    )


def _complete(response: Response, answers: Mapping[str, str], now: datetime) -> None:
    scheme = document.get_scheme(response.document)
    response.result = scoring.score(answers=answers, scheme=scheme).as_document()
    response.completed_at = now
    response.save(update_fields=["result", "completed_at"])
    transaction.on_commit(
        partial(response_completed.send_robust, sender=None, response_id=response.pk)
    )
