"""Publishing while people are under way: where they stand then, and taking it back."""

import random
from collections import Counter
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, moving, publishing
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message
from campaigns.moving import Impact, Place
from tests.campaigns.wires import Wire, send
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# In the open window, the day the first tip is due.
FRIDAY = TUESDAY + 3 * DAY


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def publish(version: CampaignVersion, *steps: dict[str, Any], number: int = 2) -> CampaignVersion:
    """A version with these steps, without asking what they would look like."""
    document = deepcopy(version.document)
    document["campaign"]["steps"] = list(steps)
    return CampaignVersion.objects.create(
        campaign=version.campaign,
        number=number,
        document=document,
        compiled=version.compiled,
        published_at=FRIDAY,
    )


def get_step(version: CampaignVersion, key: str, **more: Any) -> dict[str, Any]:
    steps = version.document["campaign"]["steps"]
    return {**next(step for step in steps if step["key"] == key), **more}


def send_result(*emails: str) -> list[Enrolment]:
    version = publish_campaign()
    enrolments = [make_enrolment(version, email=email) for email in emails]
    plan(TUESDAY)
    return enrolments


def plan(now: Any) -> None:
    """Plan, and let what is queued leave."""
    advancing.plan_due(now=now, limit=100)
    Message.objects.filter(state="queued").update(
        state="sent", sending_at=now, sent_at=now, ended_at=now
    )


def get_keys(enrolment: Enrolment) -> list[str]:
    return list(enrolment.messages.order_by("due_at").values_list("step_key", flat=True))


def get_impact(version: CampaignVersion, now: Any = FRIDAY) -> Impact:
    return moving.get_impact(campaign=Campaign.objects.get(), document=version.document, now=now)


def test_the_impact_says_who_would_wait_where_and_who_would_get_a_mail_at_once(
    version: CampaignVersion,
) -> None:
    send_result("a@example.se", "b@example.se")
    make_enrolment(version, email="new@example.se", now=FRIDAY)
    new = publish(
        version,
        get_step(version, "result"),
        get_step(version, "talk", delay_days=1),
        get_step(version, "tip-1"),
    )
    assert get_impact(new) == Impact(
        people=3,
        asked=3,
        places=[
            Place(step_key="result", waiting=1, at_once=1),
            Place(step_key="talk", waiting=2, at_once=2),
        ],
        finished=0,
    )


def test_the_impact_counts_those_for_whom_nothing_is_left(version: CampaignVersion) -> None:
    send_result("a@example.se")
    found = get_impact(publish(version, get_step(version, "result")))
    assert (found.finished, found.places) == (1, [])


def test_of_a_crowd_a_sample_is_asked(
    version: CampaignVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "LARGEST_CROWD", 2)
    send_result("a@example.se", "b@example.se", "c@example.se", "d@example.se")
    found = get_impact(version)
    assert (found.people, found.asked, found.is_estimate) == (4, 2, True)
    assert found.places == [Place(step_key="tip-1", waiting=4, at_once=4)]


