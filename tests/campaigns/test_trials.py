"""Two subjects of one mail, and what people did after each."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from assessments.models import Response
from campaigns import permission, trials
from campaigns.models import CampaignVersion, Consent, Enrolment, Message, Purpose
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LATER = TUESDAY + 15 * DAY
NUMBERS = count()


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def doubled(version: CampaignVersion) -> CampaignVersion:
    return add_subject(version, "Ert PMO i siffror")


def add_subject(version: CampaignVersion, subject: str) -> CampaignVersion:
    """The next version, in which the result letter has this second subject in Swedish."""
    campaign = version.document["campaign"]
    first = campaign["steps"][0] | {"subject_b": {"sv": subject, "en": ""}}
    steps = [first, *campaign["steps"][1:]]
    unlike = sorted(set(version.compiled.values()))[version.number]
    return CampaignVersion.objects.create(
        campaign=version.campaign,
        number=version.number + 1,
        document=version.document | {"campaign": campaign | {"steps": steps}},
        compiled=version.compiled | {"step:result/sv/b": unlike},
        published_at=TUESDAY,
    )


def send(version: CampaignVersion, variant: str, *, at: datetime = TUESDAY, **row: Any) -> Message:
    """The result letter with one of two subjects, as it is when it was sent."""
    enrolment = make_enrolment(version, email=f"p{next(NUMBERS)}@example.se")
    place = "step:result/sv" + ("/b" if variant == "b" else "")
    return Message.objects.create(
        key=f"{enrolment.pk}:result",
        kind="campaign",
        enrolment=enrolment,
        respondent_id=enrolment.respondent_id,
        step_key="result",
        to=enrolment.respondent.email,
        language="sv",
        variant=variant,
        compiled_id=version.compiled[place],
        created_at=at,
        due_at=at,
        **{"state": "sent", "sent_at": at} | row,
    )


def retake(message: Message, at: datetime) -> None:
    response = message.enrolment.response  # type: ignore[union-attr]
    Response.objects.create(
        version=response.version,
        previous=response,
        series=response.series,
        language="sv",
        started_at=at,
        completed_at=at,
        result={},
    )


def get(version: CampaignVersion, now: datetime = LATER) -> list[trials.Trial]:
    return trials.get_trials(campaign=version.campaign, now=now)


def get_counts(version: CampaignVersion, measure: str) -> list[tuple[int, int]]:
    """(count, of) for A and for B, of the only trial."""
    (trial,) = get(version)
    found = next(each for known, each in trial.results if known.key == measure)
    return [(share.count, share.of) for share in (found.a, found.b)]


def test_a_campaign_without_second_subjects_has_no_trials(version: CampaignVersion) -> None:
    assert get(version) == []


def test_a_trial_says_who_got_which_subject(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    send(doubled, "b")
    send(doubled, "b")
    (trial,) = get(doubled)
    assert trial.source == "step:result"
    assert [texts["sv"] for texts in trial.subjects] == [
        "Ditt resultat: så ser bilden av ert PMO ut",
        "Ert PMO i siffror",
    ]
    assert trial.sent == [1, 2]


def test_what_was_not_sent_was_got_by_nobody(doubled: CampaignVersion) -> None:
    send(doubled, "a", state="failed", reason="refused", sent_at=None)
    assert get(doubled)[0].sent == [0, 0]


def test_a_retake_within_two_weeks_is_coming_back(doubled: CampaignVersion) -> None:
    retake(send(doubled, "b"), TUESDAY + 14 * DAY)
    retake(send(doubled, "b"), TUESDAY + 14 * DAY + timedelta(seconds=1))
    retake(send(doubled, "a", at=TUESDAY), TUESDAY - DAY)
    assert get_counts(doubled, "came_back") == [(0, 1), (1, 2)]


def test_asking_to_be_contacted_is_coming_back(doubled: CampaignVersion) -> None:
    message = send(doubled, "a")
    Consent.objects.create(
        respondent_id=message.respondent_id,
        purpose=Purpose.CONTACT,
        state="confirmed",
        asked_at=TUESDAY,
        confirmed_at=TUESDAY + DAY,
    )
    assert get_counts(doubled, "came_back") == [(1, 1), (0, 0)]


def test_unsubscribing_counts_for_the_subject(doubled: CampaignVersion) -> None:
    message = send(doubled, "b")
    permission.withdraw(
        respondent_id=message.respondent_id or 0,
        purposes=[Purpose.TIPS],
        source="test",
        now=TUESDAY + DAY,
    )
    assert get_counts(doubled, "unsubscribed") == [(0, 0), (1, 1)]


def test_everybody_has_had_the_same_time(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    retake(send(doubled, "a", at=LATER - DAY), LATER)
    assert get(doubled)[0].sent == [2, 0]
    assert get_counts(doubled, "came_back") == [(0, 1), (0, 0)]


def test_a_changed_subject_begins_a_new_trial(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    send(doubled, "b")
    changed = add_subject(doubled, "Så står det till")
    send(changed, "a")
    assert [(trial.subjects[1]["sv"], trial.sent) for trial in get(doubled)] == [
        ("Så står det till", [1, 0]),
        ("Ert PMO i siffror", [1, 1]),
    ]


def test_whoever_moved_on_to_a_version_without_it_is_still_counted(
    version: CampaignVersion, doubled: CampaignVersion
) -> None:
    message = send(doubled, "b")
    Enrolment.objects.filter(pk=message.enrolment_id).update(version=version)
    assert get(doubled)[0].sent == [0, 1]


def test_many_mails_take_as_many_queries_as_one(
    doubled: CampaignVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    send(doubled, "a")
    get(doubled)
    for variant in "abab":
        send(doubled, variant)
    with django_assert_num_queries(2):
        get(doubled)
