"""Everything that was planned has exactly one ending, and the numbers add up."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, ledger, pausing, permission
from campaigns.ledger import Ending
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message, Purpose
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
STEPS = ("result", "tip-1", "tip-2", "tip-3", "tip-4", "tip-5", "tip-6", "talk", "retake")
NUMBERS = count()
STATES = Message.State.values


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def enrol(version: CampaignVersion) -> Enrolment:
    return make_enrolment(version, email=f"p{next(NUMBERS)}@example.se")


def send_all() -> None:
    Message.objects.filter(state="queued").update(state="sent", sent_at=TUESDAY, ended_at=TUESDAY)


def get_counts(version: CampaignVersion) -> dict[str, dict[str, int]]:
    """Step -> ending -> how many, without the endings that nobody has."""
    steps = ledger.get_steps(campaign_id=version.campaign_id)
    lines = ledger.get_lines(campaign_id=version.campaign_id, steps=steps)
    return {line.step_key: dict(line.counts) for line in lines}


def get_reasons(version: CampaignVersion, step_key: str) -> dict[tuple[str, str], int]:
    steps = ledger.get_steps(campaign_id=version.campaign_id)
    lines = ledger.get_lines(campaign_id=version.campaign_id, steps=steps)
    return next(dict(line.reasons) for line in lines if line.step_key == step_key)


def test_nobody_is_planned_in_a_campaign_that_nobody_entered(version: CampaignVersion) -> None:
    assert get_counts(version) == {step: {} for step in STEPS}


def test_whoever_has_entered_waits_for_every_step(version: CampaignVersion) -> None:
    enrol(version)
    enrol(version)
    assert get_counts(version) == {step: {Ending.WAITING: 2} for step in STEPS}


def test_a_mail_that_is_planned_is_on_its_way_until_it_was_sent(version: CampaignVersion) -> None:
    enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    assert get_counts(version)["result"] == {Ending.UNDER_WAY: 1}
    send_all()
    assert get_counts(version)["result"] == {Ending.SENT: 1}
    assert get_counts(version)["tip-1"] == {Ending.WAITING: 1}


def test_only_the_next_step_is_held_and_says_why(version: CampaignVersion) -> None:
    enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    send_all()
    pausing.pause(campaign_id=version.campaign_id, reason=pausing.BY_HAND, now=TUESDAY + DAY)
    advancing.plan_due(now=TUESDAY + 4 * DAY, limit=10)
    assert get_reasons(version, "tip-1") == {(Ending.HELD, "campaign_paused"): 1}
    assert get_reasons(version, "tip-2") == {(Ending.WAITING, ""): 1}


def test_what_had_not_come_when_somebody_left_never_came(version: CampaignVersion) -> None:
    enrolment = enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    send_all()
    permission.withdraw(
        respondent_id=enrolment.respondent_id,
        purposes=[Purpose.TIPS],
        source="test",
        now=TUESDAY + DAY,
    )
    assert get_counts(version)["result"] == {Ending.SENT: 1}
    assert get_reasons(version, "tip-1") == {(Ending.NEVER, "unsubscribed"): 1}


def test_a_mail_keeps_its_line_when_its_person_moves_to_a_version_without_it(
    version: CampaignVersion,
) -> None:
    enrolment = enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Enrolment.objects.filter(pk=enrolment.pk).update(version=publish_next(version, "result"))
    counts = get_counts(version)
    assert list(counts) == [*STEPS[1:], "result"]
    assert counts["result"] == {Ending.UNDER_WAY: 1}
    assert counts["tip-1"] == {Ending.WAITING: 1}


def test_other_campaigns_are_not_counted(version: CampaignVersion) -> None:
    other = Campaign.objects.create(key="other", name="O", assessment=version.campaign.assessment)
    elsewhere = copy(version, campaign=other, number=1, document=version.document)
    enrol(elsewhere)
    assert get_counts(version) == {step: {} for step in STEPS}


def test_a_hundred_people_take_as_many_queries_as_none(
    version: CampaignVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        get_counts(version)
    for _ in range(3):
        enrol(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    with django_assert_num_queries(4):
        get_counts(version)


class AnyHistory(TestCase):
    """However people got to where they are, three ways of counting them agree."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.dictionaries(st.sampled_from(STEPS), st.sampled_from(STATES), max_size=5),
                st.sampled_from(Enrolment.State.values),
                st.sampled_from(["", "cap", "window"]),
                st.booleans(),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_the_lines_the_entries_and_the_lists_agree(
        self, histories: list[tuple[dict[str, str], str, str, bool]]
    ) -> None:
        version = publish_campaign()
        shorter = publish_next(version, "tip-2")
        for states, state, hold, has_moved in histories:
            place(enrol(version), states, state, hold, shorter if has_moved else version)
        steps = ledger.get_steps(campaign_id=version.campaign_id)
        lines = ledger.get_lines(campaign_id=version.campaign_id, steps=steps)
        people = Enrolment.objects.filter(campaign=version.campaign)
        entries = Counter(
            (entry.step_key, entry.ending, entry.reason)
            for _person, entry in ledger.get_all_entries(people=people, steps=steps)
        )
        counted = {
            (line.step_key, *why): number for line in lines for why, number in line.reasons.items()
        }
        assert counted == entries
        assert sum(line.planned for line in lines) == entries.total()
        for line in lines:
            for ending in (Ending.HELD, Ending.WAITING, Ending.NEVER):
                listed = ledger.get_people(
                    people=people, steps=steps, step_key=line.step_key, ending=ending
                )
                assert listed.count() == line.counts[ending]


def place(
    enrolment: Enrolment, states: dict[str, str], state: str, hold: str, version: CampaignVersion
) -> None:
    """With messages in these states by step, wherever such a history came from."""
    Message.objects.bulk_create(
        Message(
            key=f"{enrolment.pk}:{step}",
            kind="campaign",
            enrolment=enrolment,
            step_key=step,
            to=enrolment.respondent.email,
            language="sv",
            state=became,
            reason="" if became == "sent" else "refused",
            created_at=TUESDAY,
            due_at=TUESDAY,
            claim="00000000-0000-0000-0000-000000000000",
            lease_until=TUESDAY,
        )
        for step, became in states.items()
    )
    is_over = state in {"finished", "stopped"}
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=state,
        reason="unsubscribed" if is_over else "",
        ended_at=TUESDAY if is_over else None,
        hold_reason="" if is_over else hold,
        version=version,
    )


def publish_next(version: CampaignVersion, gone: str) -> CampaignVersion:
    """The next version, without this step."""
    left = [step for step in version.document["campaign"]["steps"] if step["key"] != gone]
    document = version.document | {"campaign": version.document["campaign"] | {"steps": left}}
    return copy(version, campaign=version.campaign, number=version.number + 1, document=document)


def copy(version: CampaignVersion, **changes: Any) -> CampaignVersion:
    return CampaignVersion.objects.create(
        compiled=version.compiled, published_at=version.published_at, **changes
    )
