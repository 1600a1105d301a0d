"""Whoever has been silent for long is told, and then erased."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from assessments import personal_data
from assessments.models import Erasure, Respondent
from campaigns import advancing, idling, letters, permission
from campaigns.models import Enrolment, Message
from campaigns.purging import purge
from leads.refreshing import refresh_lead
from tests.assessments.test_erasures import DAY
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign, publish_test

pytestmark = pytest.mark.django_db

# 24 months less 30 days.
TOLD = datetime.fromisoformat("2028-08-16T08:00:00+00:00")
GONE = TOLD + 30 * DAY + timedelta(hours=1)


@pytest.fixture
def person() -> int:
    """Somebody whose sequence ended on the day it began."""
    enrolment = make_enrolment(publish_campaign())
    Enrolment.objects.update(
        state="finished", reason="completed", ended_at=TUESDAY, next_due_at=None
    )
    refresh_lead(respondent_id=enrolment.respondent_id, now=TUESDAY)
    return enrolment.respondent_id


def get_farewells() -> list[str]:
    return list(Message.objects.filter(template="farewell").values_list("to", flat=True))


def test_a_silent_person_is_told_a_month_before_and_then_erased(person: int) -> None:
    purge(now=TOLD - DAY, limit=10)
    assert get_farewells() == []
    purge(now=TOLD, limit=10)
    purge(now=TOLD + DAY, limit=10)
    assert get_farewells() == ["alva@example.se"]
    purge(now=GONE - DAY, limit=10)
    assert Respondent.objects.exists()
    purge(now=GONE, limit=10)
    assert not Respondent.objects.exists()
    assert Erasure.objects.count() == 1


@pytest.mark.parametrize(("language", "day"), [("sv", "15 september 2028"), ("en", "September 15")])
def test_the_word_says_the_day_and_how_to_stay(language: str, day: str) -> None:
    enrolment = make_enrolment(publish_campaign(), language=language)
    Enrolment.objects.update(
        state="finished", reason="completed", ended_at=TUESDAY, next_due_at=None
    )
    idling.warn(TOLD, 10)
    letter = letters.render(Message.objects.get(template="farewell"))
    assert day in letter.text
    assert letters.get_link("stay", enrolment.respondent_id) in letter.text


def test_whoever_presses_the_button_stays(person: int, client: Client) -> None:
    idling.warn(TOLD, 10)
    path = "/" + letters.get_link("stay", person).split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert Respondent.objects.get().warned_at == TOLD
    page = client.post(path)
    assert (page.status_code, page.cookies) == (200, {})
    assert Respondent.objects.get().warned_at is None
    assert idling.erase(GONE, 10) == 0


def test_a_link_to_stay_says_so_when_it_is_too_late_and_another_link_is_none(
    person: int, client: Client
) -> None:
    path = "/" + letters.get_link("stay", person).split("/", 3)[3]
    other = letters.get_link("unsubscribe", [person, "", ""]).rstrip("/").rpartition("/")[2]
    personal_data.erase(respondent_id=person, now=TUESDAY)
    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410
    assert client.get(f"/m/stay/{other}/").status_code == 404


def test_a_sign_of_life_after_the_word_counts(person: int) -> None:
    idling.warn(TOLD, 10)
    again = make_response(publish_test(), now=TOLD + DAY)
    again.respondent_id = person
    again.save()
    assert idling.erase(GONE, 10) == 1
    kept = Respondent.objects.get()
    assert (kept.alive_at, kept.warned_at) == (TOLD + DAY, None)


def test_an_earlier_sign_is_found_and_nobody_is_told(person: int) -> None:
    later = TUESDAY + 100 * DAY
    permission.withdraw(respondent_id=person, purposes=["tips"], source="page", now=later)
    assert idling.warn(TOLD, 10) == 1
    kept = Respondent.objects.get()
    assert (kept.alive_at, kept.warned_at) == (later, None)
    assert idling.warn(TOLD, 10) == 0


def test_whoever_still_gets_mail_is_not_idle() -> None:
    make_enrolment(publish_campaign())
    idling.warn(TOLD, 10)
    assert get_farewells() == []
    assert Respondent.objects.get().alive_at == TOLD


def test_whoever_said_stop_is_not_written_to_and_erased_all_the_same(person: int) -> None:
    permission.withdraw(respondent_id=person, purposes=["tips"], source="page", now=TUESDAY)
    purge(now=TOLD, limit=10)
    assert get_farewells() == []
    assert Respondent.objects.get().warned_at == TOLD
    purge(now=GONE, limit=10)
    assert not Respondent.objects.exists()


def test_the_lengths_are_settings(person: int, settings: Settings) -> None:
    settings.KEEP_IDLE_MONTHS, settings.WARN_IDLE_DAYS = 3, 10
    purge(now=TUESDAY + 80 * DAY, limit=10)
    assert get_farewells() == []
    purge(now=TUESDAY + 82 * DAY, limit=10)
    assert get_farewells() == ["alva@example.se"]


def test_a_batch_is_no_larger_than_its_limit(person: int) -> None:
    for number in range(4):
        make_enrolment(publish_campaign(), email=f"p{number}@example.se")
    Enrolment.objects.update(
        state="finished", reason="completed", ended_at=TUESDAY, next_due_at=None
    )
    assert [idling.warn(TOLD, 3), idling.warn(TOLD, 3), idling.warn(TOLD, 3)] == [3, 2, 0]
    assert [idling.erase(GONE, 3), idling.erase(GONE, 3), idling.erase(GONE, 3)] == [3, 2, 0]


def test_the_silent_are_found_in_indexes(person: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "respondent_by_sign" in idling.get_silent(TOLD).explain()
    assert "respondent_by_warning" in idling.get_warned(GONE).explain()


def test_the_mail_before_forgetting_leaves_like_any_other(person: int) -> None:
    idling.warn(TOLD, 10)
    advancing.plan_due(now=TOLD, limit=10)
    message = Message.objects.get(template="farewell")
    assert (message.kind, message.state, message.is_urgent) == ("system", "queued", True)
