"""The register of what people ask of us by law: its clock, its reminders, what outlives them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from assessments import personal_data
from campaigns import advancing, letters, purging, rights
from campaigns.models import DeliveryEvent, Message, RightsRequest, Suppression
from campaigns.rights import Due
from pmoportal.mail_url import parse_mail_url
from tests.admin import make_user
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

EMAIL = "alva@example.se"
TODAY = TUESDAY.date()


def add(*, on: date = TODAY, person: int | None = None, **row: Any) -> RightsRequest:
    """A request of access, registered at eight on the morning it came."""
    made = rights.register(
        kind=row.pop("kind", "access"),
        respondent_id=person,
        road="phone",
        note=row.pop("note", ""),
        on=on,
        by_id=None,
        now=row.pop("now", at(on)),
    )
    RightsRequest.objects.filter(pk=made.pk).update(**row)
    return RightsRequest.objects.get(pk=made.pk)


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def make_administrator(name: str = "vera", **columns: Any) -> User:
    user = make_user("Administrators", name=name)
    User.objects.filter(pk=user.pk).update(email=f"{name}@example.com", **columns)
    return User.objects.get(pk=user.pk)


def get_told() -> list[tuple[str, str, date]]:
    """To whom, of how many, and on which day."""
    mails = Message.objects.filter(template="rights-due").order_by("due_at", "to")
    return [(each.to, each.values["count"], each.due_at.date()) for each in mails]


def live(days: int, *, since: date = TODAY) -> None:
    """The clock strikes every hour of so many days."""
    for hours in range(days * 24):
        rights.remind(now=at(since, 0) + timedelta(hours=hours), limit=100)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-09-15", "2026-10-15"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-08-31", "2026-09-30"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_the_law_gives_one_month(received: str, due: str) -> None:
    assert add(on=date.fromisoformat(received)).due_on == date.fromisoformat(due)


def test_administrators_are_reminded_two_weeks_one_week_and_one_day_before() -> None:
    make_administrator()
    due = add().due_on
    live(45)
    days = [due - timedelta(days=each) for each in (14, 7, 1)]
    assert get_told() == [("vera@example.com", "1", day) for day in days]


def test_nobody_is_reminded_of_what_has_ended() -> None:
    make_administrator()
    row = add()
    live(20)
    assert rights.end(request_id=row.pk, outcome="done", reason="Sent", on=TODAY, by_id=None)
    live(30, since=TODAY + timedelta(days=20))
    assert len(get_told()) == 1


def test_a_scheduler_that_was_away_tells_once_and_goes_on() -> None:
    make_administrator()
    due = add().due_on
    live(10, since=due - timedelta(days=5))
    days = [due - timedelta(days=each) for each in (5, 1)]
    assert [day for _to, _count, day in get_told()] == days


def test_what_came_long_ago_is_reminded_of_by_what_is_left() -> None:
    make_administrator()
    row = add(on=TODAY - timedelta(days=20), now=at(TODAY))
    live(20)
    days = [row.due_on - timedelta(days=each) for each in (7, 1)]
    assert [day for _to, _count, day in get_told()] == days


def test_many_on_one_day_are_one_mail_and_what_comes_later_that_day_another() -> None:
    make_administrator()
    add()
    add(kind="erasure")
    day = add().due_on - timedelta(days=14)
    assert rights.remind(now=at(day), limit=100) == 3
    add(now=at(day))
    assert rights.remind(now=at(day, 12), limit=100) == 1
    assert [count for _to, count, _day in get_told()] == ["3", "1"]


def test_the_mail_names_requests_and_no_person() -> None:
    make_administrator()
    person = make_enrolment(publish_campaign(), email=EMAIL).respondent_id
    row = add(person=person, note="Alva ringde")
    rights.remind(now=at(row.due_on - timedelta(days=14)), limit=100)
    mail = letters.render(Message.objects.get(template="rights-due"))
    assert f"Nr {row.pk} · " in mail.text
    assert f"/admin/campaigns/rightsrequest/{row.pk}/change/" in mail.text
    assert "sista dag 2026-10-15" in mail.text
    for told in (mail.text, mail.subject):
        assert "alva" not in told.lower()


def test_nothing_is_said_before_half_past_seven() -> None:
    make_administrator()
    day = add().due_on - timedelta(days=14)
    assert rights.remind(now=at(day, 5), limit=100) == 0
    assert rights.remind(now=at(day, 6), limit=100) == 1


@pytest.mark.parametrize("column", [{"is_active": False}, {"is_staff": False}])
def test_only_administrators_who_are_here_are_told(column: dict[str, bool]) -> None:
    make_administrator("bo", **column)
    for group in ("Consultants", "Marketers"):
        User.objects.filter(pk=make_user(group).pk).update(email=f"{group}@example.com")
    User.objects.create_superuser("root", email="root@example.com")
    row = add()
    rights.remind(now=at(row.due_on - timedelta(days=14)), limit=100)
    assert [to for to, _count, _day in get_told()] == ["root@example.com"]


def test_while_no_administrator_has_an_address_nothing_counts_as_told() -> None:
    row = add()
    day = row.due_on - timedelta(days=10)
    assert rights.remind(now=at(day), limit=100) == 0
    make_administrator()
    assert rights.remind(now=at(day), limit=100) == 1


def test_one_tick_reminds_of_no_more_than_it_may() -> None:
    make_administrator()
    for _ in range(3):
        row = add()
    day = at(row.due_on - timedelta(days=14))
    assert [rights.remind(now=day, limit=2) for _ in range(3)] == [2, 1, 0]


def test_a_request_ends_once() -> None:
    row = add(provider_ids=["a"])
    end = {"request_id": row.pk, "reason": "Sent", "by_id": None}
    assert rights.end(outcome="done", on=TODAY, **end)
    assert not rights.end(outcome="refused", on=TODAY + timedelta(days=1), **end)
    row.refresh_from_db()
    assert (row.outcome, row.ended_on, row.remind_on, row.provider_ids) == ("done", TODAY, None, [])


def test_an_end_without_an_outcome_is_refused_by_the_database() -> None:
    with transaction.atomic(), pytest.raises(IntegrityError):
        add(ended_on=TODAY, remind_on=None)


def test_late_and_soon_are_counted_apart() -> None:
    for days in (60, 40, 31, 20, 2):
        add(on=TODAY - timedelta(days=days))
    ended = add(on=TODAY - timedelta(days=60))
    rights.end(request_id=ended.pk, outcome="refused", reason="No", on=TODAY, by_id=None)
    assert rights.get_due(today=TODAY) == Due(late=2, soon=2)


def test_an_erased_person_leaves_receipt_kind_and_dates() -> None:
    person = make_enrolment(publish_campaign(), email=EMAIL).respondent_id
    first = add(person=person, note="Alva ringde", on=TODAY - timedelta(days=90))
    rights.end(request_id=first.pk, outcome="refused", reason="Alva var arg", on=TODAY, by_id=None)
    asked, other = add(person=person, kind="erasure"), add(person=person, note="Alva")
    receipt = personal_data.erase(respondent_id=person, now=TUESDAY)
    assert receipt is not None
    columns = ("pk", "respondent", "note", "reason", "receipt", "outcome", "ended_on", "remind_on")
    nothing = (None, "", "", receipt.receipt)
    assert list(RightsRequest.objects.order_by("pk").values_list(*columns)) == [
        (first.pk, *nothing, "refused", TODAY, None),
        (asked.pk, *nothing, "done", TODAY, None),
        (other.pk, *nothing, "erased", TODAY, None),
    ]


def test_a_stranger_who_is_forgotten_leaves_no_words_either() -> None:
    person = make_enrolment(publish_campaign(), email=EMAIL).respondent
    person.consents.update(confirmed_at=None, state="unconfirmed")
    person.enrolments.all().delete()
    row = add(person=person.pk, note="Alva")
    purging.purge(now=TUESDAY + timedelta(days=200), limit=10)
    row.refresh_from_db()
    assert (row.respondent, row.note, row.receipt, row.outcome) == (None, "", "", "erased")


def test_a_restored_backup_gets_the_receipt_of_then() -> None:
    person = make_enrolment(publish_campaign(), email=EMAIL).respondent_id
    receipt = personal_data.erase(respondent_id=person, now=TUESDAY)
    assert receipt is not None
    Suppression.objects.all().delete()
    again = make_enrolment(publish_campaign(), email=EMAIL, now=TUESDAY - timedelta(days=1))
    row = add(person=again.respondent_id)
    assert personal_data.replay(now=TUESDAY + timedelta(days=3)).erased == 1
    row.refresh_from_db()
    assert row.receipt == receipt.receipt


def test_what_ended_long_ago_is_forgotten(settings: Settings) -> None:
    settings.CONSENT_EVIDENCE_MONTHS = 24
    old, new, still_open = (add(on=TODAY - timedelta(days=800)) for _ in range(3))
    for row, day in ((old, date(2024, 9, 14)), (new, date(2024, 9, 16))):
        rights.end(request_id=row.pk, outcome="done", reason="x", on=day, by_id=None)
    purging.purge_slowly(now=TUESDAY, limit=10)
    kept = set(RightsRequest.objects.values_list("pk", flat=True))
    assert kept == {new.pk, still_open.pk}


def send_mail(*, provider_id: str = "", state: str = "sent") -> Message:
    """The result letter of a new person, as if it had left."""
    enrolment = make_enrolment(publish_campaign(), email=EMAIL)
    advancing.plan_due(now=TUESDAY, limit=10)
    mails = Message.objects.filter(enrolment=enrolment)
    mails.update(state=state, sending_at=TUESDAY, provider_id=provider_id, reason="x")
    return mails.get()


def get_at_providers() -> list[tuple[str, int, list[str]]]:
    lines = RightsRequest.objects.filter(kind="at_provider").order_by("provider")
    return [(each.provider, each.mails, each.provider_ids) for each in lines]


def test_whoever_carried_mail_is_to_erase_it_too(settings: Settings) -> None:
    settings.EMAIL = parse_mail_url("postmark://token")
    mail = send_mail(provider_id="0a129aee-e1cd")
    receipt = personal_data.erase(respondent_id=mail.respondent_id, now=TUESDAY)
    assert receipt is not None
    row = RightsRequest.objects.get()
    assert get_at_providers() == [("postmark", 1, ["0a129aee-e1cd"])]
    assert (row.receipt, row.received_on, row.due_on) == (
        receipt.receipt,
        TODAY,
        date(2026, 10, 15),
    )
    assert (row.respondent, row.note, row.remind_on) == (None, "", date(2026, 10, 1))


@pytest.mark.parametrize(
    ("url", "state", "expected"),
    [
        ("smtp://mail.example.com", "sent", []),
        ("postmark://token", "skipped", []),
        ("postmark://token", "unknown", [("postmark", 1, [])]),
    ],
)
def test_only_mail_that_a_provider_may_have_had_counts(
    settings: Settings, url: str, state: str, expected: list[Any]
) -> None:
    settings.EMAIL = parse_mail_url(url)
    mail = send_mail(state=state)
    personal_data.erase(respondent_id=mail.respondent_id, now=TUESDAY)
    assert get_at_providers() == expected


@pytest.mark.parametrize(
    ("said", "expected"), [("Amazon SES", [("amazon-ses", 1, ["7"])]), ("mail", [])]
)
def test_a_provider_of_earlier_is_known_by_its_reports(said: str, expected: list[Any]) -> None:
    mail = send_mail(provider_id="7")
    times = {"happened_at": TUESDAY, "received_at": TUESDAY}
    DeliveryEvent.objects.create(key="1", message=mail, provider=said, kind="delivered", **times)
    personal_data.erase(respondent_id=mail.respondent_id, now=TUESDAY)
    assert get_at_providers() == expected


def test_a_failed_erasure_queues_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL = parse_mail_url("postmark://token")
    mail = send_mail()

    def fail(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(rights, "let_go", fail)
    with pytest.raises(RuntimeError):
        personal_data.erase(respondent_id=mail.respondent_id, now=timezone.now())
    assert get_at_providers() == []
