import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from assessments import answering, publishing
from assessments.models import Answer, AssessmentVersion, Response
from assessments.signals import response_completed
from tests.factories import TUESDAY, make_response, publish_test

FIRST = "agile-versus-projects"
SECOND = "no-shared-picture"


@pytest.fixture
def version(db: None) -> AssessmentVersion:
    return publish_test()


@pytest.fixture
def response(version: AssessmentVersion) -> Response:
    return answering.start_response(version=version, language="sv", now=TUESDAY)


def record(response: Response, question: str, choice: str) -> bool:
    return answering.record_answer(
        response_id=response.pk, question_key=question, choice_key=choice, now=TUESDAY
    )


def test_record_answer_replaces_an_earlier_answer(response: Response) -> None:
    record(response, FIRST, "agree")
    record(response, FIRST, "disagree")
    assert answering.get_answers(response_id=response.pk) == {FIRST: "disagree"}


def test_record_answer_refuses_a_choice_the_question_does_not_have(response: Response) -> None:
    with pytest.raises(answering.UnknownChoice):
        record(response, FIRST, "perhaps")


def test_record_answer_refuses_a_question_the_version_does_not_have(response: Response) -> None:
    with pytest.raises(answering.UnknownChoice):
        record(response, "weather", "agree")


def test_record_answer_refuses_to_skip_a_question(response: Response) -> None:
    with pytest.raises(answering.NotReached):
        record(response, SECOND, "agree")


def test_record_answer_says_when_the_last_one_is_in(version: AssessmentVersion) -> None:
    response = answering.start_response(version=version, language="sv", now=TUESDAY)
    said = [
        record(response, question["key"], question["choices"][0]["key"])
        for question in version.document["questions"]
    ]
    assert said == [False] * 12 + [True]


def test_record_answer_refuses_to_change_a_result(version: AssessmentVersion) -> None:
    response = make_response(version)
    with pytest.raises(answering.AlreadyCompleted):
        record(response, FIRST, "agree")


def test_complete_response_keeps_the_result_and_tells_others_once(
    version: AssessmentVersion, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard: list[object] = []

    def listen(*, response_id: object, **_: object) -> None:
        heard.append(response_id)

    response_completed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        response = make_response(version)
        later = TUESDAY + timedelta(hours=1)
        again = answering.complete_response(response_id=response.pk, now=later)
    response_completed.disconnect(listen)
    assert heard == [response.pk]
    assert again.completed_at == TUESDAY


def test_complete_response_pins_scores_when_the_test_is_edited_later(
    version: AssessmentVersion,
) -> None:
    response = make_response(version)
    version.assessment.roles.update(name_sv="Något annat")
    edited = publishing.publish(assessment=version.assessment, by=None, now=TUESDAY)
    assert edited.document["roles"][0]["name"]["sv"] == "Något annat"
    stored = Response.objects.get(pk=response.pk)
    assert stored.document["roles"][0]["name"]["sv"] == "Takthållare"
    assert stored.result["overall"]["points"] == 50


@pytest.mark.django_db(transaction=True)
def test_complete_response_by_two_tabs_at_once_computes_one_result() -> None:
    version = publish_test()
    response = make_response(version)
    Response.objects.filter(pk=response.pk).update(completed_at=None, result=None)
    results: list[object] = []

    def complete() -> None:
        done = answering.complete_response(response_id=response.pk, now=TUESDAY)
        results.append(done.completed_at)
        connection.close()

    threads = [threading.Thread(target=complete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [TUESDAY] * 4
    assert Answer.objects.filter(response=response).count() == 13
