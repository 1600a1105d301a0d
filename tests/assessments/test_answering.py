import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from assessments import answering, publishing
from assessments.models import Answer, AssessmentVersion, Response
from assessments.signals import response_completed
from tests.factories import TUESDAY, make_response, publish_test

FIRST = "agile-versus-projects"


@pytest.fixture
def version(db: None) -> AssessmentVersion:
    return publish_test()


@pytest.fixture
def response(version: AssessmentVersion) -> Response:
    return answering.start_response(version=version, language="sv", now=TUESDAY)


def record(response: Response, number: int, choice: str, seconds: int = 0) -> bool:
    return answering.record_answer(
        response_id=response.pk,
        number=number,
        choice_key=choice,
        now=TUESDAY + timedelta(seconds=seconds),
    )


def record_all_but_last(response: Response) -> str:
    """Every question but the last has an answer; returns a choice of the last one."""
    *first, last = response.document["questions"]
    for number, question in enumerate(first, start=1):
        record(response, number, question["choices"][0]["key"])
    return str(last["choices"][0]["key"])


def get_seconds(response: Response) -> list[int | None]:
    return list(response.answers.order_by("answered_at", "pk").values_list("seconds", flat=True))


def test_record_answer_replaces_an_earlier_answer(response: Response) -> None:
    record(response, 1, "agree")
    record(response, 1, "disagree")
    assert answering.get_answers(response_id=response.pk) == {FIRST: "disagree"}


def test_record_answer_refuses_a_choice_the_question_does_not_have(response: Response) -> None:
    with pytest.raises(answering.UnknownChoice):
        record(response, 1, "perhaps")


@pytest.mark.parametrize("number", [-1, 0, 14])
def test_record_answer_refuses_a_question_the_version_does_not_have(
    response: Response, number: int
) -> None:
    with pytest.raises(answering.UnknownChoice):
        record(response, number, "agree")


def test_record_answer_refuses_to_skip_a_question(response: Response) -> None:
    with pytest.raises(answering.NotReached):
        record(response, 2, "agree")


def test_record_answer_keeps_the_seconds_since_the_answer_before(response: Response) -> None:
    record(response, 1, "agree", seconds=12)
    record(response, 2, "agree", seconds=20)
    assert get_seconds(response) == [12, 8]


def test_record_answer_keeps_the_first_time_when_an_answer_changes(response: Response) -> None:
    record(response, 1, "agree", seconds=12)
    record(response, 1, "disagree", seconds=60)
    assert get_seconds(response) == [12]


def test_record_answer_measures_nobody_who_was_away(response: Response) -> None:
    record(response, 1, "agree", seconds=301)
    assert get_seconds(response) == [None]


def test_record_answer_says_when_the_last_one_is_in(response: Response) -> None:
    last = record_all_but_last(response)
    assert record(response, 13, last) is True
    assert Response.objects.get(pk=response.pk).result is not None


def test_record_answer_refuses_to_change_a_result(version: AssessmentVersion) -> None:
    with pytest.raises(answering.AlreadyCompleted):
        record(make_response(version), 1, "agree")


def test_record_answer_asks_the_database_three_things_and_four_at_the_end(
    response: Response, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    last = record_all_but_last(response)
    with django_assert_num_queries(5):  # a savepoint before and after: a test is a transaction
        record(response, 1, "agree")
    with django_assert_num_queries(6):
        record(response, 13, last)


def test_the_last_answer_tells_others_once(
    version: AssessmentVersion, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard: list[object] = []

    def listen(*, response_id: object, **_: object) -> None:
        heard.append(response_id)

    response_completed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        response = make_response(version)
    response_completed.disconnect(listen)
    assert heard == [response.pk]


def test_a_result_keeps_its_texts_when_the_test_is_edited_later(
    version: AssessmentVersion,
) -> None:
    response = make_response(version)
    version.assessment.roles.update(name_sv="Något annat")
    edited = publishing.publish(assessment=version.assessment, by=None, now=TUESDAY)
    assert edited.document["roles"][0]["name"]["sv"] == "Något annat"
    stored = Response.objects.get(pk=response.pk)
    assert stored.document["roles"][0]["name"]["sv"] == "Takthållare"
    assert stored.result is not None
    assert stored.result["overall"]["points"] == 50


def test_a_retake_belongs_to_the_series_and_the_organisation_of_the_one_before(
    version: AssessmentVersion,
) -> None:
    first = make_response(version)
    again = make_response(version, previous=first)
    third = make_response(version, previous=again)
    assert [first.series, again.series, third.series] == [first.pk] * 3
    assert third.previous_id == again.pk


@pytest.mark.django_db(transaction=True)
def test_the_last_answer_from_two_tabs_at_once_computes_one_result() -> None:
    version = publish_test()
    response = answering.start_response(version=version, language="sv", now=TUESDAY)
    last = record_all_but_last(response)
    endings: list[str] = []

    def answer() -> None:
        try:
            endings.append("computed" if record(response, 13, last) else "open")
        except answering.AlreadyCompleted:
            endings.append("already there")
        connection.close()

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(endings) == ["already there"] * 3 + ["computed"]
    assert Answer.objects.filter(response=response).count() == 13
