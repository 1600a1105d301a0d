"""A result as a consultant sees it."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from assessments import comparing
from assessments.portraits import FAR, OUTSTANDING, Answer, find_outstanding, get_portrait
from tests.factories import TUESDAY, make_response, publish_test

POINTS = st.one_of(st.none(), st.integers(0, 100))


def answer(points: int | None, statement: str = "x") -> Answer:
    return Answer(statement=statement, answer="", points=points, is_low=False)


def test_the_furthest_from_the_whole_stand_out_and_of_two_alike_the_lower() -> None:
    answers = [answer(50), answer(90), answer(0), answer(100), answer(None)]
    assert [each.points for each in find_outstanding(answers, 50)] == [0, 100, 90]


def test_without_a_whole_result_nothing_stands_out() -> None:
    assert find_outstanding([answer(0)], None) == []


@given(st.lists(POINTS), st.integers(0, 100))
def test_what_stands_out_is_few_and_far(points: list[int | None], whole: int) -> None:
    found = find_outstanding([answer(each) for each in points], whole)
    assert len(found) <= OUTSTANDING
    assert all(each.points is not None and abs(each.points - whole) >= FAR for each in found)


@pytest.mark.django_db
def test_a_portrait_is_in_the_readers_language() -> None:
    test = publish_test()
    keys = [each["key"] for each in test.document["questions"] if not each.get("background")]
    response = make_response(test, language="en", answers={keys[0]: "agree-fully"})
    with override("sv"):
        portrait = get_portrait(response.pk)
    assert portrait is not None
    assert [each.answer for each in portrait.outstanding] == ["Stämmer helt"]
    assert portrait.outstanding[0].is_low is True
    assert portrait.roles[0]["name"] == "Takthållare"
    assert len(portrait.background) == 4


@pytest.mark.django_db
def test_a_portrait_stands_beside_the_field_when_there_is_one() -> None:
    test = publish_test()
    response = make_response(test)
    portrait = get_portrait(response.pk)
    assert portrait is not None
    assert portrait.field == []
    for _ in range(30):
        make_response(test, now=TUESDAY - timedelta(days=40), pace=timedelta(seconds=5))
    comparing.freeze_snapshots(now=TUESDAY)
    portrait = get_portrait(response.pk)
    assert portrait is not None
    assert len(portrait.field) == 5


@pytest.mark.django_db
def test_a_portrait_takes_two_queries_once_the_version_is_known() -> None:
    response = make_response(publish_test())
    get_portrait(response.pk)
    with CaptureQueriesContext(connection) as queries:
        get_portrait(response.pk)
    assert len(queries) == 2


@pytest.mark.django_db
def test_there_is_none_of_somebody_who_is_not_here() -> None:
    assert get_portrait(uuid.uuid4()) is None
