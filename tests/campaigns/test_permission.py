import threading

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from campaigns import advancing, permission
from campaigns.models import CampaignVersion, Message, Suppression
from tests.factories import TUESDAY, get_states, make_enrolment, publish_campaign


@pytest.fixture
def version(db: None) -> CampaignVersion:
    return publish_campaign()


def test_get_subject_key_is_keyed_and_folds_case(settings: Settings) -> None:
    key = permission.get_subject_key("Alva@Example.se")
    assert key == permission.get_subject_key("alva@example.se")
    settings.ADDRESS_KEY = "another key that is long enough"
    assert key != permission.get_subject_key("alva@example.se")


def test_suppress_stops_everything_under_way(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    permission.suppress(email="alva@example.se", reason=Suppression.Reason.COMPLAINT, now=TUESDAY)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.reason) == ("stopped", "complaint")
    assert get_states(enrolment) == {"result": "skipped"}


@pytest.mark.parametrize("strong", ["bounce", "complaint", "manual"])
@pytest.mark.parametrize("weak", ["erased", "remove_me"])
def test_suppress_never_weakens_a_reason(version: CampaignVersion, strong: str, weak: str) -> None:
    for reason in (weak, strong, weak):
        permission.suppress(email="alva@example.se", reason=Suppression.Reason(reason), now=TUESDAY)
    assert Suppression.objects.get().reason == strong


def test_get_refusals_of_nothing_asks_nothing_of_anybody(version: CampaignVersion) -> None:
    assert permission.get_refusals(messages=[], now=TUESDAY) == {}


def test_get_refusals_lets_staff_mail_pass_without_consent(version: CampaignVersion) -> None:
    message = Message(key="staff:1:digest:2026-09-15", kind="staff", to="boss@example.se")
    assert permission.get_refusals(messages=[message], now=TUESDAY) == {}


def test_get_refusals_of_a_suppressed_staff_address(version: CampaignVersion) -> None:
    permission.suppress(email="boss@example.se", reason=Suppression.Reason.BOUNCE, now=TUESDAY)
    message = Message(key="staff:1:digest:2026-09-15", kind="staff", to="boss@example.se")
    assert permission.get_refusals(messages=[message], now=TUESDAY)[message.key].reason == "bounce"


@pytest.mark.django_db(transaction=True)
def test_withdrawing_while_the_planner_works_leaves_nothing_queued() -> None:
    version = publish_campaign()
    enrolment = make_enrolment(version)

    def withdraw() -> None:
        permission.withdraw(
            respondent_id=enrolment.respondent_id, purposes=["tips"], source="page", now=TUESDAY
        )
        connection.close()

    with transaction.atomic():
        advancing.plan_due(now=TUESDAY, limit=10)
        thread = threading.Thread(target=withdraw)
        thread.start()
        thread.join(timeout=0.5)
    thread.join()
    assert get_states(enrolment) == {"result": "skipped"}
