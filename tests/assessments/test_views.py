import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from assessments import tokens
from assessments.models import Answer, AssessmentVersion, Response
from tests.factories import make_response, publish_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> AssessmentVersion:
    return publish_test()


@pytest.fixture
def first(client: Client, version: AssessmentVersion) -> str:
    """The address of the first question of a new test."""
    return client.post("/test/pmo/").headers["Location"]


def get_result_path(response: Response) -> str:
    return f"/resultat/{tokens.make('result', response.pk)}/"


def answer_all(client: Client, version: AssessmentVersion, first: str) -> str:
    """Answer each question with its first choice; the address of the result."""
    address = first
    for question in version.document["questions"]:
        address = client.post(address, {"choice": question["choices"][0]["key"]}).headers[
            "Location"
        ]
    return address


@pytest.mark.parametrize(("path", "language"), [("/", "sv"), ("/en/", "en")])
def test_home_shows_the_article_in_its_language(
    client: Client, version: AssessmentVersion, path: str, language: str
) -> None:
    page = client.get(path).content.decode()
    assert f'<html lang="{language}"' in page
    for question in version.document["questions"][:9]:
        assert question["signal"][language] in page.replace("&#x27;", "'")


def test_home_is_swedish_whatever_the_browser_prefers(
    client: Client, version: AssessmentVersion
) -> None:
    page = client.get("/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="sv"' in page


def test_public_pages_set_no_cookie(client: Client, version: AssessmentVersion, first: str) -> None:
    result = answer_all(client, version, first)
    for path in ("/", "/en/", "/test/pmo/", "/integritet/", first, result):
        client.get(path)
    assert not client.cookies


def test_the_whole_test_leads_to_the_result(
    client: Client, version: AssessmentVersion, first: str
) -> None:
    result = answer_all(client, version, first)
    page = client.get(result).content.decode()
    assert version.document["verdicts"]["weak"]["title"]["sv"] in page
    assert "<svg" in page
    assert "<table" in page
    for role in version.document["roles"]:
        assert role["name"]["sv"] in page


SAVEPOINTS = 2  # a test is a transaction, so atomic() in it costs two


def test_an_answer_costs_three_queries_and_the_last_one_four(
    client: Client,
    version: AssessmentVersion,
    first: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get(first)
    with django_assert_num_queries(3 + SAVEPOINTS):
        address = client.post(first, {"choice": "agree"}).headers["Location"]
    for question in version.document["questions"][1:-1]:
        address = client.post(address, {"choice": question["choices"][0]["key"]}).headers[
            "Location"
        ]
    last = version.document["questions"][-1]["choices"][0]["key"]
    with django_assert_num_queries(4 + SAVEPOINTS):
        client.post(address, {"choice": last})


def test_every_page_costs_few_queries(
    client: Client,
    version: AssessmentVersion,
    first: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get(first)
    with django_assert_num_queries(1):  # the published version
        client.get("/test/pmo/")
    with django_assert_num_queries(2):  # the version, and the new sitting
        client.post("/test/pmo/")
    with django_assert_num_queries(2):  # the sitting and its answers
        client.get(first)
    result = answer_all(client, version, first)
    with django_assert_num_queries(3):  # the sitting; snapshots and wordings on the first look
        client.get(result)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"choice": ""},
        {"choice": "perhaps"},
        {"choice": ["agree", "disagree"]},
        {"choice": "x" * 1_000_000},
        {"choice": "\x00"},
        {"choice": "😀\u202e"},
        {"other": "agree"},
    ],
)
def test_a_wrong_answer_gets_a_message_and_loses_nothing(
    client: Client, first: str, content: dict
) -> None:
    client.post(first, {"choice": "agree"})
    answer = client.post(first, content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Answer.objects.get().choice_key == "agree"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=200))
def test_no_answer_makes_the_page_fail(client: Client, first: str, choice: str) -> None:
    assert client.post(first, {"choice": choice}).status_code in {302, 422}


def test_a_skipped_question_leads_back_to_the_first_open_one(client: Client, first: str) -> None:
    third = first.replace("/1/", "/3/")
    assert client.get(third).headers["Location"] == first
    answer = client.post(third, {"choice": "agree"})
    assert client.get(answer.headers["Location"]).headers["Location"] == first
    assert not Answer.objects.exists()


def test_a_repeated_answer_is_kept_once(client: Client, first: str) -> None:
    for choice in ("agree", "agree", "disagree"):
        client.post(first, {"choice": choice})
    assert Answer.objects.get().choice_key == "disagree"


def test_an_answer_with_another_tests_token_is_refused(client: Client, first: str) -> None:
    forged = first.replace("/test/pmo/", "/test/pmo/x")
    assert client.post(forged, {"choice": "agree"}).status_code == 404
    assert not Answer.objects.exists()


def test_an_answer_after_the_result_changes_nothing(
    client: Client, version: AssessmentVersion, first: str
) -> None:
    result = answer_all(client, version, first)
    answer = client.post(first, {"choice": "disagree-fully"})
    assert answer.headers["Location"] == result
    assert Answer.objects.get(question_key="agile-versus-projects").choice_key == "agree-fully"


def test_the_link_to_resume_leads_to_the_first_open_question(client: Client, first: str) -> None:
    client.post(first, {"choice": "agree"})
    resumed = client.get(first.removesuffix("1/"))
    assert resumed.headers["Location"] == first.replace("/1/", "/2/")


def test_an_earlier_answer_is_shown_when_one_goes_back(client: Client, first: str) -> None:
    client.post(first, {"choice": "disagree"})
    page = client.get(first).content.decode()
    checked = next(part for part in page.split("<input") if "checked" in part)
    assert 'value="disagree"' in checked


def test_a_result_says_plainly_where_too_little_was_answered(
    client: Client, version: AssessmentVersion
) -> None:
    unknown = {q["key"]: "unknown" for q in version.document["questions"] if "weights" in q}
    page = client.get(get_result_path(make_response(version, answers=unknown)))
    assert page.status_code == 200
    assert "För få" in page.content.decode()


def test_a_result_names_roles_that_share_the_lowest_score(
    client: Client, version: AssessmentVersion
) -> None:
    page = client.get(get_result_path(make_response(version))).content.decode()
    assert "lika" in page.lower()


def test_a_result_is_not_for_search_engines_or_caches(
    client: Client, version: AssessmentVersion
) -> None:
    page = client.get(get_result_path(make_response(version)))
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_a_result_that_was_erased_gets_a_neutral_page(
    client: Client, version: AssessmentVersion
) -> None:
    response = make_response(version)
    path = get_result_path(response)
    response.delete()
    assert client.get(path).status_code == 404


def test_an_unfinished_test_has_no_result(client: Client, first: str) -> None:
    response = Response.objects.get()
    assert client.get(get_result_path(response)).status_code == 404


def test_a_test_that_is_not_published_is_not_found(client: Client) -> None:
    assert client.get("/test/nothing/").status_code == 404


@pytest.mark.parametrize("path", ["/integritet/", "/en/integritet/"])
def test_the_privacy_notice_names_the_controller(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert "PMO-testet" in page
    assert "{{" not in page
