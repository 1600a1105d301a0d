import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings

from assessments import answering, comparing
from assessments.models import AssessmentVersion, Mirror, Organisation, Response, Snapshot
from tests.factories import ROLES, TUESDAY, make_response, publish_test

pytestmark = pytest.mark.django_db

SLOWLY = timedelta(seconds=5)
OCTOBER = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def version() -> AssessmentVersion:
    return publish_test()


def make_colleague(
    version: AssessmentVersion, organisation: Organisation, choice: str = "neither"
) -> Response:
    """Somebody who came by the invite link and let the answer count."""
    answers = {question["key"]: choice for question in version.document["questions"][:9]}
    response = make_response(version, answers=answers, organisation=organisation)
    comparing.share(response_id=response.pk, is_sharing=True, now=TUESDAY)
    return Response.objects.get(pk=response.pk)


def get_bands(response: Response) -> dict[str, tuple[int, int]] | None:
    response.refresh_from_db()
    group = comparing.get_group(response)
    assert group is not None
    return None if group.bands is None else dict(group.bands)


# Everybody


def test_a_snapshot_counts_last_month_and_is_made_once(version: AssessmentVersion) -> None:
    for _ in range(6):
        make_response(version, pace=SLOWLY)
    assert comparing.freeze_snapshots(now=OCTOBER) == 1
    assert comparing.freeze_snapshots(now=OCTOBER + timedelta(days=3)) == 0
    snapshot = Snapshot.objects.get()
    assert (snapshot.month, snapshot.count) == (date(2026, 9, 1), 6)
    assert snapshot.columns["overall"] == [0, 0, 0, 0, 0, 6, 0, 0, 0, 0]
    assert set(snapshot.columns) == {"overall", *ROLES}


def test_a_snapshot_of_fewer_than_five_waits_for_more(version: AssessmentVersion) -> None:
    for _ in range(4):
        make_response(version, pace=SLOWLY)
    assert comparing.freeze_snapshots(now=OCTOBER) == 0
    make_response(version, pace=SLOWLY, now=OCTOBER)
    assert comparing.freeze_snapshots(now=NOVEMBER) == 1
    assert Snapshot.objects.get().count == 5


def test_a_snapshot_leaves_out_machines_and_retakes(version: AssessmentVersion) -> None:
    people = [make_response(version, pace=SLOWLY) for _ in range(5)]
    make_response(version, pace=timedelta(0))
    make_response(version, pace=SLOWLY, previous=people[0])
    comparing.freeze_snapshots(now=OCTOBER)
    assert Snapshot.objects.get().count == 5


def test_the_distribution_is_shown_when_enough_people_are_in_it(
    version: AssessmentVersion,
) -> None:
    for _ in range(6):
        make_response(version, pace=SLOWLY)
    comparing.freeze_snapshots(now=OCTOBER)
    with override_settings(DISTRIBUTION_LEAST=7):
        assert comparing.get_distribution(assessment_key="pmo") is None
    with override_settings(DISTRIBUTION_LEAST=6):
        distribution = comparing.get_distribution(assessment_key="pmo")
    assert distribution is not None
    assert (distribution.count, distribution.until) == (6, date(2026, 9, 1))


def test_the_distribution_adds_up_the_months(version: AssessmentVersion) -> None:
    for start, month in ((TUESDAY, OCTOBER), (OCTOBER, NOVEMBER)):
        for _ in range(5):
            make_response(version, pace=SLOWLY, now=start)
        comparing.freeze_snapshots(now=month)
    with override_settings(DISTRIBUTION_LEAST=10):
        distribution = comparing.get_distribution(assessment_key="pmo")
    assert distribution is not None
    assert distribution.columns["overall"][5] == 10


# The same person before


def test_get_earlier_follows_the_way_back_newest_first(version: AssessmentVersion) -> None:
    first = make_response(version)
    second = make_response(version, previous=first, now=OCTOBER)
    third = make_response(version, previous=second, now=NOVEMBER)
    assert comparing.get_earlier(third) == [second, first]
    assert comparing.get_earlier(first) == []


def test_a_colleague_who_retook_from_the_same_link_is_not_in_my_history(
    version: AssessmentVersion,
) -> None:
    mine = make_response(version)
    make_response(version, previous=mine, now=OCTOBER)
    my_retake = make_response(version, previous=mine, now=NOVEMBER)
    assert comparing.get_earlier(my_retake) == [mine]


