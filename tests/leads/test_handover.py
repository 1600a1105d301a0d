"""Taking, handing over and releasing leads, and what becomes of the mail meanwhile."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from campaigns import advancing, enrolment
from campaigns.models import Enrolment, Freeze, Message
from leads import handover, working
from leads.models import Alert, HandOver, Lead
from leads.refreshing import refresh_lead
from leads.signals import lead_taken
from tests.factories import TUESDAY
from tests.leads.people import allow_contact, make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def karin() -> User:
    return make_consultant()


def get_frozen(at: object = TUESDAY) -> list[int]:
    """Who is frozen for a hand-over and has not been released."""
    open_freezes = Freeze.objects.filter(reason="handover", until=None)
    return sorted(open_freezes.values_list("respondent_id", flat=True))


def get_kinds(lead: Lead) -> list[str]:
    return list(lead.hand_overs.order_by("pk").values_list("kind", flat=True))


def test_taking_a_lead_freezes_the_person_and_is_remembered(karin: User) -> None:
    lead = make_lead()
    assert handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY) == 1
    lead.refresh_from_db()
    assert (lead.owner, lead.taken_at, lead.held_at) == (karin, TUESDAY, TUESDAY)
    assert get_frozen() == [lead.respondent_id]
    row = HandOver.objects.get()
    assert (row.kind, row.before, row.after, row.by, row.at) == (
        "taken", None, karin, karin, TUESDAY,
    )  # fmt: skip


def test_a_taken_lead_gets_no_tip_and_the_ledger_says_why(karin: User) -> None:
    lead = make_lead()
    advancing.plan_due(now=TUESDAY, limit=10)
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    Message.objects.update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY)
    advancing.plan_due(now=TUESDAY + 30 * DAY, limit=10)
    assert Message.objects.filter(kind="campaign").count() == 1  # the result letter
    assert Enrolment.objects.get().hold_reason == "frozen_handover"


def test_a_colleagues_lead_is_not_taken_from_them(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    other = make_consultant("olof")
    assert handover.take(lead_ids=[lead.pk], owner_id=other.pk, now=TUESDAY) == 0
    assert Lead.objects.get().owner == karin


def test_nobody_is_taken_who_may_not_be_contacted(karin: User) -> None:
    lead = make_lead(may_contact=False)
    assert handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY) == 0
    assert get_frozen() == []


def test_those_who_listen_hear_of_a_taken_lead_after_commit(
    karin: User, django_capture_on_commit_callbacks: object
) -> None:
    heard: list[tuple[int, int]] = []

    def hear(*, lead_id: int, owner_id: int, **_: object) -> None:
        heard.append((lead_id, owner_id))

    lead = make_lead()
    lead_taken.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
        handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
        assert heard == []
    lead_taken.disconnect(hear)
    assert heard == [(lead.pk, karin.pk)]


def test_releasing_lets_the_mail_go_on(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    later = TUESDAY + DAY
    released = handover.release(lead_ids=[lead.pk], reason="On leave", by_id=karin.pk, now=later)
    lead.refresh_from_db()
    assert (released, lead.owner, lead.held_at, lead.touched_at) == (1, None, None, later)
    assert get_frozen() == []
    row = HandOver.objects.get(kind="released")
    assert (row.before, row.after, row.reason) == (karin, None, "On leave")


def test_reassigning_keeps_the_mail_held(karin: User) -> None:
    lead, olof = make_lead(), make_consultant("olof")
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    changed = handover.assign(
        lead_ids=[lead.pk], owner_id=olof.pk, reason="Knows them", by_id=karin.pk, now=TUESDAY
    )
    assert changed == [lead.pk]
    assert Lead.objects.get().owner == olof
    assert get_frozen() == [lead.respondent_id]
    assert get_kinds(lead) == ["taken", "reassigned"]


def test_assigning_to_the_owner_changes_nothing(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    again = handover.assign(
        lead_ids=[lead.pk], owner_id=karin.pk, reason="x", by_id=karin.pk, now=TUESDAY
    )
    assert (again, get_kinds(lead)) == ([], ["taken"])


def test_assigning_nobodys_lead_takes_it_and_holds_the_mail(karin: User) -> None:
    lead, boss = make_lead(), make_consultant("boss")
    handover.assign(lead_ids=[lead.pk], owner_id=karin.pk, by_id=boss.pk, now=TUESDAY)
    row = HandOver.objects.get()
    assert (row.kind, row.after, row.by) == ("taken", karin, boss)
    assert get_frozen() == [lead.respondent_id]


def test_many_are_assigned_in_as_many_queries_as_one(karin: User) -> None:
    leads = [make_lead(number=number) for number in range(4)]

    def count(some: list[Lead]) -> int:
        ids = [lead.pk for lead in some]
        with CaptureQueriesContext(connection) as queries:
            handover.assign(lead_ids=ids, owner_id=karin.pk, by_id=karin.pk, now=TUESDAY)
        return len(queries)

    assert count(leads[:1]) == count(leads[1:])
    assert len(get_frozen()) == 4


def test_colleagues_are_held_too_when_asked_and_let_go_together(karin: User) -> None:
    lead = make_lead()
    colleague = make_lead(number=1, may_contact=False)
    stranger = make_lead(number=2, domain="annan.se")
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True)
    assert get_frozen() == [lead.respondent_id, colleague.respondent_id]
    handover.release(lead_ids=[lead.pk], reason="x", by_id=karin.pk, now=TUESDAY + DAY)
    assert get_frozen() == []
    assert stranger.organisation == "annan.se"


def test_a_free_mail_service_is_no_organisation(karin: User) -> None:
    lead = make_lead(domain="gmail.com")
    make_lead(number=1, domain="gmail.com")
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True)
    assert get_frozen() == [lead.respondent_id]


def test_a_person_held_for_two_leads_is_let_go_with_the_last(karin: User) -> None:
    first, second = make_lead(), make_lead(number=1)
    handover.take(
        lead_ids=[first.pk, second.pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True
    )
    both = [first.respondent_id, second.respondent_id]
    handover.release(lead_ids=[first.pk], reason="x", by_id=karin.pk, now=TUESDAY + DAY)
    assert get_frozen() == both
    handover.release(lead_ids=[second.pk], reason="x", by_id=karin.pk, now=TUESDAY + DAY)
    assert get_frozen() == []


def test_a_newcomer_is_held_with_the_colleagues(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY, is_for_organisation=True)
    newcomer = make_lead(number=1)
    assert get_frozen() == [lead.respondent_id, newcomer.respondent_id]


def test_who_takes_back_contact_gets_their_tips_again(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    enrolment.unsubscribe(
        respondent_id=lead.respondent_id, purposes=["contact"], source="page", now=TUESDAY
    )
    refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + DAY)
    assert get_frozen() == []


def test_holding_and_resuming_by_hand(karin: User) -> None:
    lead, colleague = make_lead(), make_lead(number=1)
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    act = {"lead_id": lead.pk, "by_id": karin.pk, "now": TUESDAY + DAY}
    assert handover.resume(**act)
    assert not handover.resume(**act)
    assert get_frozen() == []
    assert handover.hold(is_for_organisation=True, **act)
    assert not handover.hold(is_for_organisation=True, **act)
    assert get_frozen() == [lead.respondent_id, colleague.respondent_id]
    assert handover.hold(is_for_organisation=False, **act)
    assert get_frozen() == [lead.respondent_id]
    assert get_kinds(lead) == ["taken", "resumed", "held", "held"]


@override_settings(HANDOVER_SILENT_DAYS=21)
def test_after_silent_days_the_mail_goes_on_and_the_owner_is_told(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    assert handover.resume_silent(now=TUESDAY + 21 * DAY, limit=10) == 0
    late = TUESDAY + 21 * DAY + timedelta(minutes=1)
    assert handover.resume_silent(now=late, limit=10) == 1
    assert handover.resume_silent(now=late, limit=10) == 0
    lead.refresh_from_db()
    assert (lead.owner, lead.held_at, get_frozen()) == (karin, None, [])
    mail = Message.objects.get(kind="staff")
    assert (mail.to, mail.template, mail.values["count"]) == ("karin@byran.se", "lead-silent", "21")
    assert Alert.objects.get().kind == "silent"
    assert get_kinds(lead) == ["taken", "silent"]


def test_a_planned_step_is_no_silence(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    on = (TUESDAY + 40 * DAY).date()
    working.plan_step(lead_id=lead.pk, on=on, text="", now=TUESDAY)
    assert handover.resume_silent(now=TUESDAY + 39 * DAY, limit=10) == 0
    assert handover.resume_silent(now=TUESDAY + 41 * DAY, limit=10) == 1


def test_silent_leads_are_let_go_a_few_at_a_time(karin: User) -> None:
    leads = [make_lead(number=number) for number in range(3)]
    handover.take(lead_ids=[each.pk for each in leads], owner_id=karin.pk, now=TUESDAY)
    late = TUESDAY + 60 * DAY
    assert [handover.resume_silent(now=late, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_history_is_only_added_to(karin: User, act: str) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    rows = HandOver.objects.all()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        rows.update(reason="other") if act == "update" else rows.delete()


def test_who_did_it_may_be_forgotten_with_the_account(karin: User) -> None:
    lead = make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    karin.delete()
    row = HandOver.objects.get()
    assert (row.by, row.after, row.kind) == (None, None, "taken")


def test_contact_allowed_again_makes_the_lead_news_again() -> None:
    lead = make_lead(grade="A1")
    enrolment.unsubscribe(
        respondent_id=lead.respondent_id, purposes=["contact"], source="page", now=TUESDAY
    )
    refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + DAY)
    allow_contact(lead.respondent_id, "p0@example.se", TUESDAY + 2 * DAY)
    refresh_lead(respondent_id=lead.respondent_id, now=TUESDAY + 2 * DAY)
    assert Lead.objects.get().alerted_grade == ""
