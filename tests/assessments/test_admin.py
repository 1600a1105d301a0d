from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import answering, overview, publishing, tallying
from assessments.models import Assessment, AssessmentVersion, Question, Role, RoleText
from assessments.words import PROBLEMS
from tests.admin import count_queries, get_status, log_in
from tests.factories import TUESDAY, make_response, publish_test

pytestmark = pytest.mark.django_db

LISTS = ["assessment", "role", "question", "assessmentversion", "respondent", "response"]
PUBLISH = "admin:assessments_assessment_publish"


@pytest.fixture
def version() -> AssessmentVersion:
    return publish_test()


@pytest.fixture
def assessment(version: AssessmentVersion) -> Assessment:
    return version.assessment


def get_list(model: str) -> str:
    return reverse(f"admin:assessments_{model}_changelist")


@pytest.mark.parametrize("model", LISTS[:4])
def test_a_marketer_sees_the_test(model: str) -> None:
    assert get_status(log_in("Marketers"), get_list(model)) == 200


@pytest.mark.parametrize("model", LISTS[4:])
def test_people_and_answers_are_for_administrators_only(
    version: AssessmentVersion, model: str
) -> None:
    make_response(version)
    assert get_status(log_in("Administrators"), get_list(model)) == 200
    assert get_status(log_in("Marketers"), get_list(model)) == 403


def test_a_marketer_cannot_open_an_answered_test(version: AssessmentVersion) -> None:
    response = make_response(version)
    page = reverse("admin:assessments_response_change", args=[response.pk])
    assert get_status(log_in("Marketers"), page) == 403
    assert "Varken eller" in log_in("Administrators").get(page).content.decode()


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("group", ["Consultants", ""])
def test_others_see_none_of_the_lists(model: str, group: str) -> None:
    assert get_status(log_in(group), get_list(model)) == 403


@pytest.mark.parametrize("model", LISTS)
def test_a_stranger_is_asked_to_log_in(model: str) -> None:
    assert get_status(Client(), get_list(model)) == 302


@pytest.mark.parametrize("model", ["respondent", "response", "assessmentversion"])
def test_history_cannot_be_added_to(model: str) -> None:
    assert get_status(log_in("Administrators"), reverse(f"admin:assessments_{model}_add")) == 403


def test_the_lists_take_a_fixed_number_of_queries(version: AssessmentVersion) -> None:
    client = log_in("Administrators")
    make_response(version)
    once = {model: count_queries(client, get_list(model)) for model in LISTS}
    for number in range(2):
        make_response(version)
        Assessment.objects.create(key=f"another-{number}", title="Another")
    assert {model: count_queries(client, get_list(model)) for model in LISTS} == once


def test_the_page_of_the_test_leads_to_every_role_and_question(assessment: Assessment) -> None:
    client = log_in("Marketers")
    page = client.get(reverse("admin:assessments_assessment_change", args=[assessment.pk]))
    shown = page.content.decode()
    for row, model in [(Role, "role"), (Question, "question")]:
        for pk in row.objects.values_list("pk", flat=True):
            url = reverse(f"admin:assessments_{model}_change", args=[pk])
            assert url in shown
            assert get_status(client, url) == 200


def test_a_saved_role_leads_back_to_the_test(assessment: Assessment) -> None:
    role = Role.objects.latest("pk")
    client = log_in("Marketers")
    page = reverse("admin:assessments_role_change", args=[role.pk])
    posted = {
        "name_sv": "Ny",
        "name_en": "New",
        "description_sv": "Text",
        "description_en": "Text",
        "position": 4,
        "key": role.key,
        "assessment": assessment.pk,
        "texts-TOTAL_FORMS": 0,
        "texts-INITIAL_FORMS": 0,
    }
    response = client.post(page, posted)
    assert response["Location"] == reverse(
        "admin:assessments_assessment_change", args=[assessment.pk]
    )
    role.refresh_from_db()
    assert (role.name_sv, role.name_en) == ("Ny", "New")


def test_a_new_question_comes_last(assessment: Assessment) -> None:
    url = f"{reverse('admin:assessments_question_add')}?assessment={assessment.pk}"
    form = log_in("Marketers").get(url).context["adminform"].form
    assert form.initial["position"] == Question.objects.count() + 1


def test_both_languages_are_asked_for(assessment: Assessment) -> None:
    client = log_in("Marketers")
    page = reverse("admin:assessments_assessment_change", args=[assessment.pk])
    errors = client.post(page, {"title_sv": "Test"}).context["adminform"].form.errors
    assert "title_en" in errors


