"""What passed between us and one person, and how they leave every series."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns import advancing, enrolment, freezing, leaving, posting, sending, stories
from campaigns.models import ClickCount, DeliveryEvent, Enrolment, Freeze, Message, TipAnswer
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, get_states, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def person(db: None) -> Enrolment:
    return make_enrolment(publish_campaign())


def read(person: Enrolment) -> stories.Story:
    with override("en"):
        return stories.get_story(
            respondent_id=person.respondent_id, email="alva@example.se", now=TUESDAY + DAY
        )


def send(now: object = TUESDAY) -> None:
    advancing.plan_due(now=TUESDAY, limit=10)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())


def test_consents_are_told_in_words_newest_first(person: Enrolment) -> None:
    enrolment.unsubscribe(
        respondent_id=person.respondent_id, purposes=["tips"], source="page", now=TUESDAY + DAY
    )
    story = read(person)
    assert [(each.purpose, each.what) for each in story.words] == [
        ("Tips by mail", "Withdrawn"),
        ("Tips by mail", "Confirmed"),
        ("Tips by mail", "Asked"),
    ]
    assert [(each.purpose, each.is_allowed, each.since) for each in story.allowed] == [
        ("Tips by mail", False, TUESDAY + DAY)
    ]


def test_a_mail_is_told_with_its_subject_and_what_became_of_it(person: Enrolment) -> None:
    send()
    message = Message.objects.get()
    for key, kind in (("a", "accepted"), ("b", "delivered"), ("c", "delivered")):
        DeliveryEvent.objects.create(
            key=key, message=message, kind=kind, happened_at=TUESDAY, received_at=TUESDAY
        )
    (letter,) = read(person).letters
    assert (letter.is_sent, letter.tip_key) == (True, "")
    assert letter.reports == ("accepted by the provider", "delivered")
    assert "{{" not in letter.subject


def test_what_the_person_did_with_a_mail_is_told_as_far_as_it_is_known(person: Enrolment) -> None:
    send()
    message = Message.objects.get()
    assert read(person).letters[0].acts == ()
    ClickCount.objects.create(message=message, human=1, unsure=0, machine=0, clicked_at=TUESDAY)
    for day, choice in enumerate(("not_yet", "done")):
        TipAnswer.objects.create(
            message=message,
            respondent_id=person.respondent_id,
            choice=choice,
            answered_at=TUESDAY + day * DAY,
        )
    assert read(person).letters[0].acts == ("followed a link", "Did it")


def test_a_scanners_visit_is_no_act_of_the_person(person: Enrolment) -> None:
    send()
    ClickCount.objects.create(message=Message.objects.get(), human=0, unsure=0, machine=3)
    assert read(person).letters[0].acts == ()


def test_a_mail_whose_contents_are_forgotten_has_its_kind(person: Enrolment) -> None:
    posting.post(
        kind=Message.Kind.SYSTEM,
        key="x",
        to="alva@example.se",
        template="stop",
        language="sv",
        values={},
        respondent_id=person.respondent_id,
        now=TUESDAY,
    )
    (letter,) = read(person).letters
    assert letter.subject == "Avsluta mejlen från oss"


def test_what_was_written_to_colleagues_or_for_a_test_is_no_mail_of_theirs(
    person: Enrolment,
) -> None:
    for kind in (Message.Kind.STAFF, Message.Kind.TEST):
        posting.post(
            kind=kind,
            key=str(kind),
            to="k@byran.se",
            template="stop",
            language="sv",
            values={},
            respondent_id=person.respondent_id,
            now=TUESDAY,
        )
    assert read(person).letters == []


def test_a_story_takes_as_many_queries_however_long_it_is(person: Enrolment) -> None:
    send()
    with CaptureQueriesContext(connection) as few:
        read(person)
    advancing.plan_due(now=TUESDAY + 4 * DAY, limit=10)
    with CaptureQueriesContext(connection) as more:
        read(person)
    assert len(more) == len(few)


def test_who_leaves_gets_nothing_more_and_may_come_back(person: Enrolment) -> None:
    advancing.plan_due(now=TUESDAY, limit=10)
    left = leaving.leave(respondent_ids=[person.respondent_id], reason="booked", now=TUESDAY)
    assert left == 1
    assert leaving.leave(respondent_ids=[person.respondent_id], reason="booked", now=TUESDAY) == 0
    person.refresh_from_db()
    assert (person.state, person.reason, person.ended_at) == ("stopped", "booked", TUESDAY)
    assert get_states(person) == {"result": "skipped"}
    (series,) = read(person).series
    assert series.why == "A talk is booked, so the series has done its work."


def test_a_series_says_at_once_that_a_consultant_has_taken_over(person: Enrolment) -> None:
    assert [each.why for each in read(person).series] == [""]
    people, reason = [person.respondent_id], Freeze.Reason.HANDOVER
    freezing.freeze(respondent_ids=people, reason=reason, until=None, now=TUESDAY)
    assert [each.why for each in read(person).series] == [
        "A consultant has taken over. Goes on when the lead is released."
    ]
    freezing.release(respondent_ids=people, reason=reason, now=TUESDAY + DAY)
    assert [each.why for each in read(person).series] == [""]


def test_a_series_that_has_ended_says_why_whatever_holds_the_person(person: Enrolment) -> None:
    people = [person.respondent_id]
    freezing.freeze(respondent_ids=people, reason=Freeze.Reason.HANDOVER, until=None, now=TUESDAY)
    leaving.leave(respondent_ids=people, reason="booked", now=TUESDAY)
    (series,) = read(person).series
    assert series.why == "A talk is booked, so the series has done its work."


def test_a_claimed_mail_finds_that_its_person_has_left(person: Enrolment) -> None:
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state="claimed", claim="0" * 32, lease_until=TUESDAY + DAY)
    leaving.leave(respondent_ids=[person.respondent_id], reason="booked", now=TUESDAY)
    Message.objects.update(state="queued", claim=None, lease_until=None)
    wire = Wire()
    sending.send_due(now=TUESDAY, limit=10, transport=wire)
    assert wire.mails == []
    assert Message.objects.get().reason == "booked"
