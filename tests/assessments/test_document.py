import copy
from typing import Any

import pytest

from assessments.document import check, localise
from tests.factories import read_content


@pytest.fixture
def document() -> Any:
    return copy.deepcopy(read_content("assessment.yaml"))


def get_problems(document: Any) -> list[str]:
    return [str(problem) for problem in check(document)]


def test_localise_replaces_every_text_by_one_language() -> None:
    node = {
        "key": "a",
        "title": {"sv": "Hej", "en": "Hello"},
        "rows": [{"t": {"sv": "x", "en": ""}}],
    }
    assert localise(node, "en") == {"key": "a", "title": "Hello", "rows": [{"t": "x"}]}


def test_check_names_the_place_of_a_missing_translation(document: Any) -> None:
    document["questions"][2]["text"]["en"] = " "
    assert get_problems(document) == ["questions.out-of-step.text.en: missing_translation"]


def test_check_wants_every_role_moved_by_two_questions(document: Any) -> None:
    for question in document["questions"][1:]:
        question.get("weights", {}).pop("brobyggare", None)
    assert "roles.brobyggare: moved_by_fewer_than_two_questions" in get_problems(document)


def test_check_wants_the_tiers_in_order(document: Any) -> None:
    document["tiers"]["strong_from"] = 40
    assert get_problems(document) == ["tiers: not_in_order"]


def test_check_refuses_a_weight_for_a_role_that_is_not_there(document: Any) -> None:
    document["questions"][0]["weights"]["visionar"] = 2
    assert get_problems(document) == [
        "questions.agile-versus-projects.weights.visionar: not_a_weight_of_a_role"
    ]


def test_check_refuses_a_key_used_twice(document: Any) -> None:
    document["questions"][1]["key"] = document["questions"][0]["key"]
    assert "questions.agile-versus-projects: key_used_twice" in get_problems(document)


def test_check_wants_a_text_for_each_tier_of_each_role(document: Any) -> None:
    del document["roles"][3]["texts"]["strong"]
    assert get_problems(document) == ["roles.balansmastare.texts.strong: missing"]


def test_check_refuses_points_outside_the_scale(document: Any) -> None:
    choices = document["questions"][0]["choices"]
    document["questions"][0]["choices"] = [{**choices[0], "points": 120}, *choices[1:]]
    assert get_problems(document) == [
        "questions.agile-versus-projects.agree-fully: points_outside_0_to_100"
    ]