def test_get_publishes_nothing_and_says_what_would_change(assessment: Assessment) -> None:
    Question.objects.filter(key="agile-versus-projects").update(text_sv="Nytt påstående")
    page = log_in("Marketers").get(reverse(PUBLISH, args=[assessment.pk]))
    places = [change.place for change in page.context["changes"]]
    assert places == ["questions.agile-versus-projects.text.sv"]
    assert AssessmentVersion.objects.count() == 1


def test_post_publishes(assessment: Assessment) -> None:
    Assessment.objects.update(strong_from=75)
    client = log_in("Marketers")
    page = client.post(reverse(PUBLISH, args=[assessment.pk]), follow=True)
    assert "Version 2 is published." in page.content.decode()
    newest = publishing.get_published(key=assessment.key)
    assert newest is not None
    assert newest.document["tiers"]["strong_from"] == 75


def test_publishing_is_refused_with_every_place(assessment: Assessment) -> None:
    RoleText.objects.filter(role__key="brobyggare", tier="weak").update(text_en="")
    Question.objects.get(key="agile-versus-projects").weights.all().delete()
    page = log_in("Marketers").post(reverse(PUBLISH, args=[assessment.pk]))
    faults = page.context["faults"]
    assert {fault.sentence for fault in faults} == {
        "The text is missing.",
        "The question moves no role. Give it a weight.",
    }
    role = Role.objects.get(key="brobyggare")
    assert reverse("admin:assessments_role_change", args=[role.pk]) in [each.url for each in faults]
    assert AssessmentVersion.objects.count() == 1


@pytest.mark.parametrize("group", ["Consultants", ""])
def test_others_cannot_publish(assessment: Assessment, group: str) -> None:
    client, url = log_in(group), reverse(PUBLISH, args=[assessment.pk])
    assert (get_status(client, url), client.post(url).status_code) == (403, 403)


def test_a_version_says_what_it_changed(assessment: Assessment) -> None:
    Assessment.objects.update(strong_from=75)
    assessment.refresh_from_db()
    newer = publishing.publish(assessment=assessment, by=None, now=TUESDAY)
    client = log_in("Marketers")
    first = AssessmentVersion.objects.get(number=1)
    shown = [
        client.get(reverse("admin:assessments_assessmentversion_change", args=[row.pk]))
        for row in (first, newer)
    ]
    assert "This is the first version." in shown[0].content.decode()
    assert "tiers.strong_from" in shown[1].content.decode()


def test_every_problem_of_a_test_has_a_sentence() -> None:
    codes = {"missing", "missing_translation", "not_in_order", "too_few_choices", "moves_no_role"}
    assert codes <= set(PROBLEMS)


def test_tests_are_counted_from_their_day(version: AssessmentVersion) -> None:
    make_response(version)
    tests = overview.get_tests(today=TUESDAY, since=TUESDAY)
    assert (tests.started.today, tests.completed.period) == (1, 1)


def get_pace_page(assessment: Assessment) -> str:
    return reverse("admin:assessments_assessment_pace", args=[assessment.pk])


def test_the_pace_page_says_who_finished_where_people_stopped_and_how_long_it_took(
    assessment: Assessment, version: AssessmentVersion
) -> None:
    now = timezone.now()
    make_response(version, pace=timedelta(seconds=8), now=now - timedelta(hours=30))
    left = answering.start_response(version=version, language="sv", now=now - timedelta(hours=30))
    answering.record_answer(response_id=left.pk, number=1, choice_key="agree", now=now)
    tallying.tally_ended(now=now, limit=10)
    page = log_in("Marketers").get(get_pace_page(assessment))
    paces = page.context["paces"]
    assert (paces.started, paces.completed, paces.percent_completed) == (2, 1, 50)
    first, second, third = paces.questions[:3]
    assert (first.reached, first.left, round(first.seconds or 0)) == (2, 0, 9)
    assert (second.reached, second.left, second.percent_left) == (2, 1, 50)
    assert (third.reached, third.left) == (1, 0)
    assert "1 of 2 tests were finished (50 %)" in page.content.decode()


def test_the_pace_page_of_an_untaken_test_says_so(assessment: Assessment) -> None:
    page = log_in("Marketers").get(get_pace_page(assessment)).content.decode()
    assert "Nobody has finished or left the test yet." in page


def test_the_pace_page_is_not_for_everybody(assessment: Assessment) -> None:
    assert get_status(log_in("Consultants"), get_pace_page(assessment)) == 403


def test_the_pace_page_takes_as_many_queries_for_many_months(
    assessment: Assessment, version: AssessmentVersion
) -> None:
    client, now = log_in("Marketers"), timezone.now()
    make_response(version, now=now)
    tallying.tally_ended(now=now, limit=10)
    once = count_queries(client, get_pace_page(assessment))
    for _ in range(3):
        make_response(version, now=now - timedelta(days=31))
    tallying.tally_ended(now=now, limit=10)
    assert count_queries(client, get_pace_page(assessment)) == once
