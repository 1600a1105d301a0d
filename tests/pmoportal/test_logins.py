"""What logging in leaves behind has its time too."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from pytest_django import Settings

from pmoportal import logins
from pmoportal.tasks import forget_logins
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _left_behind() -> None:
    """One of each, of a Tuesday."""
    who = {"username": "admin", "ip_address": "192.0.2.1", "user_agent": "x"}
    AccessAttempt.objects.create(**who, failures_since_start=1)
    AccessFailureLog.objects.create(**who)
    AccessLog.objects.create(**who)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.update(attempt_time=TUESDAY)
    Session.objects.create(session_key="a", session_data="x", expire_date=TUESDAY + 12 * DAY)


def count() -> list[int]:
    return [
        model.objects.count() for model in (AccessAttempt, AccessFailureLog, AccessLog, Session)
    ]


def test_logins_are_kept_for_as_long_as_logs() -> None:
    logins.forget(now=TUESDAY + 11 * DAY, limit=10)
    assert count() == [1, 1, 1, 1]
    logins.forget(now=TUESDAY + 13 * DAY, limit=10)
    assert count() == [1, 1, 1, 0]
    logins.forget(now=TUESDAY + 31 * DAY, limit=10)
    assert count() == [0, 0, 0, 0]


def test_the_time_is_a_setting(settings: Settings) -> None:
    settings.KEEP_LOGS_DAYS = 5
    logins.forget(now=TUESDAY + 6 * DAY, limit=10)
    assert count() == [0, 0, 0, 1]


def test_a_batch_has_a_limit() -> None:
    AccessLog.objects.create(username="b", ip_address="192.0.2.1", user_agent="x")
    AccessLog.objects.update(attempt_time=TUESDAY)
    assert logins.forget(now=TUESDAY + 31 * DAY, limit=1) == 4
    assert count() == [0, 0, 1, 0]


def test_the_task_forgets_what_is_old_by_now() -> None:
    AccessLog.objects.update(attempt_time=TUESDAY - 3650 * DAY)
    forget_logins()
    assert AccessLog.objects.count() == 0


def test_respondents_have_nothing_here() -> None:
    assert logins.export(respondent_id=1) == {}
    logins.erase(respondent_id=1, now=TUESDAY)
    assert count() == [1, 1, 1, 1]


def test_every_column_of_a_login_is_in_the_field_map() -> None:
    named = {(field.model, field.column) for field in logins.get_fields()}
    for model in (AccessAttempt, AccessFailureLog, AccessLog, Session):
        columns = {
            column.name for column in model._meta.concrete_fields if column.name not in HARMLESS
        }
        assert columns == {column for owner, column in named if owner is model}, model


# Numbers that say nothing about anybody.
HARMLESS = ("id", "failures_since_start", "locked_out")
