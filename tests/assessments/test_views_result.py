import re
import zlib
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from assessments import comparing, profiles, publishing, tokens
from assessments.models import AssessmentVersion, Organisation, Response
from tests.factories import TUESDAY, make_response, publish_test

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


@pytest.fixture
def version() -> AssessmentVersion:
    return publish_test()


@pytest.fixture
def response(version: AssessmentVersion) -> Response:
    return make_response(version)


def get_path(response: Response, page: str = "") -> str:
    return f"/resultat/{tokens.make('result', response.pk)}/{page}"


def get_page(client: Client, response: Response) -> str:
    return client.get(get_path(response)).content.decode()


def answer(version: AssessmentVersion, choice: str) -> dict[str, str]:
    return {question["key"]: choice for question in version.document["questions"][:9]}


# The report


def unpack(pdf: bytes) -> bytes:
    """The file with its streams inflated. Text on the pages is glyph numbers, but titles,
    metadata and addresses of links are plain.
    """
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    inflated = []
    for stream in streams:
        with suppress(zlib.error):
            inflated.append(zlib.decompressobj().decompress(stream))
    return pdf + b"".join(inflated)


@pytest.mark.parametrize(("prefix", "name"), [("", "pmo-rapport"), ("/en", "pmo-report")])
def test_the_report_is_a_tagged_pdf_that_names_nobody(
    client: Client, version: AssessmentVersion, prefix: str, name: str
) -> None:
    response = make_response(version)
    person = profiles.get_or_create_respondent(email="alva@example.se", language="sv", now=TUESDAY)
    profiles.save_contact(
        respondent_id=person, response_id=response.pk, first_name="Alva", language="sv"
    )
    answered = client.get(prefix + get_path(response, "rapport.pdf"))
    assert answered.headers["Content-Type"] == "application/pdf"
    assert answered.headers["X-Robots-Tag"] == "noindex"
    assert f'filename="{name}-2026-09-15.pdf"' in answered.headers["Content-Disposition"]
    assert answered.content.startswith(b"%PDF-")
    content = unpack(answered.content)
    assert b"/StructTreeRoot" in content
    for secret in ("alva", tokens.make("result", response.pk), str(response.pk)):
        assert secret.lower().encode() not in content.lower()


def test_the_report_of_somebody_without_scores_is_a_report_too(
    client: Client, version: AssessmentVersion
) -> None:
    response = make_response(version, answers=answer(version, "unknown"))
    assert client.get(get_path(response, "rapport.pdf")).content.startswith(b"%PDF-")


def test_what_a_marketer_writes_is_text_in_the_report_and_never_a_program(
    client: Client, version: AssessmentVersion
) -> None:
    version.assessment.roles.update(name_sv='#panic("x") $x^2$ *a* <b> \\ ]')
    edited = publishing.publish(assessment=version.assessment, by=None, now=TUESDAY)
    answered = client.get(get_path(make_response(edited), "rapport.pdf"))
    assert answered.content.startswith(b"%PDF-")


# Then and now


def test_a_retake_shows_then_and_now_per_role(client: Client, version: AssessmentVersion) -> None:
    before = make_response(version, answers=answer(version, "agree"))
    start = client.get(get_path(before, "igen/"))
    assert "Du gjorde testet den 15 september 2026" in start.content.decode()
    first = client.post(get_path(before, "igen/")).headers["Location"]
    again = Response.objects.get(previous=before)
    assert f"/test/pmo/{tokens.make('test', again.pk)}/1/" == first
    again = make_response(
        version, answers=answer(version, "disagree"), previous=before, now=TUESDAY + MONTH
    )
    page = get_page(client, again)
    assert "Då och nu" in page
    assert page.count("+50</span>") == 4
    assert get_path(before) in page
    assert "Då och nu" not in get_page(client, before)


def test_a_retake_of_an_edited_test_says_so(client: Client, version: AssessmentVersion) -> None:
    before = make_response(version)
    version.assessment.roles.update(name_sv="Något annat")
    edited = publishing.publish(assessment=version.assessment, by=None, now=TUESDAY)
    again = make_response(edited, previous=before, now=TUESDAY + MONTH)
    assert "Testet har ändrats däremellan" in get_page(client, again)


