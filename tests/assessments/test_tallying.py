from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from assessments import answering, pace, tallying
from assessments.models import AssessmentVersion, Response, Tally
from tests.factories import TUESDAY, make_response, publish_test

pytestmark = pytest.mark.django_db

DAY_LATER = TUESDAY + timedelta(hours=25)


@pytest.fixture
def version() -> AssessmentVersion:
    return publish_test()


def leave_after(version: AssessmentVersion, count: int) -> Response:
    response = answering.start_response(version=version, language="sv", now=TUESDAY)
    for number in range(1, count + 1):
        answering.record_answer(
            response_id=response.pk, number=number, choice_key="agree", now=TUESDAY
        )
    return response


def get_counts(key: str) -> tuple[int, int]:
    tally = Tally.objects.get(question_key=key)
    return tally.answered, tally.left


def test_tally_ended_counts_who_answered_and_who_left(version: AssessmentVersion) -> None:
    make_response(version, pace=timedelta(seconds=8))
    leave_after(version, 1)
    assert tallying.tally_ended(now=DAY_LATER, limit=10) == 2
    assert get_counts("agile-versus-projects") == (2, 0)
    assert get_counts("no-shared-picture") == (1, 1)
    assert get_counts("") == (1, 1)
    assert Tally.objects.get(question_key="").month == date(2026, 9, 1)


def test_tally_ended_leaves_a_sitting_under_way_alone(version: AssessmentVersion) -> None:
    leave_after(version, 1)
    assert tallying.tally_ended(now=TUESDAY + timedelta(hours=23), limit=10) == 0


def test_tally_ended_counts_nobody_twice(version: AssessmentVersion) -> None:
    make_response(version)
    assert tallying.tally_ended(now=TUESDAY, limit=10) == 1
    assert tallying.tally_ended(now=TUESDAY, limit=10) == 0
    assert get_counts("") == (1, 0)


def test_tally_ended_says_how_long_the_test_takes(version: AssessmentVersion) -> None:
    for seconds in (5, 9, 20):
        make_response(version, pace=timedelta(seconds=seconds))
    tallying.tally_ended(now=DAY_LATER, limit=10)
    median = pace.get_median(Tally.objects.get(question_key="").seconds)
    assert median is not None
    assert 90 <= median < 120  # 13 questions of 9 seconds: 117


def test_tally_ended_takes_no_more_than_its_limit_in_a_bounded_number_of_queries(
    version: AssessmentVersion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(7):
        make_response(version)
    with django_assert_max_num_queries(100):  # 14 places, whatever the number of sittings
        assert tallying.tally_ended(now=DAY_LATER, limit=5) == 5
    assert get_counts("") == (5, 0)
