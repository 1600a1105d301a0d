import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from assessments.models import Answer
from campaigns import advancing, permission
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message, Suppression
from tests.factories import TUESDAY, get_states, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FRIDAY = TUESDAY + 3 * DAY


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def plan(now: datetime, limit: int = 100) -> advancing.Planned:
    return advancing.plan_due(now=now, limit=limit)


def publish_other(version: CampaignVersion, *, priority: int) -> CampaignVersion:
    """A second campaign with the same steps, for the same people."""
    campaign = Campaign.objects.create(
        key="other", name="Other", assessment=version.campaign.assessment, priority=priority
    )
    return CampaignVersion.objects.create(
        campaign=campaign,
        number=1,
        document=version.document,
        compiled=version.compiled,
        published_at=TUESDAY,
    )


def enrol_in_both(version: CampaignVersion, other: CampaignVersion) -> tuple[Enrolment, Enrolment]:
    """One person, whose result letters have left and whose first tips are both due."""
    both = make_enrolment(version), make_enrolment(other)
    plan(TUESDAY)
    send_all(TUESDAY)
    return both


def send_all(now: datetime) -> None:
    """As if the worker had sent everything that is queued."""
    Message.objects.filter(state="queued").update(state="sent", sent_at=now, ended_at=now)


def test_plan_due_queues_the_result_letter_at_once(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    assert plan(TUESDAY) == advancing.Planned(looked_at=1, ready=1)
    message = Message.objects.get(enrolment=enrolment)
    assert (message.key, message.state, message.due_at) == (
        f"{enrolment.pk}:result",
        "queued",
        TUESDAY,
    )
    assert message.values["weakest_role"] == "Takthållare"


def walk(enrolment: Enrolment) -> list[tuple[str, datetime]]:
    """To the end, looking whenever something is due: step key and due time of what was sent."""
    now, seen = TUESDAY, []
    while enrolment.state == "active":
        plan(now)
        for message in Message.objects.filter(state="queued"):
            seen.append((message.step_key, message.due_at))
            send_all(message.due_at)
        enrolment.refresh_from_db()
        now = enrolment.next_due_at
    return seen


def test_plan_due_looks_again_when_the_next_step_is_due(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    plan(TUESDAY)
    enrolment.refresh_from_db()
    assert (enrolment.next_due_at, enrolment.hold_reason) == (TUESDAY + 3 * DAY, "")


def test_plan_due_walks_the_whole_sequence_in_order(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    seen = walk(enrolment)
    tips = [f"tip-{number}" for number in range(1, 7)]
    assert [key for key, _ in seen] == ["result", *tips, "talk", "retake"]
    assert (enrolment.state, enrolment.reason) == ("finished", "completed")
    assert all(due.astimezone(UTC).weekday() < 5 for _, due in seen)


def test_plan_due_chooses_tips_by_the_weakest_roles(version: CampaignVersion) -> None:
    # Strong everywhere but for the two questions that carry the mapmaker and the bridge-builder.
    answers = {
        question["key"]: "disagree-fully"
        for question in version.campaign.assessment.versions.get().document["questions"]
        if not question.get("background")
    }
    answers |= {"no-shared-picture": "agree-fully", "agile-teams-traditional-governance": "agree"}
    enrolment = make_enrolment(version, answers=answers)
    walk(enrolment)
    tips = Message.objects.filter(enrolment=enrolment, tip_key__gt="").order_by("created_at")
    roles = {tip["key"]: tip["role"] for tip in version.document["tips"]}
    assert [roles[message.tip_key] for message in tips] == ["synliggorare", "brobyggare"] * 3
    assert len({message.tip_key for message in tips}) == 6


def test_plan_due_skips_tips_when_nothing_was_scored(version: CampaignVersion) -> None:
    answers = dict.fromkeys(_get_scored(version), "unknown")
    enrolment = make_enrolment(version, answers=answers)
    walk(enrolment)
    tips = dict.fromkeys([f"tip-{number}" for number in range(1, 7)], "skipped")
    others = dict.fromkeys(["result", "talk", "retake"], "sent")
    assert get_states(enrolment) == {**others, **tips}


def _get_scored(version: CampaignVersion) -> list[str]:
    document = version.campaign.assessment.versions.get().document
    return [each["key"] for each in document["questions"] if not each.get("background")]


def test_plan_due_is_the_same_for_two_schedulers_at_once(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    plan(TUESDAY)
    Enrolment.objects.filter(pk=enrolment.pk).update(next_due_at=TUESDAY)
    plan(TUESDAY)
    assert get_states(enrolment) == {"result": "queued"}


def test_plan_due_holds_the_next_mail_while_one_is_under_way(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    plan(TUESDAY)
    later = TUESDAY + 4 * DAY
    plan(later)
    enrolment.refresh_from_db()
    assert (enrolment.hold_reason, enrolment.hold_until) == (
        "mail_under_way",
        later + timedelta(minutes=1),
    )


def test_plan_due_writes_a_skipped_message_when_consent_is_gone(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    enrolment.respondent.consents.update(state="withdrawn", withdrawn_at=TUESDAY)
    plan(TUESDAY)
    message = Message.objects.get(enrolment=enrolment)
    enrolment.refresh_from_db()
    assert (message.state, message.reason) == ("skipped", "no_consent")
    assert (enrolment.state, enrolment.reason) == ("stopped", "no_consent")


def test_plan_due_never_writes_to_a_suppressed_address(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    Suppression.objects.create(
        subject_key=permission.get_subject_key("alva@example.se"),
        reason="complaint",
        created_at=TUESDAY,
    )
    plan(TUESDAY)
    assert get_states(enrolment) == {"result": "skipped"}


def test_plan_due_drops_what_came_too_late_and_goes_on(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    plan(TUESDAY)
    send_all(TUESDAY)
    plan(TUESDAY + 20 * DAY)
    enrolment.refresh_from_db()
    assert get_states(enrolment) == {"result": "sent", "tip-1": "dropped"}
    assert enrolment.next_due_at == TUESDAY + 27 * DAY


def test_plan_due_keeps_going_when_one_enrolment_is_broken(version: CampaignVersion) -> None:
    broken = make_enrolment(version, email="a@example.se")
    whole = make_enrolment(version, email="b@example.se")
    Answer.objects.filter(response=broken.response).delete()
    broken.response.result["weakest"] = ["nobody"]
    broken.response.save()
    plan(TUESDAY)
    broken.refresh_from_db()
    assert (broken.state, broken.hold_reason) == ("active", "error")
    assert get_states(whole) == {"result": "queued"}


def test_plan_due_looks_at_no_more_than_its_limit(version: CampaignVersion) -> None:
    for number in range(3):
        make_enrolment(version, email=f"person{number}@example.se")
    assert plan(TUESDAY, limit=2).looked_at == 2
    assert plan(TUESDAY, limit=2).looked_at == 1


@pytest.mark.parametrize("limit", [100, 1])
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("priority", [5, 10, 20])
def test_plan_due_leads_a_person_through_one_campaign_at_a_time(
    version: CampaignVersion, priority: int, is_first: bool, limit: int
) -> None:
    usual, other = enrol_in_both(version, publish_other(version, priority=priority))
    first = usual if is_first else other
    Enrolment.objects.filter(pk=first.pk).update(next_due_at=FRIDAY - timedelta(minutes=1))
    plan(FRIDAY, limit=limit)
    plan(FRIDAY, limit=limit)
    winner, loser = (other, usual) if priority > usual.campaign.priority else (usual, other)
    tip = Message.objects.get(step_key="tip-1")
    loser.refresh_from_db()
    assert tip.enrolment_id == winner.pk
    assert (loser.hold_reason, loser.hold_until) == ("other_campaign", FRIDAY + DAY)


def test_plan_due_goes_on_with_the_waiting_campaign_when_the_other_is_over(
    version: CampaignVersion,
) -> None:
    usual, other = enrol_in_both(version, publish_other(version, priority=5))
    plan(FRIDAY)
    send_all(FRIDAY)
    Enrolment.objects.filter(pk=usual.pk).update(
        state="stopped", reason="unsubscribed", ended_at=FRIDAY, next_due_at=None
    )
    plan(FRIDAY + 3 * DAY)
    assert other.messages.get(step_key="tip-1").due_at >= FRIDAY + 3 * DAY


def test_plan_due_gives_no_tip_in_two_campaigns(version: CampaignVersion) -> None:
    _, other = enrol_in_both(version, publish_other(version, priority=20))
    plan(FRIDAY)
    send_all(FRIDAY)
    Enrolment.objects.filter(pk=other.pk).update(
        state="finished", reason="completed", ended_at=FRIDAY, next_due_at=None
    )
    plan(FRIDAY + 4 * DAY)
    tips = list(Message.objects.filter(step_key="tip-1").values_list("tip_key", flat=True))
    assert len(tips) == len(set(tips)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_person_whom_one_worker_plans_is_passed_over_by_the_next() -> None:
    """Also for an enrolment that the first worker has not seen."""
    version = publish_campaign()
    make_enrolment(version)
    later = make_enrolment(publish_other(version, priority=20))
    Enrolment.objects.filter(pk=later.pk).update(next_due_at=TUESDAY + timedelta(hours=1))
    seen: list[int] = []

    def work() -> None:
        seen.append(plan(TUESDAY + timedelta(hours=2)).looked_at)
        connection.close()

    with transaction.atomic():
        assert [each.campaign.key for each in advancing._lock_due(now=TUESDAY, limit=10)] == [
            version.campaign.key
        ]
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(timeout=10)
    assert seen == [0]


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_keep_the_cap() -> None:
    version = publish_campaign()
    other = publish_other(version, priority=20)
    people = [f"person{number}@example.se" for number in range(6)]
    for email in people:
        make_enrolment(version, email=email)
        make_enrolment(other, email=email)
    plan(TUESDAY)
    send_all(TUESDAY)

    def work() -> None:
        while plan(FRIDAY, limit=1).looked_at:
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    plan(FRIDAY)
    tips = Message.objects.filter(step_key="tip-1")
    assert sorted(tips.values_list("to", flat=True)) == people
    assert set(tips.values_list("enrolment__version", flat=True)) == {other.pk}


@pytest.mark.parametrize("count", [1, 5])
def test_plan_due_asks_as_often_for_five_people_as_for_one(
    version: CampaignVersion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_enrolment(version, email=f"person{number}@example.se")
    advancing.sequences.get_document(version.pk)
    with django_assert_num_queries(16):
        plan(TUESDAY)