def test_a_retake_of_a_forgotten_result_is_a_first_test(
    client: Client, version: AssessmentVersion
) -> None:
    gone = make_response(version)
    path = get_path(gone, "igen/")
    gone.delete()
    assert client.get(path).status_code == 200
    client.post(path)
    assert Response.objects.get().previous is None


# Everybody


@override_settings(DISTRIBUTION_LEAST=5)
def test_the_result_stands_beside_others_when_there_are_enough(
    client: Client, version: AssessmentVersion, response: Response
) -> None:
    assert "Bredvid andra" not in get_page(client, response)
    for _ in range(5):
        make_response(version, answers=answer(version, "agree"), pace=timedelta(seconds=5))
    comparing.freeze_snapshots(now=TUESDAY + MONTH)
    page = get_page(client, response)
    assert "5 personer, till och med september 2026" in page
    assert page.count("50 poäng: högre än nästan alla andra.") == 5


# Colleagues


def test_inviting_gives_a_link_and_counts_ones_own_answers(
    client: Client, response: Response
) -> None:
    to_result = client.post(get_path(response, "kollegor/"), {"act": "invite"})
    assert to_result.headers["Location"] == get_path(response) + "#colleagues"
    organisation = Organisation.objects.get()
    link = f"/test/pmo/inbjudan/{tokens.make('invite', organisation.pk)}/"
    assert link in get_page(client, response)
    response.refresh_from_db()
    assert response.shared_at is not None


def test_somebody_invited_counts_only_after_saying_so(
    client: Client, version: AssessmentVersion, response: Response
) -> None:
    organisation = comparing.invite(response_id=response.pk, now=TUESDAY)
    start = f"/test/pmo/inbjudan/{tokens.make('invite', organisation.pk)}/"
    assert "En kollega har bjudit in dig" in client.get(start).content.decode()
    client.post(start)
    assert Response.objects.filter(organisation=organisation).count() == 2
    colleague = make_response(version, organisation=organisation)
    assert "Räkna med mina svar" in get_page(client, colleague)
    client.post(get_path(colleague, "kollegor/"), {"act": "share"})
    assert "Ta bort mina svar ur bilden" in get_page(client, colleague)
    client.post(get_path(colleague, "kollegor/"), {"act": "leave"})
    assert "Räkna med mina svar" in get_page(client, colleague)


def test_five_colleagues_see_the_mirror(client: Client, version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    for choice in ("agree-fully", "agree", "disagree", "disagree-fully"):
        colleague = make_response(
            version, answers=answer(version, choice), organisation=organisation
        )
        comparing.share(response_id=colleague.pk, is_sharing=True, now=TUESDAY)
    page = get_page(client, inviter)
    assert page.count("25–75") == 4
    assert page.count("här tycker ni mest olika") == 4


@pytest.mark.parametrize("act", ["", "dance", "share", "leave"])
def test_a_wrong_or_empty_act_changes_nothing(client: Client, response: Response, act: str) -> None:
    assert client.post(get_path(response, "kollegor/"), {"act": act}).status_code == 302
    response.refresh_from_db()
    assert (response.organisation, response.shared_at) == (None, None)


def test_looking_at_the_invitation_page_changes_nothing(client: Client, response: Response) -> None:
    assert client.get(get_path(response, "kollegor/")).status_code == 405


@pytest.mark.parametrize("page", ["rapport.pdf", "igen/"])
def test_a_forged_link_is_not_found(client: Client, version: AssessmentVersion, page: str) -> None:
    assert client.get(f"/resultat/x.y/{page}").status_code == 404
    assert client.post("/resultat/x.y/kollegor/", {"act": "invite"}).status_code == 404


def test_a_result_in_full_company_takes_a_fixed_number_of_queries(
    client: Client, version: AssessmentVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = make_response(version)
    own = make_response(version, previous=before, now=TUESDAY + MONTH)
    organisation = comparing.invite(response_id=own.pk, now=TUESDAY)
    for _ in range(6):
        colleague = make_response(version, organisation=organisation)
        comparing.share(response_id=colleague.pk, is_sharing=True, now=TUESDAY)
    client.get(get_path(own))
    with django_assert_num_queries(4):  # the sitting, members, mirror and series
        client.get(get_path(own))


def test_the_retake_link_of_a_mail_leads_to_the_retake(response: Response) -> None:
    with translation.override("en"):
        path = profiles.get_retake_path(response.pk, "sv")
    assert path == get_path(response, "igen/")
