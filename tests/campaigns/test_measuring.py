"""Visits to measured links: what is written, what follows, and what ends it."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, Settings

from assessments import profiles
from campaigns import engagement, measuring, sending
from campaigns.models import Click, ClickCount, Consent, Message
from tests.campaigns.following import (
    SECOND,
    allow,
    get_clicked,
    judge,
    plan_talk,
    send_talk,
    visit,
    withdraw,
)
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# --- Whether a mail is measured is decided when it is handed over -------------------------


@pytest.mark.parametrize("state", ["unconfirmed", "withdrawn"])
def test_only_a_confirmed_consent_makes_measured_links(state: str) -> None:
    enrolment = make_enrolment(publish_campaign())
    allow(enrolment.respondent_id)
    Consent.objects.filter(purpose="tracking").update(state=state, withdrawn_at=TUESDAY)
    message = plan_talk(enrolment.pk)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    message.refresh_from_db()
    assert (message.state, message.is_tracked) == ("sent", False)


def test_a_consent_withdrawn_after_planning_leaves_plain_links() -> None:
    enrolment = make_enrolment(publish_campaign())
    allow(enrolment.respondent_id)
    message = plan_talk(enrolment.pk)
    withdraw(message)
    wire = Wire()
    sending.send_due(now=TUESDAY, limit=10, transport=wire)
    assert b"/m/go/" not in wire.mails[0].raw
    assert not Message.objects.get().is_tracked


def test_a_consent_given_after_planning_makes_measured_links() -> None:
    enrolment = make_enrolment(publish_campaign())
    plan_talk(enrolment.pk)
    allow(enrolment.respondent_id)
    wire = Wire()
    sending.send_due(now=TUESDAY, limit=10, transport=wire)
    assert wire.mails[0].raw.count(b"/m/go/") == 2
    assert Message.objects.get().is_tracked


def test_a_mail_that_the_provider_is_to_know_again_stays_as_it_was() -> None:
    message = send_talk()
    Message.objects.update(state="queued", doubted_at=TUESDAY, due_at=TUESDAY)
    withdraw(message)
    Message.objects.update(state="queued", reason="", ended_at=None)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    assert Message.objects.get().is_tracked


def test_a_mail_tried_anew_is_judged_anew() -> None:
    message = send_talk()
    Message.objects.update(state="queued", due_at=TUESDAY)
    withdraw(message)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    assert not Message.objects.get().is_tracked


def test_mail_of_no_campaign_is_never_measured() -> None:
    enrolment = make_enrolment(publish_campaign())
    allow(enrolment.respondent_id)
    plan_talk(enrolment.pk)
    Message.objects.update(kind="system")
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    assert not Message.objects.get().is_tracked


# --- Noting a visit ------------------------------------------------------------------------


def test_a_visit_is_noted_without_the_address_it_came_from() -> None:
    message = send_talk()
    assert visit(message, address="192.0.2.77")
    click = Click.objects.get()
    row = {field.attname: getattr(click, field.attname) for field in Click._meta.fields}
    assert row == {
        "id": click.pk,
        "message_id": message.pk,
        "link": 0,
        "is_head": False,
        "agent": "browser",
        "is_from_scanner": False,
        "at": TUESDAY + 60 * SECOND,
        "seconds": 60.0,
        "verdict": "",
        "reasons": [],
        "rules": 0,
    }


def test_a_visit_from_a_scanners_network_is_marked(settings: Settings) -> None:
    settings.SCANNER_NETWORKS = ["192.0.2.0/24"]
    visit(send_talk(), address="192.0.2.77")
    assert Click.objects.get().is_from_scanner


@pytest.mark.parametrize("state", ["unconfirmed", "withdrawn"])
def test_without_consent_at_that_moment_nothing_is_noted(state: str) -> None:
    message = send_talk()
    Consent.objects.filter(purpose="tracking").update(state=state, withdrawn_at=TUESDAY)
    assert not visit(message, after=30 * DAY)
    assert not Click.objects.exists()


def test_a_withdrawal_reaches_mails_sent_long_ago_and_takes_what_was_measured() -> None:
    message = send_talk()
    visit(message)
    judge()
    withdraw(message)
    assert not visit(message, after=31 * DAY)
    assert (Click.objects.count(), ClickCount.objects.count()) == (0, 0)
    assert get_clicked(message) == []


def test_withdrawing_another_purpose_leaves_what_was_measured() -> None:
    message = send_talk()
    allow(message.respondent_id, purpose="contact")
    visit(message)
    judge()
    withdraw(message, "contact")
    assert (Click.objects.count(), ClickCount.objects.count()) == (1, 1)


def test_a_mail_that_was_not_measured_notes_nothing() -> None:
    message = send_talk(is_allowed=False)
    allow(message.respondent_id)
    assert not visit(message)


def test_a_mail_that_is_gone_notes_nothing() -> None:
    assert not visit(Message(pk=uuid4()))


def test_somebody_who_repeats_a_link_fills_no_table() -> None:
    message = send_talk()
    noted = [visit(message, after=number * SECOND) for number in range(measuring.MOST_VISITS + 5)]
    assert noted == [True] * measuring.MOST_VISITS + [False] * 5


def test_trouble_with_the_database_is_no_trouble_of_the_visitors() -> None:
    message = send_talk()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_click RENAME TO gone")
    assert not visit(message)


def test_noting_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    message = send_talk()
    with django_assert_num_queries(3):  # with its savepoint, in a test's transaction
        visit(message)


# --- What follows --------------------------------------------------------------------------


def test_a_scanners_click_is_no_fact_about_a_person() -> None:
    message = send_talk()
    visit(message, is_head=True)
    visit(message, after=10 * SECOND)
    judge()
    assert get_clicked(message) == []


def test_a_click_is_a_fact_only_while_measuring_is_allowed() -> None:
    message = send_talk()
    visit(message)
    judge()
    assert get_clicked(message) == [TUESDAY + 60 * SECOND]
    Consent.objects.filter(purpose="tracking").update(state="withdrawn", withdrawn_at=TUESDAY)
    assert get_clicked(message) == []


def test_whoever_clicked_is_among_the_people_to_look_at() -> None:
    message = send_talk()
    visit(message, after=DAY)
    judge(after=2 * DAY)
    found = engagement.get_people_since(at=TUESDAY + timedelta(hours=1), limit=10)
    assert found == {message.respondent_id: TUESDAY + DAY}


def test_erasing_a_person_erases_what_was_measured() -> None:
    message = send_talk()
    visit(message)
    judge()
    profiles.get_people().filter(pk=message.respondent_id).delete()
    assert (Click.objects.count(), ClickCount.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_mail_waits_for_a_withdrawal_under_way_and_then_has_plain_links() -> None:
    enrolment = make_enrolment(publish_campaign())
    allow(enrolment.respondent_id)
    message = plan_talk(enrolment.pk)
    wire = Wire()

    def send() -> None:
        sending.send_due(now=TUESDAY, limit=10, transport=wire)
        connection.close()

    with transaction.atomic():
        withdraw(message)
        sender = threading.Thread(target=send)
        sender.start()
        sender.join(0.5)
        assert wire.mails == []  # it waits
    sender.join(10)
    (mail,) = wire.mails
    assert b"/m/go/" not in mail.raw
    assert not Message.objects.get().is_tracked


@pytest.mark.django_db(transaction=True)
def test_a_visit_waits_for_a_withdrawal_under_way() -> None:
    message = send_talk()
    noted: list[bool] = []

    def come() -> None:
        noted.append(visit(message))
        connection.close()

    with transaction.atomic():
        withdraw(message)
        visitor = threading.Thread(target=come)
        visitor.start()
        visitor.join(0.3)
        assert noted == []  # it waits
    visitor.join(5)
    assert (noted, Click.objects.count()) == ([False], 0)
