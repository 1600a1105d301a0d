import pytest
from django.db import models

from assessments import personal_data
from assessments.models import Respondent
from assessments.signals import respondent_erased
from campaigns.models import CampaignVersion, Enrolment, Suppression
from campaigns.permission import get_subject_key
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.factories import TUESDAY, make_enrolment, publish_campaign


@pytest.fixture
def version(db: None) -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def person(version: CampaignVersion) -> int:
    person = make_enrolment(version).respondent_id
    refresh_lead(respondent_id=person, now=TUESDAY)
    return person


def test_all_apps_have_registered() -> None:
    assert {holder.app for holder in personal_data.get_holders()} == {
        "assessments",
        "campaigns",
        "leads",
        "pmoportal",
    }


def test_a_person_is_found_however_the_address_is_written(person: int) -> None:
    assert personal_data.find(email=" ALVA@Example.se ") == person
    assert personal_data.find(email="alv@example.se") is None


def test_the_export_has_the_rows_of_all_apps(person: int) -> None:
    sections = personal_data.export(respondent_id=person)
    assert sections["format"] == "pmoportal.person/1"
    assert sections["person"][0]["email"] == "alva@example.se"
    assert len(sections["answers"]) == 13
    assert [each["purpose"] for each in sections["consents"]] == ["tips"]
    assert len(sections["lead"]) == 1


def test_erasing_leaves_nothing_but_the_suppression(person: int) -> None:
    personal_data.erase(respondent_id=person, now=TUESDAY)
    assert not Respondent.objects.exists()
    assert not Enrolment.objects.exists()
    assert not Lead.objects.exists()
    key = get_subject_key("alva@example.se")
    assert list(Suppression.objects.values_list("subject_key", "reason")) == [(key, "erased")]


def test_erasing_is_told_once(
    person: int, django_capture_on_commit_callbacks: type[models.Model]
) -> None:
    told: list[int] = []

    def listen(*, respondent_id: int, **_: object) -> None:
        told.append(respondent_id)

    respondent_erased.connect(listen)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            personal_data.erase(respondent_id=person, now=TUESDAY)
    respondent_erased.disconnect(listen)
    assert told == [person]


def test_whoever_is_unknown_has_no_rows(version: CampaignVersion) -> None:
    sections = personal_data.export(respondent_id=0)
    assert {name for name, rows in sections.items() if rows} == {"format", "controller", "kept"}
    personal_data.erase(respondent_id=0, now=TUESDAY)
    assert not Suppression.objects.exists()
