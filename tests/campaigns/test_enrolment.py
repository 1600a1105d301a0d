import uuid
from datetime import timedelta

import pytest

from assessments import profiles
from assessments.models import Respondent, Response
from campaigns import enrolment, permission, purging
from campaigns.enrolment import Standing
from campaigns.models import (
    CampaignVersion,
    Consent,
    ConsentEvent,
    ConsentOrigin,
    Enrolment,
    Message,
    Suppression,
)
from tests.campaigns.panels import ask, confirm
from tests.factories import TUESDAY, get_consents, make_response, publish_campaign

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def response(version: CampaignVersion) -> Response:
    return make_response(version.campaign.assessment.versions.get())


def test_opt_in_queues_one_confirming_mail_and_allows_nothing_yet(response: Response) -> None:
    assert ask(response) is True
    message = Message.objects.get()
    assert (message.kind, message.template, message.state) == ("system", "confirm", "queued")
    assert get_consents(message.respondent_id) == {"tips": "unconfirmed"}
    assert not Enrolment.objects.exists()


def test_opt_in_keeps_evidence_without_the_address(response: Response) -> None:
    ask(response)
    event = ConsentEvent.objects.get()
    assert (event.kind, event.purpose, event.happened_at) == ("asked", "tips", TUESDAY)
    assert event.wording.text.startswith("Ja")
    assert event.subject_key == permission.get_subject_key("alva@example.se")


def test_confirm_makes_the_consent_valid_and_enrols_the_person(response: Response) -> None:
    ask(response, purposes=("tips", "contact"))
    answer = confirm()
    assert (answer.standing, answer.has_begun) == (Standing.CONFIRMED, True)
    person = Respondent.objects.get()
    assert get_consents(person.pk) == {"tips": "confirmed", "contact": "confirmed"}
    under_way = Enrolment.objects.get()
    assert (under_way.state, under_way.next_due_at) == ("active", TUESDAY)
    response.refresh_from_db()
    assert (response.respondent, person.first_name) == (person, "Alva")


def test_confirm_twice_enrols_once(response: Response) -> None:
    ask(response)
    confirm()
    assert confirm(TUESDAY + MINUTE).standing == Standing.CONFIRMED
    assert Enrolment.objects.count() == 1


def test_confirm_for_contact_alone_sends_no_tips(response: Response) -> None:
    ask(response, purposes=("contact",))
    confirm()
    assert not Enrolment.objects.exists()


def test_confirm_expires_after_seven_days(response: Response) -> None:
    ask(response)
    late = TUESDAY + 7 * DAY + MINUTE
    assert confirm(late).standing == Standing.EXPIRED
    assert not Enrolment.objects.exists()


def test_confirm_after_unsubscribing_never_subscribes_again(response: Response) -> None:
    ask(response)
    confirm()
    person = Respondent.objects.get()
    enrolment.unsubscribe(
        respondent_id=person.pk, purposes=["tips"], source="page", now=TUESDAY + DAY
    )
    assert confirm(TUESDAY + 2 * DAY).standing == Standing.WITHDRAWN
    assert get_consents(person.pk) == {"tips": "withdrawn"}


def test_confirm_a_new_request_after_unsubscribing_starts_again(response: Response) -> None:
    ask(response)
    confirm()
    person = Respondent.objects.get()
    enrolment.unsubscribe(
        respondent_id=person.pk, purposes=["tips"], source="page", now=TUESDAY + DAY
    )
    ask(response, now=TUESDAY + 2 * DAY)
    assert get_consents(person.pk) == {"tips": "withdrawn"}
    assert confirm(TUESDAY + 2 * DAY).standing == Standing.CONFIRMED
    assert list(Enrolment.objects.order_by("pk").values_list("state", flat=True)) == [
        "stopped",
        "active",
    ]


def test_confirm_with_a_new_result_turns_the_sequence_to_it(
    version: CampaignVersion, response: Response
) -> None:
    ask(response)
    confirm()
    later = make_response(response.version)
    ask(later, now=TUESDAY + DAY)
    assert confirm(TUESDAY + DAY).has_begun is False
    under_way = Enrolment.objects.get()
    assert under_way.response == later


def test_confirm_does_not_hand_over_somebody_elses_result(response: Response) -> None:
    ask(response, email="alva@example.se")
    ask(response, email="bo@example.se")
    first, second = ConsentOrigin.objects.order_by("pk")
    enrolment.confirm(origin_id=first.pk, response_id=response.pk, now=TUESDAY)
    answer = enrolment.confirm(origin_id=second.pk, response_id=response.pk, now=TUESDAY)
    assert answer.standing == Standing.TAKEN
    response.refresh_from_db()
    assert response.respondent.email == "alva@example.se"
    assert Enrolment.objects.count() == 1


def test_confirm_of_a_purged_request_has_expired(response: Response) -> None:
    ask(response)
    late = TUESDAY + 8 * DAY
    purging.purge(now=late, limit=10)
    answer = enrolment.confirm(origin_id=4711, response_id=response.pk, now=late)
    assert answer.standing == Standing.EXPIRED
    assert answer.result_path.startswith("/resultat/")


