"""Erasing a person takes every trace in what colleagues wrote and were told."""

from datetime import timedelta

import pytest

from assessments import personal_data
from campaigns import posting
from campaigns.models import Message
from leads import alerting, handover, working
from leads.models import Alert, HandOver, Lead, Note, StageChange
from tests.factories import TUESDAY
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def make_worked_lead(number: int) -> Lead:
    lead, karin = (
        make_lead(number=number, first_name=f"Namn{number}"),
        make_consultant(f"k{number}"),
    )
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    working.write_note(lead_id=lead.pk, text="x", by_id=karin.pk, now=TUESDAY)
    working.move(
        lead_id=lead.pk,
        stage=Lead.Stage.IN_TOUCH,
        reason_id=None,
        text="x",
        by_id=karin.pk,
        now=TUESDAY,
    )
    return lead


def test_an_export_holds_what_colleagues_wrote() -> None:
    lead = make_worked_lead(1)
    found = personal_data.export(respondent_id=lead.respondent_id)
    assert [row["text"] for row in found["lead_notes"]] == ["x"]
    assert [row["after"] for row in found["lead_stages"]] == ["in_touch"]
    assert [row["kind"] for row in found["lead_hand_overs"]] == ["taken"]


def test_erasing_takes_one_persons_history_and_what_was_told_of_them_only() -> None:
    gone, stays = make_worked_lead(1), make_worked_lead(2)
    alerting.tell_of_grades(now=TUESDAY, limit=10)
    personal_data.get_holders()
    for holder in personal_data.get_holders():
        if holder.app == "leads":
            holder.erase(respondent_id=gone.respondent_id, now=TUESDAY)
    assert Lead.objects.get() == stays
    for rows in (Note.objects, StageChange.objects, HandOver.objects, Alert.objects):
        assert rows.get().lead == stays
    told = dict(Message.objects.filter(kind="staff").values_list("to", "state"))
    assert told == {"k1@byran.se": "skipped", "k2@byran.se": "queued"}
    values = Message.objects.filter(kind="staff").order_by("to").values_list("values", flat=True)
    assert values[0] == {}
    assert "Namn2" in str(values[1])


def test_the_history_is_shut_again_after_an_erasure() -> None:
    gone, stays = make_worked_lead(1), make_worked_lead(2)
    for holder in personal_data.get_holders():
        if holder.app == "leads":
            holder.erase(respondent_id=gone.respondent_id, now=TUESDAY)
    with pytest.raises(Exception, match="never changed"):
        StageChange.objects.filter(lead=stays).delete()


def test_a_mail_that_is_forgotten_never_leaves() -> None:
    assert posting.forget(keys=["staff:1:nothing:2026-09-15"]) == 0
