"""A consultant's week in one mail."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import letters
from campaigns.models import Message
from leads import digesting, seeding, working
from leads.digesting import Week
from leads.models import ClosingReason, Lead
from tests.factories import read_content
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = datetime(2026, 9, 28, 5, 30, tzinfo=UTC)  # half past seven in Stockholm


@pytest.fixture
def karin() -> User:
    return make_consultant()


def render() -> str:
    message = Message.objects.select_related("enrolment").get(kind="staff")
    return letters.render(message).text


def test_it_comes_on_monday_at_half_past_seven_once(karin: User) -> None:
    assert digesting.post_digests(now=MONDAY - DAY, limit=10) == 0
    assert digesting.post_digests(now=MONDAY - timedelta(seconds=1), limit=10) == 0
    assert digesting.post_digests(now=MONDAY, limit=10) == 1
    assert digesting.post_digests(now=MONDAY + timedelta(hours=3), limit=10) == 0
    assert digesting.post_digests(now=MONDAY + 7 * DAY, limit=10) == 1


def test_the_day_is_each_ones_own() -> None:
    make_consultant("wednesday", digest_weekday=3)
    make_consultant("never", has_digest=False)
    assert digesting.post_digests(now=MONDAY, limit=10) == 0
    assert digesting.post_digests(now=MONDAY + 2 * DAY, limit=10) == 1
    assert Message.objects.get().to == "wednesday@byran.se"


def test_many_are_told_a_few_at_a_time() -> None:
    for number in range(3):
        make_consultant(f"c{number}")
    assert [digesting.post_digests(now=MONDAY, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_week_counts_what_is_new_to_call_silent_won_and_lost(karin: User) -> None:
    seeding.seed_texts(shipped=read_content("leads.yaml"))
    olof = make_consultant("olof")
    make_lead(number=1, now=MONDAY - DAY)
    make_lead(number=2, owner=karin, touched_at=MONDAY - DAY)
    make_lead(number=3, owner=karin, touched_at=MONDAY - 8 * DAY)
    make_lead(number=4, owner=olof)
    make_lead(number=5, may_contact=False, now=MONDAY - DAY)
    won = make_lead(number=6, owner=karin)
    reason = ClosingReason.objects.get(key="won-course")
    working.move(
        lead_id=won.pk,
        stage=Lead.Stage.WON,
        reason_id=reason.pk,
        text="",
        by_id=karin.pk,
        now=MONDAY - DAY,
    )
    week = digesting.get_week(user_id=karin.pk, now=MONDAY)
    assert week == Week(new=1, to_call=2, silent=1, won=1, lost=0)


def test_the_mail_shows_the_figures_and_whom_to_call_first(karin: User) -> None:
    make_lead(number=1, owner=karin, grade="B2", first_name="Bo")
    make_lead(number=2, owner=karin, grade="A1", first_name="Alva")
    digesting.post_digests(now=MONDAY, limit=10)
    text = render()
    assert "Dina leads" not in text
    assert "Att ringa: 2" in text
    assert text.index("Alva, example.se") < text.index("Bo, example.se")
    message = Message.objects.get()
    assert message.values["bar_2_width"] == "100"
    assert message.values["week"] == "40"


def test_without_leads_it_says_so_and_lists_nothing(karin: User) -> None:
    digesting.post_digests(now=MONDAY, limit=10)
    text = render()
    assert Message.objects.get().template == "lead-digest-none"
    assert "Du har inget lead att ringa just nu." in text
    assert "row_" not in text


def test_a_week_takes_two_queries_however_many_leads(karin: User) -> None:
    for number in range(3):
        make_lead(number=number, owner=karin)
    with CaptureQueriesContext(connection) as queries:
        digesting.get_week(user_id=karin.pk, now=MONDAY)
    assert len(queries) == 2


def test_what_is_planned_stands_before_why(karin: User) -> None:
    step = (MONDAY + DAY).date()
    lead = make_lead(owner=karin, next_step_at=step, next_step="Send the example")
    digesting.post_digests(now=MONDAY, limit=10)
    planned, first, *_ = Message.objects.get().values["row_1_text"].split("; ")
    assert (planned, first[:1]) == ("2026-09-29 Send the example", "+")
    assert lead.next_step == "Send the example"