def test_confirm_of_an_erased_response_is_gone(version: CampaignVersion) -> None:
    answer = enrolment.confirm(origin_id=4711, response_id=uuid.uuid4(), now=TUESDAY)
    assert answer.standing == Standing.GONE


def test_a_stranger_cannot_change_a_person_by_asking(response: Response) -> None:
    ask(response)
    confirm()
    other = make_response(response.version)
    enrolment.opt_in(
        response_id=other.pk,
        email="alva@example.se",
        first_name="Free pills",
        wordings=[permission.get_wordings(language="en")["tips"]],
        language="en",
        ip=None,
        path="/en/tips/",
        now=TUESDAY + DAY,
    )
    person = Respondent.objects.get()
    assert (person.first_name, person.language) == ("Alva", "sv")
    assert Enrolment.objects.get().response == response


def test_unsubscribe_stops_the_sequence_and_what_is_queued(response: Response) -> None:
    ask(response)
    confirm()
    under_way = Enrolment.objects.get()
    Message.objects.create(
        key=f"{under_way.pk}:tip-1",
        kind="campaign",
        enrolment=under_way,
        respondent=under_way.respondent,
        step_key="tip-1",
        to="alva@example.se",
        language="sv",
        created_at=TUESDAY,
        due_at=TUESDAY,
    )
    enrolment.unsubscribe(
        respondent_id=under_way.respondent_id, purposes=["tips"], source="one-click", now=TUESDAY
    )
    under_way.refresh_from_db()
    assert (under_way.state, under_way.reason) == ("stopped", "unsubscribed")
    tip = Message.objects.get(step_key="tip-1")
    assert (tip.state, tip.reason) == ("skipped", "unsubscribed")


def test_unsubscribe_a_hundred_times_leaves_one_withdrawal(response: Response) -> None:
    ask(response)
    confirm()
    for _ in range(100):
        enrolment.unsubscribe(
            respondent_id=Respondent.objects.get().pk, purposes=["tips"], source="p", now=TUESDAY
        )
    assert ConsentEvent.objects.filter(kind="withdrawn").count() == 1


def test_unsubscribe_of_a_person_who_is_gone_is_no_error() -> None:
    enrolment.unsubscribe(respondent_id=4711, purposes=["tips"], source="page", now=TUESDAY)


def test_unsubscribe_leaves_other_purposes_alone(response: Response) -> None:
    ask(response, purposes=("tips", "contact"))
    confirm()
    person = Respondent.objects.get()
    enrolment.unsubscribe(respondent_id=person.pk, purposes=["tips"], source="p", now=TUESDAY)
    assert get_consents(person.pk) == {"tips": "withdrawn", "contact": "confirmed"}


@pytest.mark.parametrize(("reason", "ends"), [("erased", True), ("complaint", False)])
def test_confirming_ends_only_the_suppressions_a_person_may_end(
    response: Response, reason: str, ends: bool
) -> None:
    key = permission.get_subject_key("alva@example.se")
    Suppression.objects.create(subject_key=key, reason=reason, created_at=TUESDAY)
    ask(response)
    confirming = Message.objects.get()
    assert (permission.get_refusals(messages=[confirming], now=TUESDAY) == {}) is ends
    confirm()
    assert Suppression.objects.exists() is not ends


def test_mail_stop_link_writes_only_to_people_we_write_to(response: Response) -> None:
    assert enrolment.mail_stop_link(email="nobody@example.se", now=TUESDAY) is False
    ask(response)
    assert enrolment.mail_stop_link(email="alva@example.se", now=TUESDAY) is False
    confirm()
    assert enrolment.mail_stop_link(email="alva@example.se", now=TUESDAY) is True
    assert enrolment.mail_stop_link(email="alva@example.se", now=TUESDAY) is False


def test_consent_events_can_be_neither_changed_nor_removed(response: Response) -> None:
    ask(response)
    with pytest.raises(Exception, match="never changed"):
        ConsentEvent.objects.update(kind="confirmed")


def test_consent_events_cannot_be_removed(response: Response) -> None:
    ask(response)
    with pytest.raises(Exception, match="never changed"):
        ConsentEvent.objects.all().delete()


def test_consent_of_a_withdrawn_person_has_its_time(response: Response) -> None:
    ask(response)
    with pytest.raises(Exception, match="consent_times_match_its_state"):
        Consent.objects.update(state="withdrawn")


@pytest.mark.parametrize(
    ("typed", "identity"),
    [
        ("Alva@Example.SE", "alva@example.se"),
        ("a.l+tag@gmail.com", "a.l+tag@gmail.com"),
        ("alva@ö.se", "alva@xn--nda.se"),
    ],
)
def test_normalise_email_folds_case_and_nothing_else(typed: str, identity: str) -> None:
    assert profiles.normalise_email(typed) == identity