@pytest.mark.parametrize("count", [1, 5])
def test_the_impact_asks_as_often_for_five_people_as_for_one(
    version: CampaignVersion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    send_result(*(f"p{number}@example.se" for number in range(count)))
    campaign = Campaign.objects.get()
    with django_assert_num_queries(6):
        moving.get_impact(campaign=campaign, document=version.document, now=FRIDAY)


def test_who_is_moved_gets_the_next_step_of_the_new_version_and_none_twice(
    version: CampaignVersion,
) -> None:
    (enrolment,) = send_result("a@example.se")
    new = publish(
        version,
        get_step(version, "talk", delay_days=0),
        get_step(version, "result"),
        get_step(version, "tip-1"),
    )
    assert moving.move(version=new, people="move", now=FRIDAY) == 1
    plan(FRIDAY)
    assert get_keys(enrolment) == ["result", "talk"]
    enrolment.refresh_from_db()
    assert (enrolment.version, enrolment.moved_from) == (new, version)
    assert CampaignVersion.objects.get(pk=new.pk).people == "move"


def test_who_keeps_the_old_version_goes_on_in_it(version: CampaignVersion) -> None:
    (enrolment,) = send_result("a@example.se")
    new = publish(version, get_step(version, "result"), get_step(version, "talk", delay_days=0))
    assert moving.move(version=new, people="keep", now=FRIDAY) == 1
    plan(FRIDAY)
    assert get_keys(enrolment) == ["result", "tip-1"]


def test_who_is_finished_gets_nothing_more_and_the_ledger_says_why(
    version: CampaignVersion,
) -> None:
    (enrolment,) = send_result("a@example.se")
    advancing.plan_due(now=FRIDAY, limit=10)
    new = publish(version, get_step(version, "result"), get_step(version, "talk"))
    assert moving.move(version=new, people="finish", now=FRIDAY) == 1
    wire = Wire()
    send(wire)
    enrolment.refresh_from_db()
    assert wire.mails == []
    assert (enrolment.state, enrolment.reason, enrolment.ended_at) == (
        "stopped",
        "replaced",
        FRIDAY,
    )
    tip = enrolment.messages.get(step_key="tip-1")
    assert (tip.state, tip.reason) == ("skipped", "replaced")


def test_a_planned_mail_stays_as_it_was_planned(version: CampaignVersion) -> None:
    (enrolment,) = send_result("a@example.se")
    advancing.plan_due(now=FRIDAY, limit=10)
    before = enrolment.messages.get(step_key="tip-1")
    moving.move(version=publish(version, get_step(version, "talk")), people="move", now=FRIDAY)
    after = enrolment.messages.get(step_key="tip-1")
    assert (after.state, after.compiled_id, after.due_at) == (
        "queued",
        before.compiled_id,
        before.due_at,
    )


def test_undoing_brings_everybody_back_and_plans_anew(version: CampaignVersion) -> None:
    (enrolment,) = send_result("a@example.se")
    new = publish(version, get_step(version, "result"), get_step(version, "talk", delay_days=0))
    moving.move(version=new, people="move", now=FRIDAY)
    newcomer = make_enrolment(new, email="new@example.se", now=FRIDAY)
    advancing.plan_due(now=FRIDAY, limit=10)
    assert get_keys(enrolment) == ["result", "talk"]
    assert moving.may_undo(version=new)
    assert moving.undo(version=new, now=FRIDAY)
    assert publishing.get_published(key=version.campaign.key) == version
    plan(FRIDAY)
    assert (get_keys(enrolment), get_keys(newcomer)) == (["result", "tip-1"], ["result"])
    assert set(Enrolment.objects.values_list("version", "moved_from")) == {(version.pk, None)}


def test_undoing_brings_back_whom_it_had_finished(version: CampaignVersion) -> None:
    (enrolment,) = send_result("a@example.se")
    advancing.plan_due(now=FRIDAY, limit=10)
    new = publish(version, get_step(version, "result"))
    moving.move(version=new, people="finish", now=FRIDAY)
    assert moving.undo(version=new, now=FRIDAY)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.reason, enrolment.version) == ("active", "", version)
    assert enrolment.messages.get(step_key="tip-1").state == "queued"


@pytest.mark.parametrize("state", ["claimed", "sending", "sent"])
def test_nothing_is_undone_once_a_mail_of_it_left_or_is_leaving(
    version: CampaignVersion, state: str
) -> None:
    send_result("a@example.se")
    new = publish(version, get_step(version, "result"), get_step(version, "talk", delay_days=0))
    moving.move(version=new, people="move", now=FRIDAY)
    advancing.plan_due(now=FRIDAY, limit=10)
    left = {} if state == "claimed" else {"sending_at": FRIDAY}
    Message.objects.filter(step_key="talk").update(
        state=state, claim=new.pk and "0" * 32, lease_until=FRIDAY, **left
    )
    assert not moving.may_undo(version=new)
    assert not moving.undo(version=new, now=FRIDAY)
    assert publishing.get_published(key=version.campaign.key) == new


def test_the_first_version_and_an_older_one_cannot_be_undone(version: CampaignVersion) -> None:
    assert not moving.may_undo(version=version)
    second = publish(version, get_step(version, "result"))
    publish(version, get_step(version, "result"), number=3)
    assert not moving.may_undo(version=second)
    assert not moving.undo(version=second, now=FRIDAY)


@pytest.mark.parametrize("seed", range(8))
def test_however_often_people_are_moved_nobody_gets_a_step_twice_or_is_forgotten(
    version: CampaignVersion, seed: int
) -> None:
    chance = random.Random(seed)  # the same for the same seed
    enrolments = send_result("a@example.se", "b@example.se", "c@example.se")
    known = version.document["campaign"]["steps"]
    now, newest = TUESDAY, version
    for number in range(2, 6):
        now += timedelta(days=chance.randint(1, 12))
        steps = chance.sample(known, chance.randint(1, len(known)))
        newest = publish(version, *steps, number=number)
        people = chance.choice(["move", "move", "keep"])
        moving.move(version=newest, people=people, now=now)
        plan(now)
        if chance.random() < 0.3:
            moving.undo(version=newest, now=now)
    for _ in range(200):
        now += DAY
        plan(now)
    for enrolment in enrolments:
        assert max(Counter(get_keys(enrolment)).values()) == 1
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.reason) == ("finished", "completed")
        planned = {step["key"] for step in enrolment.version.document["campaign"]["steps"]}
        assert planned <= set(get_keys(enrolment))
