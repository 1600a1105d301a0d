import pytest
from django.db import connection

from assessments import profiles
from assessments.models import Respondent
from tests.factories import TUESDAY, publish_test

pytestmark = pytest.mark.django_db


def make_person(email: str, first_name: str = "") -> Respondent:
    return Respondent.objects.create(email=email, first_name=first_name, created_at=TUESDAY)


@pytest.mark.parametrize(
    "words",
    [
        "anna",
        "ANNA",
        "lind",
        "anna.lindgren@region-norr.se",
        "region",
        "norr",
        "region-norr",
        "anna region",
        "  lindgren  ",
        "kalle",
        "åsa",
        "ÅSA",
        "anna_lindgren",
        "se",
    ],
)
def test_a_person_is_found_by_the_beginning_of_any_word(words: str) -> None:
    person = make_person("anna.lindgren@region-norr.se", "Åsa Kalle")
    make_person("bo@borta.example")
    assert list(profiles.find_people(words)) == [person]


@pytest.mark.parametrize(
    "words", ["indgren", "anna bo", "borta", "", "  ", "@", "'", "\\", "&|!()", "\0"]
)
def test_nobody_is_found_by_anything_else(words: str) -> None:
    make_person("anna.lindgren@region-norr.se")
    assert list(profiles.find_people(words)) == []


@pytest.mark.parametrize("words", ["a:*", "anna'", "anna & !lind", "<->", "anna\0", "x" * 5000])
def test_no_sign_has_a_meaning_of_its_own(words: str) -> None:
    make_person("bo@borta.example")
    assert list(profiles.find_people(words)) == []


def test_the_index_is_the_one_that_is_asked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "respondent_by_words" in profiles.find_people("anna").explain()


def test_the_roles_of_the_published_test_have_names_in_both_languages() -> None:
    publish_test()
    swedish = profiles.get_role_names(assessment_key="pmo", language="sv")
    english = profiles.get_role_names(assessment_key="pmo", language="en")
    assert list(swedish) == list(english) == list(profiles.get_role_keys(assessment_key="pmo"))
    assert swedish["takthallare"] == "Takthållare"
    assert profiles.get_role_names(assessment_key="none", language="sv") == {}
