"""What consultants are told, when, and how often."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from campaigns import letters, sending
from campaigns.models import Message, Suppression
from campaigns.permission import suppress
from campaigns.signals import reply_received
from leads import alerting
from leads.models import Alert, Lead
from leads.refreshing import refresh_lead
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MORNING = datetime(2026, 9, 16, 5, 30, tzinfo=UTC)  # half past seven in Stockholm


@pytest.fixture
def karin() -> User:
    return make_consultant()


def get_mails() -> list[tuple[str, str]]:
    staff = Message.objects.filter(kind="staff").order_by("created_at", "to", "template")
    return list(staff.values_list("template", "to"))


def test_a_lead_that_becomes_hot_is_told_to_all_when_nobody_owns_it(karin: User) -> None:
    make_consultant("olof")
    make_lead(grade="A3", alerted_grade="B3")
    Lead.objects.update(alerted_grade="B3")
    assert alerting.tell_of_grades(now=TUESDAY, limit=10) == 1
    assert get_mails() == [("lead-grade", "karin@byran.se"), ("lead-grade", "olof@byran.se")]
    assert alerting.tell_of_grades(now=TUESDAY, limit=10) == 0


def test_an_owned_lead_is_told_to_its_owner_alone(karin: User) -> None:
    olof = make_consultant("olof")
    make_lead(owner=olof)
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    assert get_mails() == [("lead-grade", "olof@byran.se")]


def test_a_new_lead_below_the_threshold_is_no_news(karin: User) -> None:
    make_lead(grade="C3")
    Lead.objects.update(alerted_grade="")
    assert alerting.tell_of_grades(now=TUESDAY, limit=10) == 1
    assert get_mails() == []
    assert Lead.objects.get().alerted_grade == "C3"


@override_settings(LEAD_ALERT_GRADES="C")
def test_the_threshold_is_the_operators(karin: User) -> None:
    make_lead(grade="C3")
    Lead.objects.update(alerted_grade="")
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    assert len(get_mails()) == 1


@pytest.mark.parametrize("columns", [{"may_contact": False}, {"stage": "won"}, {"stage": "lost"}])
def test_nobody_is_told_of_leads_that_are_closed_or_not_to_be_called(
    karin: User, columns: dict[str, object]
) -> None:
    make_lead(alerted_grade="", **columns)
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    assert get_mails() == []


def test_a_lead_is_told_about_once_a_day(karin: User) -> None:
    make_lead()
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    Lead.objects.update(alerted_grade="D4")
    alerting.tell_of_grades(now=TUESDAY + timedelta(hours=2), limit=10)
    assert len(get_mails()) == 1
    Lead.objects.update(alerted_grade="D4")
    alerting.tell_of_grades(now=TUESDAY + DAY, limit=10)
    assert len(get_mails()) == 2


def test_a_reply_is_told_at_once_and_only_once(karin: User) -> None:
    lead = make_lead(grade="C3", owner=karin)
    for _ in range(2):
        alerting.tell_of_reply(respondent_id=lead.respondent_id, reply_id=7, now=TUESDAY)
    mail = Message.objects.get(kind="staff")
    assert (mail.template, mail.due_at) == ("lead-reply", TUESDAY)
    assert Alert.objects.get().cause == "reply:7"


def test_a_reply_on_a_day_with_an_alert_comes_next_morning(karin: User) -> None:
    lead = make_lead(owner=karin)
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    for _ in range(2):
        alerting.tell_of_reply(respondent_id=lead.respondent_id, reply_id=7, now=TUESDAY)
    assert get_mails() == [("lead-grade", "karin@byran.se"), ("lead-reply", "karin@byran.se")]
    assert Message.objects.get(template="lead-reply").due_at == MORNING


def test_a_reply_is_heard_by_its_signal(karin: User) -> None:
    lead = make_lead(grade="C3", owner=karin)
    reply_received.send_robust(sender=None, respondent_id=lead.respondent_id, reply_id=9)
    assert get_mails() == [("lead-reply", "karin@byran.se")]


def test_a_reply_of_somebody_who_wants_no_call_tells_nobody(karin: User) -> None:
    lead = make_lead(may_contact=False)
    assert alerting.tell_of_reply(respondent_id=lead.respondent_id, reply_id=7, now=TUESDAY) == 0


def test_the_mail_names_the_lead_and_links_to_it_without_the_address(karin: User) -> None:
    lead = make_lead()
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    mail = letters.render(Message.objects.select_related("enrolment").get(kind="staff"))
    assert mail.subject == f"{lead.grade}: Alva, example.se"
    assert f"/admin/leads/lead/{lead.pk}/change/" in mail.html
    assert "/admin/leads/lead/choices/" in mail.text
    assert "p0@example.se" not in mail.html + mail.text
    assert "bad att bli kontaktad" in mail.text


def test_a_colleague_reads_in_their_own_language() -> None:
    make_consultant("sam", language="en")
    make_lead()
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    mail = letters.render(Message.objects.select_related("enrolment").get(kind="staff"))
    assert "asked to be contacted" in mail.text


@pytest.mark.parametrize("choice", ["has_alerts", "has_reminders"])
def test_who_wants_no_mail_gets_none(choice: str) -> None:
    karin = make_consultant(**{choice: False})
    make_lead(owner=karin, next_step_at=date(2026, 9, 16))
    alerting.tell_of_grades(now=MORNING, limit=10)
    alerting.remind(now=MORNING, limit=10)
    kept = "lead-step" if choice == "has_alerts" else "lead-grade"
    assert get_mails() == [(kept, "karin@byran.se")]


def test_quiet_hours_move_a_mail_and_lose_none() -> None:
    make_consultant(quiet_from=time(8), quiet_until=time(13))
    make_lead()
    alerting.tell_of_grades(now=TUESDAY, limit=10)  # at nine
    mail = Message.objects.get(kind="staff")
    assert mail.due_at == datetime(2026, 9, 15, 11, 0, tzinfo=UTC)
    assert sending.send_due(now=TUESDAY, limit=10, transport=Wire()).states == {}
    sent = sending.send_due(now=mail.due_at, limit=10, transport=Wire())
    assert sent.states == {"sent": 1}


def test_a_suppressed_colleague_is_not_written_to(karin: User) -> None:
    make_lead()
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    suppress(email=karin.email, reason=Suppression.Reason.BOUNCE, now=TUESDAY)
    sending.send_due(now=TUESDAY, limit=10, transport=Wire())
    mail = Message.objects.get(kind="staff")
    assert (mail.state, mail.reason) == ("skipped", "bounce")


def test_those_without_an_address_or_an_active_account_are_left_out(karin: User) -> None:
    User.objects.filter(pk=karin.pk).update(email="")
    gone = make_consultant("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    make_lead()
    assert alerting.tell_of_grades(now=TUESDAY, limit=10) == 1
    assert get_mails() == []


def test_steps_are_brought_up_at_half_past_seven_in_one_mail(karin: User) -> None:
    for number in range(2):
        make_lead(
            number=number, owner=karin, next_step_at=date(2026, 9, 16), next_step=f"Steg {number}"
        )
    assert alerting.remind(now=MORNING - timedelta(seconds=1), limit=10) == 0
    assert alerting.remind(now=MORNING, limit=10) == 2
    assert alerting.remind(now=MORNING + timedelta(hours=1), limit=10) == 0
    text = letters.render(Message.objects.select_related("enrolment").get(kind="staff")).text
    assert ("Steg 0" in text, "Steg 1" in text) == (True, True)


def test_a_step_of_a_day_when_nothing_ran_is_brought_up_later(karin: User) -> None:
    make_lead(owner=karin, next_step_at=date(2026, 9, 13))
    assert alerting.remind(now=MORNING, limit=10) == 1


def test_a_step_set_to_another_day_is_brought_up_again(karin: User) -> None:
    lead = make_lead(owner=karin, next_step_at=date(2026, 9, 16))
    alerting.remind(now=MORNING, limit=10)
    Lead.objects.filter(pk=lead.pk).update(next_step_at=date(2026, 9, 18))
    assert alerting.remind(now=MORNING + DAY, limit=10) == 0
    assert alerting.remind(now=MORNING + 2 * DAY, limit=10) == 1
    assert len(get_mails()) == 2


@override_settings(LEAD_UNTOUCHED_DAYS=3)
def test_a_good_lead_that_nobody_touches_is_brought_up_once(karin: User) -> None:
    make_lead(grade="A3")
    make_lead(number=1, grade="B1")
    make_lead(number=2, grade="A1", owner=karin)
    morning = MORNING + 2 * DAY  # not yet three days after Tuesday at nine
    assert alerting.tell_of_untouched(now=morning, limit=10) == 0
    assert alerting.tell_of_untouched(now=morning + DAY, limit=10) == 1
    assert alerting.tell_of_untouched(now=morning + 2 * DAY, limit=10) == 0
    assert get_mails() == [("lead-untouched", "karin@byran.se")]


def test_of_those_nobody_touches_the_best_stand_first(karin: User) -> None:
    for number, grade in enumerate(("A3", "A1", "A2", "A1")):
        make_lead(number=number, grade=grade, first_name=f"N{number}")
    alerting.tell_of_untouched(now=MORNING + 5 * DAY, limit=10)
    values = Message.objects.get().values
    names = [values[f"row_{place}_name"].partition(",")[0] for place in (1, 2, 3, 4)]
    assert names == ["N1", "N3", "N2", "N0"]


def test_who_leads_the_group_is_told_for_all(karin: User) -> None:
    make_consultant("boss", is_lead_of_group=True)
    make_lead(grade="A3")
    alerting.tell_of_untouched(now=MORNING + 5 * DAY, limit=10)
    assert get_mails() == [("lead-untouched", "boss@byran.se")]


def test_a_refreshed_lead_is_looked_at_again(karin: User) -> None:
    lead = make_lead(grade="D4")
    refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY)
    assert alerting.tell_of_grades(now=TUESDAY, limit=10) == 1
    assert get_mails() == [("lead-grade", "karin@byran.se")]
