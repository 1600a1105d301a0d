"""What a consultant reads before a call."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from assessments import comparing
from assessments.models import Response
from campaigns import advancing, enrolment
from campaigns.models import Message
from leads import alerting, briefing, handover, seeding, working
from leads.models import Lead
from leads.timeline import Kind
from tests.factories import TUESDAY, read_content
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _texts(db: None) -> None:
    seeding.seed_texts(shipped=read_content("leads.yaml"))


def build(lead: Lead, reader_id: int = 0) -> briefing.Brief:
    with override("en"):
        return briefing.build_brief(
            lead=lead, seen=Lead.objects.all(), reader_id=reader_id, now=TUESDAY + DAY
        )


def test_the_weakest_roles_come_with_a_question_of_their_tier() -> None:
    roles = [
        {"key": "brobyggare", "name": "Bridge builder", "tier": "weak", "label": "To develop"},
        {"key": "takthallare", "name": "Pace keeper", "tier": "developing", "label": "On the way"},
        {"key": "synliggorare", "name": "Revealer", "tier": "developing", "label": "On the way"},
    ]
    with override("en"):
        found = briefing.get_openings(roles)
    shipped = read_content("leads.yaml")["openings"]
    assert [(each.role, each.text) for each in found] == [
        ("Bridge builder", shipped["brobyggare"]["weak"]["en"]),
        ("Pace keeper", shipped["takthallare"]["developing"]["en"]),
    ]


def test_a_strong_role_is_opened_with_only_when_all_are_strong() -> None:
    weak = {"key": "brobyggare", "name": "B", "tier": "developing", "label": ""}
    strong = {"key": "takthallare", "name": "T", "tier": "strong", "label": ""}
    assert [each.role for each in briefing.get_openings([weak, strong])] == ["B"]
    assert [each.role for each in briefing.get_openings([strong])] == ["T"]


def test_a_role_without_a_score_or_a_question_has_none() -> None:
    unknown = {"key": "new-role", "name": "N", "tier": "weak", "label": ""}
    unscored = {"key": "brobyggare", "name": "B", "tier": None, "label": ""}
    assert briefing.get_openings([unknown, unscored]) == []


def test_it_says_what_they_allow_now_and_since_when() -> None:
    lead = make_lead()
    enrolment.unsubscribe(
        respondent_id=lead.respondent_id, purposes=["tips"], source="page", now=TUESDAY + DAY
    )
    allowed = {each.purpose: (each.is_allowed, each.since) for each in build(lead).allowed}
    assert allowed == {
        "Tips by mail": (False, TUESDAY + DAY),
        "Contact by a consultant": (True, TUESDAY),
    }


def test_it_lists_the_tips_that_arrived() -> None:
    lead = make_lead()
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY)
    advancing.plan_due(now=TUESDAY + 3 * DAY, limit=10)
    assert build(lead).tips == []
    Message.objects.filter(step_key="tip-1").update(state="sent", sent_at=TUESDAY + 3 * DAY)
    (tip,) = build(lead).tips
    assert (tip.at, tip.is_sent) == (TUESDAY + 3 * DAY, True)
    assert tip.subject


def test_those_who_came_by_the_same_invite_link_are_colleagues_whatever_their_address() -> None:
    lead, other = make_lead(), make_lead(number=1, domain="gmail.com")
    group = comparing.invite(response_id=lead.response_id, now=TUESDAY)
    Response.objects.filter(pk=other.response_id).update(organisation=group)
    assert build(Lead.objects.get(pk=lead.pk)).colleagues == [other]


def test_colleagues_whom_the_reader_may_not_see_are_a_count() -> None:
    lead = make_lead()
    make_lead(number=1)
    seen = Lead.objects.filter(pk=lead.pk)
    brief = briefing.build_brief(lead=lead, seen=seen, reader_id=0, now=TUESDAY)
    assert (brief.colleagues, brief.others) == ([], 1)


def test_the_timeline_holds_every_kind_newest_first() -> None:
    karin, lead = make_consultant(), make_lead()
    advancing.plan_due(now=TUESDAY, limit=10)
    alerting.tell_of_grades(now=TUESDAY + DAY, limit=10)
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY + 2 * DAY)
    working.write_note(lead_id=lead.pk, text="**x**", by_id=karin.pk, now=TUESDAY + 3 * DAY)
    working.move(
        lead_id=lead.pk,
        stage=Lead.Stage.IN_TOUCH,
        reason_id=None,
        text="Called",
        by_id=karin.pk,
        now=TUESDAY + 4 * DAY,
    )
    entries = build(lead, karin.pk).timeline
    assert [each.at for each in entries] == sorted((each.at for each in entries), reverse=True)
    assert [each.kind for each in entries[:4]] == [
        Kind.STAGE,
        Kind.NOTE,
        Kind.HAND_OVER,
        Kind.ALERT,
    ]
    assert {each.kind for each in entries} == set(Kind) - {Kind.ACT}
    stage, note, taken, alert = entries[:4]
    assert (stage.what, stage.under, stage.by) == ("New → In touch", "Called", "karin")
    assert (note.note, note.note_id is not None) == ("**x**", True)
    assert taken.what == "karin took the lead"
    assert alert.what == "Alert: became hot"


def test_what_a_person_did_is_in_the_timeline() -> None:
    lead = make_lead()
    make_lead_again(lead)
    acts = [each.what for each in build(lead).timeline if each.kind == Kind.ACT]
    assert acts == ["Took the test again"]


def make_lead_again(lead: Lead) -> None:
    from campaigns.models import ConsentOrigin

    ConsentOrigin.objects.create(
        respondent_id=lead.respondent_id,
        response_id=lead.response_id,
        language="sv",
        path="/tips/",
        asked_at=TUESDAY + DAY,
        confirmed_at=TUESDAY + DAY,
    )


def test_whoever_has_left_is_somebody() -> None:
    karin, lead = make_consultant(), make_lead()
    handover.take(lead_ids=[lead.pk], owner_id=karin.pk, now=TUESDAY)
    karin.delete()
    (entry,) = [each for each in build(lead).timeline if each.kind == Kind.HAND_OVER]
    assert entry.what == "somebody who has left took the lead"
