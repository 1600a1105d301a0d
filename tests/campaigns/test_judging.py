"""What is made of visits to measured links: a person, perhaps one, or a scanner."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from campaigns import clicks, measuring, purging
from campaigns.models import Click, DeliveryEvent
from campaigns.signals import link_followed
from tests.campaigns.following import (
    SECOND,
    get_clicked,
    get_counts,
    get_verdicts,
    judge,
    send_talk,
    visit,
)
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_reader_is_told_from_a_scanner() -> None:
    message = send_talk()
    visit(message, after=SECOND, user_agent="curl/8")
    visit(message, after=10 * SECOND)
    visit(message, after=3600 * SECOND)
    assert judge(after=DAY).visits == 3
    assert get_verdicts() == [
        ("machine", ["program", "sooner"]),
        ("unsure", ["soon"]),
        ("human", []),
    ]
    assert get_counts() == [(1, 1, 1)]


def test_a_visit_is_judged_when_all_that_matters_has_happened() -> None:
    message = send_talk()
    visit(message)
    assert judge(after=69 * SECOND).visits == 0
    assert judge(after=70 * SECOND).visits == 1
    assert judge(after=DAY).visits == 0


def test_the_time_counts_from_delivery_where_that_is_known() -> None:
    message = send_talk()
    DeliveryEvent.objects.create(
        key="k",
        message=message,
        provider="p",
        kind="delivered",
        happened_at=TUESDAY + 59 * SECOND,
        received_at=TUESDAY,
    )
    visit(message)
    judge()
    assert get_verdicts() == [("machine", ["sooner"])]


def test_a_crowd_of_one_domain_in_one_second_is_a_scanner(settings: Settings) -> None:
    settings.CLICK_CROWD = 3
    for number in range(3):
        visit(send_talk(email=f"p{number}@big.example.se"), after=(60 + number / 10) * SECOND)
    visit(send_talk(email="alone@small.example.se"))
    judge()
    assert get_verdicts() == [
        ("machine", ["crowd"]),
        ("human", []),
        ("machine", ["crowd"]),
        ("machine", ["crowd"]),
    ]


def test_one_person_in_a_hurry_is_no_crowd(settings: Settings) -> None:
    settings.CLICK_CROWD = 3
    message = send_talk()
    for number in range(4):
        visit(message, after=(60 + number / 10) * SECOND)
    judge()
    assert get_counts() == [(4, 0, 0)]


def test_every_visit_is_judged_again_when_the_rules_improve(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    message = send_talk()
    visit(message)
    visit(message, after=3600 * SECOND)
    judge(after=DAY)
    assert (get_counts(), get_clicked(message)) == ([(2, 0, 0)], [TUESDAY + 3600 * SECOND])

    settings.CLICK_SOONER_SECONDS, settings.CLICK_SOON_SECONDS = 120.0, 7200.0
    assert judge(after=DAY).visits == 0
    monkeypatch.setattr(clicks, "RULES", clicks.RULES + 1)
    assert judge(after=DAY, limit=1) == measuring.Judged(
        visits=1, people=frozenset({message.respondent_id})
    )
    assert get_counts() == [(1, 0, 1)]
    assert judge(after=DAY, limit=1).visits == 1
    assert get_counts() == [(0, 1, 1)]
    assert get_clicked(message) == []


def test_counts_outlive_the_visits_they_count() -> None:
    message = send_talk()
    visit(message)
    judge()
    purging.purge(now=TUESDAY + 31 * DAY, limit=10)
    visit(message, after=32 * DAY)
    judge(after=33 * DAY)
    assert (Click.objects.count(), get_counts()) == (1, [(2, 0, 0)])
    assert get_clicked(message) == [TUESDAY + 32 * DAY]
    purging.purge(now=TUESDAY + 90 * DAY, limit=10)
    assert get_clicked(message) == [TUESDAY + 32 * DAY]


def test_visits_are_forgotten_after_thirty_days() -> None:
    visit(send_talk(), after=SECOND)
    purging.purge(now=TUESDAY + 30 * DAY, limit=10)
    assert Click.objects.count() == 1
    purging.purge(now=TUESDAY + 30 * DAY + 2 * SECOND, limit=10)
    assert Click.objects.count() == 0


def test_the_queries_of_judging_do_not_grow(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        visit(send_talk(email=f"p{number}@example.se"), after=(60 + number) * SECOND)
    measuring.count_links.cache_clear()
    judge(limit=1)
    with django_assert_num_queries(12):
        judge(limit=1)
    for number in range(3, 9):
        visit(send_talk(email=f"p{number}@example.se"), after=(60 + number) * SECOND)
    with django_assert_num_queries(12):
        assert judge().visits == 7


def test_others_hear_of_a_persons_click_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard: list[int] = []

    def listen(*, respondent_id: int, **_: object) -> None:
        heard.append(respondent_id)

    scanned, read = send_talk(email="a@example.se"), send_talk(email="b@example.se")
    visit(scanned, is_head=True)
    visit(read)
    link_followed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        judge()
    link_followed.disconnect(listen)
    assert heard == [read.respondent_id]
