from datetime import datetime, timedelta

import pytest

from campaigns import advancing, freezing, ledger, sending
from campaigns.ledger import Ending
from campaigns.models import CampaignVersion, Enrolment, Freeze, Message
from campaigns.sending.claiming import claim
from campaigns.sending.handing import hand_over
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, get_states, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ASKED, HANDOVER = Freeze.Reason.ASKED, Freeze.Reason.HANDOVER


@pytest.fixture
def version(db: None) -> CampaignVersion:
    return publish_campaign()


def freeze(
    enrolment: Enrolment,
    *,
    reason: Freeze.Reason = ASKED,
    until: datetime | None = None,
    now: datetime = TUESDAY,
) -> int:
    people = [enrolment.respondent_id]
    return freezing.freeze(respondent_ids=people, reason=reason, until=until, now=now)


def release(enrolment: Enrolment, *, reason: Freeze.Reason = ASKED, now: datetime) -> int:
    return freezing.release(respondent_ids=[enrolment.respondent_id], reason=reason, now=now)


def run(now: datetime) -> None:
    """One tick: plan, then send all that is due."""
    advancing.plan_due(now=now, limit=10)
    sending.send_due(now=now, limit=10, transport=Wire())


def test_a_frozen_person_gets_no_tip_and_the_ledger_says_why(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    run(TUESDAY)
    # The tip is due on Friday; the freeze ends on the Tuesday after.
    freeze(enrolment, until=TUESDAY + 7 * DAY, now=TUESDAY + DAY)
    for day in range(1, 7):
        run(TUESDAY + day * DAY)
    enrolment.refresh_from_db()
    assert get_states(enrolment) == {"result": "sent"}
    assert (enrolment.hold_reason, enrolment.state) == ("frozen_asked", "active")
    steps = ledger.get_steps(campaign_id=enrolment.campaign_id)
    held = ledger.get_people(
        people=Enrolment.objects.all(), steps=steps, ending=Ending.HELD, reason="frozen_asked"
    )
    assert list(held) == [enrolment]


def test_a_freeze_ends_by_itself_and_the_days_that_were_left_are_left(
    version: CampaignVersion,
) -> None:
    enrolment = make_enrolment(version)
    run(TUESDAY)
    freeze(enrolment, until=TUESDAY + 8 * DAY, now=TUESDAY + DAY)
    # Of three days one had passed: two are left when it ends, on a Wednesday.
    sent = {}
    for day in range(1, 14):
        run(TUESDAY + day * DAY)
        sent[day] = "tip-1" in get_states(enrolment)
    assert next(day for day, is_sent in sent.items() if is_sent) == 10


def test_a_result_letter_is_an_answer_and_leaves_all_the_same(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    freeze(enrolment)
    run(TUESDAY)
    assert get_states(enrolment) == {"result": "sent"}


def test_a_tip_that_was_about_to_leave_is_skipped(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    run(TUESDAY)
    advancing.plan_due(now=TUESDAY + 3 * DAY, limit=10)
    freeze(enrolment, reason=HANDOVER, now=TUESDAY + 3 * DAY)
    tip = Message.objects.get(step_key="tip-1")
    assert (tip.state, tip.reason, tip.ended_at) == (
        "skipped",
        "frozen_handover",
        TUESDAY + 3 * DAY,
    )


def test_a_claimed_tip_does_not_leave(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    run(TUESDAY)
    now = TUESDAY + 3 * DAY
    advancing.plan_due(now=now, limit=10)
    Message.objects.filter(step_key="tip-1").update(due_at=now)
    claimed = claim(now=now, limit=10)
    freeze(enrolment, reason=HANDOVER, now=now)
    tip = Message.objects.get(step_key="tip-1")
    handed = hand_over([tip], [], claim=claimed, now=now)
    assert (handed.opened, handed.refusals[tip.pk].reason) == ([], "frozen_handover")


def test_freezing_again_moves_the_end_and_is_nothing_new(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    assert freeze(enrolment, until=TUESDAY + DAY) == 1
    assert freeze(enrolment, until=TUESDAY + 9 * DAY) == 0
    assert Freeze.objects.get().until == TUESDAY + 9 * DAY


def test_a_freeze_that_is_over_is_not_taken_up_again(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    freeze(enrolment, until=TUESDAY + DAY)
    assert freeze(enrolment, until=TUESDAY + 9 * DAY, now=TUESDAY + 2 * DAY) == 1
    assert Freeze.objects.count() == 2


def test_release_ends_what_that_reason_froze_and_nothing_else(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    freeze(enrolment, reason=ASKED)
    freeze(enrolment, reason=HANDOVER)
    assert release(enrolment, reason=HANDOVER, now=TUESDAY + DAY) == 1
    assert release(enrolment, reason=HANDOVER, now=TUESDAY + DAY) == 0
    on = Freeze.objects.filter(until=None)
    assert [each.reason for each in on] == ["asked"]


def test_the_planner_looks_again_at_once_after_a_release(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    run(TUESDAY)
    freeze(enrolment, reason=HANDOVER, now=TUESDAY + 2 * DAY)
    run(TUESDAY + 3 * DAY)
    release(enrolment, reason=HANDOVER, now=TUESDAY + 9 * DAY)
    run(TUESDAY + 9 * DAY)
    enrolment.refresh_from_db()
    # One day of three was left.
    assert (enrolment.hold_reason, enrolment.next_due_at) == ("", TUESDAY + 10 * DAY)


def test_others_are_not_touched(version: CampaignVersion) -> None:
    one, other = make_enrolment(version), make_enrolment(version, email="bo@example.se")
    run(TUESDAY)
    freeze(one, reason=HANDOVER)
    run(TUESDAY + 3 * DAY)
    assert [len(get_states(each)) for each in (one, other)] == [1, 2]
