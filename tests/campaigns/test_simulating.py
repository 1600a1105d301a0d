"""What is foretold is what happens: the walk against the engine itself."""

from datetime import datetime, timedelta

import pytest

from assessments import examples, profiles
from campaigns import advancing, publishing, sequences, simulating
from campaigns.models import Campaign, CampaignVersion, Enrolment, Message, Pause
from campaigns.walking import Stop
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
Line = tuple[str, str, str, str, datetime]


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def live(enrolment: Enrolment, until: datetime) -> list[Line]:
    """Look whenever the engine would, and let everything leave when it is due."""
    now = enrolment.next_due_at
    while now is not None and now <= until:
        advancing.plan_due(now=now, limit=10)
        for message in Message.objects.filter(state="queued"):
            message.state, message.sent_at, message.ended_at = "sent", message.due_at, now
            message.save()
        enrolment.refresh_from_db()
        now = enrolment.next_due_at
    rows = Message.objects.order_by("due_at")
    return [
        (row.step_key, row.state, row.reason, row.tip_key, row.due_at)
        for row in rows
        if row.due_at <= until
    ]


def get_lines(stops: list[Stop]) -> list[Line]:
    return [
        (stop.step.key, stop.ending, stop.reason, stop.tip, stop.at)
        for stop in stops
        if stop.step and stop.ending in ("sent", "skipped", "dropped")
    ]


ANSWERS = [
    {},
    {"q1": "fully_agree", "q5": "disagree"},
    {"q2": "unknown", "q3": "unknown", "q4": "unknown", "q7": "unknown"},
]


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize(
    "start",
    [
        TUESDAY,
        datetime.fromisoformat("2026-10-23T20:00:00+00:00"),
        datetime.fromisoformat("2026-12-22T09:30:00+00:00"),
        datetime.fromisoformat("2027-03-26T23:30:00+00:00"),
    ],
)
def test_what_is_foretold_for_somebody_is_what_happens(
    version: CampaignVersion, start: datetime, answers: dict[str, str]
) -> None:
    enrolment = make_enrolment(version, now=start, answers=answers)
    foretold = get_lines(simulating.go_on(enrolment=enrolment, now=start, days=120))
    assert len(foretold) == 9
    assert live(enrolment, start + 120 * DAY) == foretold


def test_what_is_foretold_in_the_middle_of_the_way_after_a_pause_is_what_happens(
    version: CampaignVersion,
) -> None:
    enrolment = make_enrolment(version)
    live(enrolment, TUESDAY + 12 * DAY)
    Pause.objects.create(
        campaign=version.campaign,
        began_at=TUESDAY + 12 * DAY,
        ended_at=TUESDAY + 40 * DAY,
        reason="by_hand",
    )
    now = TUESDAY + 40 * DAY
    foretold = get_lines(simulating.go_on(enrolment=enrolment, now=now, days=120))
    assert live(enrolment, now + 120 * DAY)[3:] == foretold


def test_a_made_up_respondent_gets_what_a_real_one_with_the_same_roles_gets(
    version: CampaignVersion,
) -> None:
    enrolment = make_enrolment(version)
    real = profiles.get_profile(enrolment.response_id)
    assert real is not None
    weakest = real.weakest[:2]
    tier = real.get_role(weakest[0]).tier
    assert tier
    made_up = examples.make_up(
        assessment_key="pmo",
        weakest=weakest,
        tier=tier,
        language="sv",
        first_name="",
        now=TUESDAY,
    )
    assert made_up is not None
    stops = simulating.simulate(document=version.document, profile=made_up, start=TUESDAY, days=120)
    theirs = simulating.go_on(enrolment=enrolment, now=TUESDAY, days=120)
    assert [(stop.step, stop.tip, stop.at.date()) for stop in stops] == [
        (stop.step, stop.tip, stop.at.date()) for stop in theirs
    ]


def test_nothing_is_foretold_for_somebody_whose_way_is_over(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    Enrolment.objects.update(state="stopped", reason="bounce", ended_at=TUESDAY, next_due_at=None)
    enrolment.refresh_from_db()
    assert simulating.go_on(enrolment=enrolment, now=TUESDAY, days=90) == []


def test_simulating_writes_nothing(version: CampaignVersion) -> None:
    enrolment = make_enrolment(version)
    simulating.go_on(enrolment=enrolment, now=TUESDAY, days=90)
    assert not Message.objects.exists()


def test_each_mail_of_a_walk_can_be_shown(version: CampaignVersion) -> None:
    profile = next(
        each
        for each in examples.build_grid(assessment_key="pmo", now=TUESDAY)
        if each.weakest and each.language == "en"
    )
    stops = simulating.simulate(document=version.document, profile=profile, start=TUESDAY, days=120)
    mails = [
        simulating.render(document=version.document, stop=stop, profile=profile)
        for stop in stops
        if stop.ending == "sent"
    ]
    assert len(mails) == 9
    assert len({mail.subject for mail in mails}) == 9


def test_the_draft_is_walked_before_it_is_published(version: CampaignVersion) -> None:
    Campaign.objects.get().steps.filter(key="tip-1").delete()
    document = publishing.build_document(campaign=Campaign.objects.get())
    profile = examples.build_grid(assessment_key="pmo", now=TUESDAY)[-1]
    stops = simulating.simulate(document=document, profile=profile, start=TUESDAY, days=200)
    assert "tip-1" not in {stop.step.key for stop in stops if stop.step}
    assert sequences.get_document(version.pk) == version.document