# Colleagues


def test_an_invitation_makes_one_organisation_with_the_inviter_in_it(
    version: AssessmentVersion,
) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    assert comparing.invite(response_id=inviter.pk, now=TUESDAY) == organisation
    inviter.refresh_from_db()
    group = comparing.get_group(inviter)
    assert group == comparing.Group(
        organisation_id=organisation.pk, is_sharing=True, bands=None, frozen_at=None
    )


def test_nobody_invites_before_the_result_is_there(version: AssessmentVersion) -> None:
    response = answering.start_response(version=version, language="sv", now=TUESDAY)
    with pytest.raises(comparing.NotCompleted):
        comparing.invite(response_id=response.pk, now=TUESDAY)


def test_the_mirror_shows_the_spread_from_five_answers_on(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    choices = ("agree-fully", "agree", "disagree", "disagree-fully")
    known = {each["key"] for each in version.document["questions"][0]["choices"]}
    assert set(choices) <= known
    for choice in choices[:3]:
        make_colleague(version, organisation, choice)
    assert get_bands(inviter) is None
    make_colleague(version, organisation, choices[3])
    assert get_bands(inviter) == dict.fromkeys(ROLES, (25, 75))


def test_somebody_who_does_not_share_sees_no_mirror(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    colleagues = [make_colleague(version, organisation) for _ in range(5)]
    assert get_bands(inviter) is not None
    watcher = make_response(version, organisation=organisation)
    assert get_bands(watcher) is None
    comparing.share(response_id=colleagues[0].pk, is_sharing=False, now=TUESDAY)
    assert get_bands(colleagues[0]) is None


def test_the_mirror_stays_frozen_while_fewer_than_five_come(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    for _ in range(4):
        make_colleague(version, organisation)
    frozen = get_bands(inviter)
    for _ in range(4):
        make_colleague(version, organisation, "agree-fully")
        assert get_bands(inviter) == frozen
    make_colleague(version, organisation, "agree-fully")
    assert get_bands(inviter) != frozen
    assert Mirror.objects.count() == 2


def test_leaving_and_coming_back_never_makes_a_new_mirror(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    colleagues = [make_colleague(version, organisation) for _ in range(4)]
    for is_sharing in (False, True, False, True):
        comparing.share(response_id=colleagues[0].pk, is_sharing=is_sharing, now=TUESDAY)
        assert (get_bands(inviter) is not None) is is_sharing
    assert Mirror.objects.count() == 1


def test_an_answer_without_a_score_for_some_role_is_in_no_mirror(
    version: AssessmentVersion,
) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    for _ in range(3):
        make_colleague(version, organisation)
    make_colleague(version, organisation, "unknown")
    assert get_bands(inviter) is None


def test_a_retake_takes_the_place_of_the_answer_before(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    for _ in range(3):
        make_colleague(version, organisation)
    inviter.refresh_from_db()
    again = make_response(version, previous=inviter, now=OCTOBER)
    comparing.share(response_id=again.pk, is_sharing=True, now=OCTOBER)
    assert get_bands(again) is None  # four people, five sittings


def test_somebody_who_leaves_goes_with_every_sitting(version: AssessmentVersion) -> None:
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    colleagues = [make_colleague(version, organisation) for _ in range(4)]
    inviter.refresh_from_db()
    again = make_response(version, previous=inviter, now=OCTOBER)
    comparing.share(response_id=again.pk, is_sharing=True, now=OCTOBER)
    comparing.share(response_id=again.pk, is_sharing=False, now=OCTOBER)
    inviter.refresh_from_db()
    assert inviter.shared_at is None
    assert get_bands(colleagues[0]) is None


@pytest.mark.django_db(transaction=True)
def test_five_who_let_their_answers_count_at_once_make_one_mirror() -> None:
    version = publish_test()
    inviter = make_response(version)
    organisation = comparing.invite(response_id=inviter.pk, now=TUESDAY)
    responses = [make_response(version, organisation=organisation) for _ in range(4)]

    def share(response: Response) -> None:
        comparing.share(response_id=response.pk, is_sharing=True, now=TUESDAY)
        connection.close()

    threads = [threading.Thread(target=share, args=[each]) for each in responses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(each.members) for each in Mirror.objects.all()] == [5]
