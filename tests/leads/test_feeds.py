"""A consultant's calendar: what is in it, who may read it, and the page where it is made."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from icalendar import Calendar as Ics

from leads import feeds
from leads.models import Calendar, Lead, Preference
from tests.admin import get_status, log_in
from tests.factories import TUESDAY
from tests.leads.people import make_consultant, make_lead

pytestmark = pytest.mark.django_db

CHOICES = "/admin/leads/lead/choices/"


@pytest.fixture
def karin() -> User:
    return make_consultant(language="en")


def get_path(user: User) -> str:
    calendar = feeds.renew(user_id=user.pk, now=TUESDAY)
    return "/" + feeds.get_address(calendar).split("/", 3)[3]


def fetch(path: str, **headers: str) -> Any:
    return Client(headers=headers).get(path)


def parse(answer: Any) -> list[Any]:
    return list(Ics.from_ical(answer.content).walk("VEVENT"))


def test_it_holds_the_next_steps_of_open_leads_of_ones_own(karin: User) -> None:
    lead = make_lead(owner=karin, next_step_at=date(2026, 10, 1), touched_at=TUESDAY)
    make_lead(number=1, owner=make_consultant("olof"), next_step_at=date(2026, 10, 1))
    make_lead(number=2, owner=karin, next_step_at=date(2026, 10, 1), stage="lost")
    make_lead(number=3, owner=karin)
    make_lead(number=4, owner=karin, next_step_at=date(2026, 10, 1), may_contact=False)
    answer = fetch(get_path(karin))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    (event,) = parse(answer)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (
        date(2026, 10, 1),
        date(2026, 10, 2),
    )
    assert event.decoded("dtstamp") == TUESDAY.replace(tzinfo=UTC)
    assert str(event["summary"]) == "Next step: Alva, example.se"
    assert str(event["url"]).endswith(f"/admin/leads/lead/{lead.pk}/change/")
    assert str(event["uid"]).startswith(f"lead-{lead.pk}@")


def test_it_holds_no_address_and_not_what_was_written(karin: User) -> None:
    make_lead(owner=karin, next_step_at=date(2026, 10, 1), next_step="p0@example.se 070-1")
    body = fetch(get_path(karin)).content
    assert (b"p0@" in body, b"070-1" in body) == (False, False)


def test_it_keeps_to_the_letter_of_the_standard(karin: User) -> None:
    name = "Åsa; Öberg, " + "å" * 40
    make_lead(owner=karin, next_step_at=date(2026, 10, 1), first_name=name)
    body = fetch(get_path(karin)).content
    lines = body.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no letter is cut in two
    (event,) = parse(fetch(get_path(karin)))
    assert str(event["summary"]) == f"Next step: {name}, example.se"


def test_a_lead_without_name_or_organisation_is_known_by_its_number(karin: User) -> None:
    lead = make_lead(owner=karin, next_step_at=date(2026, 10, 1), first_name="", domain="gmail.com")
    (event,) = parse(fetch(get_path(karin)))
    assert str(event["summary"]) == f"Next step: Lead {lead.pk}"


def test_what_has_not_changed_is_not_sent_again(karin: User) -> None:
    lead = make_lead(owner=karin, next_step_at=date(2026, 10, 1))
    path = get_path(karin)
    etag = fetch(path)["ETag"]
    assert fetch(path, if_none_match=etag).status_code == 304
    Lead.objects.filter(pk=lead.pk).update(next_step_at=date(2026, 10, 2))
    assert fetch(path, if_none_match=etag).status_code == 200


def test_it_sets_no_cookie_and_is_kept_out_of_caches_and_search(karin: User) -> None:
    answer = fetch(get_path(karin))
    assert answer.cookies == {}
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-cache", "noindex")


@pytest.mark.parametrize("change", ["renewed", "revoked", "inactive", "no_right", "forged"])
def test_an_address_that_is_no_more_leads_nowhere(karin: User, change: str) -> None:
    path = get_path(karin)
    match change:
        case "renewed":
            feeds.renew(user_id=karin.pk, now=TUESDAY)
        case "revoked":
            feeds.revoke(user_id=karin.pk)
        case "inactive":
            User.objects.filter(pk=karin.pk).update(is_active=False)
        case "no_right":
            karin.groups.clear()
        case "forged":
            path = path.replace(".ics", "x.ics")
    assert fetch(path).status_code == 404


def test_only_reading_is_possible(karin: User) -> None:
    path = get_path(karin)
    assert Client().head(path).status_code == 200
    assert Client(enforce_csrf_checks=False).post(path).status_code == 405


def test_the_address_is_made_renewed_and_closed_on_the_page_of_choices() -> None:
    client = log_in("Consultants")
    assert "Make an address" in client.get(CHOICES).content.decode()
    page = client.post(CHOICES, {"act": "renew"}, follow=True)
    first = page.context["address"]
    assert first in page.content.decode()
    assert "copy it into your calendar program" in page.content.decode()
    page = client.post(CHOICES, {"act": "renew"}, follow=True)
    assert "An earlier one leads nowhere." in page.content.decode()
    assert page.context["address"] != first
    client.post(CHOICES, {"act": "revoke"})
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(("group", "status"), [("Consultants", 200), ("Marketers", 403), ("", 403)])
def test_choices_are_for_those_who_work_with_leads(group: str, status: int) -> None:
    client = log_in(group)
    assert get_status(client, CHOICES) == status
    assert client.post(CHOICES, {"act": "renew"}).status_code in {302, status}
    assert Calendar.objects.exists() is (status == 200)


def choose(client: Client, **values: str) -> str:
    posted = {"act": "choose", "digest_weekday": "1", "language": "sv", **values}
    return client.post(CHOICES, posted, follow=True).content.decode()


def test_choices_are_kept_for_oneself() -> None:
    client = log_in("Consultants")
    page = choose(
        client, has_digest="on", digest_weekday="5", quiet_from="18:00", quiet_until="07:00"
    )
    assert "Your choices are kept." in page
    choice = Preference.objects.get()
    assert (choice.user.username, choice.has_alerts, choice.has_digest, choice.digest_weekday) == (
        "consultants", False, True, 5,
    )  # fmt: skip
    assert str(choice.quiet_until) == "07:00:00"


@pytest.mark.parametrize("values", [{"quiet_from": "18:00"}, {"quiet_until": "07:00"}])
def test_quiet_hours_need_both_ends(values: dict[str, str]) -> None:
    assert "need a beginning and an end" in choose(log_in("Consultants"), **values)
    assert not Preference.objects.exists()


def test_looking_at_ones_choices_writes_nothing() -> None:
    log_in("Consultants").get(CHOICES)
    assert not Preference.objects.exists()


def test_who_has_no_address_is_told(karin: User) -> None:
    assert (
        "no e-mail address on your account" in log_in("Consultants").get(CHOICES).content.decode()
    )


def test_the_stamp_of_an_untouched_lead_is_when_it_became_one(karin: User) -> None:
    make_lead(owner=karin, next_step_at=date(2026, 10, 1))
    (event,) = parse(fetch(get_path(karin)))
    assert event.decoded("dtstamp") == datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
