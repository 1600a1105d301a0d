"""Time passes, and nothing is kept beyond its time; a look beforehand says what would go."""

import os
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from pytest_django import Settings

from assessments import personal_data
from assessments.models import Erasure, Respondent, Response
from campaigns import caught, permission, purging
from campaigns.models import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    DeliveryEvent,
    Enrolment,
    Lane,
    Message,
    RightsRequest,
)
from campaigns.purging import purge, purge_slowly
from pmoportal.mail_url import MailServer
from tests.campaigns.panels import ask
from tests.campaigns.people import live_through_everything
from tests.factories import TUESDAY, make_enrolment, make_response, publish_campaign, publish_test

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TEN_YEARS = timedelta(days=3653)
REFUSED = (IntegrityError, DatabaseError)


def look(*, forget: bool = False) -> tuple[dict[str, int], str]:
    """What the command counted, by name, and its last line."""
    said = StringIO()
    call_command("purge", dry_run=not forget, stdout=said)
    *lines, last = said.getvalue().splitlines()
    return {line[11:55].strip(): int(line[:9]) for line in lines}, last


def test_a_look_says_what_would_go_and_a_purge_takes_all_of_it(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL = MailServer(kind="file", path=str(tmp_path))
    live_through_everything(client)
    make_response(publish_test(), now=TUESDAY)
    half = make_response(publish_test(), now=TUESDAY)
    Response.objects.filter(pk=half.pk).update(completed_at=None, result=None)
    ask(make_response(publish_test()), email="bo@example.se")
    gone = make_enrolment(publish_campaign(), email="ulf@example.se")
    personal_data.erase(respondent_id=gone.respondent_id, now=TUESDAY)
    Response.objects.update(is_tallied=True)
    Lane.objects.update(resumes_at=TUESDAY)
    RightsRequest.objects.update(ended_on=TUESDAY, outcome="done", remind_on=None)
    DeliveryEvent.objects.create(
        key="x", provider="Postmark", kind="delivered", happened_at=TUESDAY, received_at=TUESDAY
    )
    leave_logins()
    ended = {"state": "finished", "reason": "completed", "ended_at": TUESDAY, "next_due_at": None}
    Enrolment.objects.update(**ended)
    Message.objects.exclude(state="sent").update(state="skipped", reason="r", ended_at=TUESDAY)
    for file in tmp_path.iterdir():
        os.utime(file, (0, 0))

    with time_machine.travel(datetime.now(tz=TUESDAY.tzinfo) + TEN_YEARS, tick=False):
        before, last = look()
        assert {name for name, count in before.items() if not count} == {
            "organisations without anybody",  # its people are still there
            "people long without a sign",  # they have not been told yet
            "evidence about addresses left behind",  # nobody has moved
        }
        assert last.endswith("Nothing was forgotten.")
        assert look()[0] == before
        look(forget=True)
    with time_machine.travel(datetime.now(tz=TUESDAY.tzinfo) + TEN_YEARS + 31 * DAY, tick=False):
        look(forget=True)
        Message.objects.exclude(state="sent").update(state="skipped", reason="r", ended_at=TUESDAY)
        look(forget=True)
        after, _ = look()
        assert set(after.values()) == {0}
    assert not Respondent.objects.exists()
    assert not Response.objects.exists()
    assert not list(tmp_path.iterdir())


def test_the_events_of_somebody_erased_stay_for_two_years_and_then_go() -> None:
    person = make_enrolment(publish_campaign()).respondent_id
    personal_data.erase(respondent_id=person, now=TUESDAY)
    purge_slowly(now=TUESDAY + 730 * DAY, limit=10)
    assert ConsentEvent.objects.count() == 2
    purge_slowly(now=TUESDAY + 732 * DAY, limit=10)
    assert not ConsentEvent.objects.exists()
    assert not Erasure.objects.exists()


def test_what_somebody_said_after_coming_back_stays() -> None:
    person = make_enrolment(publish_campaign()).respondent_id
    personal_data.erase(respondent_id=person, now=TUESDAY + DAY)
    make_enrolment(publish_campaign(), now=TUESDAY + 30 * DAY)
    purge_slowly(now=TUESDAY + 740 * DAY, limit=10)
    left = set(ConsentEvent.objects.values_list("happened_at", flat=True))
    assert left == {TUESDAY + 30 * DAY}


def test_the_events_of_somebody_who_is_here_stay_for_ever() -> None:
    make_enrolment(publish_campaign())
    purge_slowly(now=TUESDAY + TEN_YEARS, limit=10)
    assert ConsentEvent.objects.count() == 2


def test_asking_that_was_never_confirmed_is_forgotten_after_two_years() -> None:
    ask(make_response(publish_test_with_campaign()), email="bo@example.se")
    purge_slowly(now=TUESDAY + 730 * DAY, limit=10)
    assert ConsentEvent.objects.count() == 1
    purge_slowly(now=TUESDAY + 732 * DAY, limit=10)
    assert not ConsentEvent.objects.exists()


def test_the_database_refuses_again_as_soon_as_the_purge_is_done() -> None:
    person = make_enrolment(publish_campaign()).respondent_id
    purge_slowly(now=TUESDAY + TEN_YEARS, limit=10)
    for act in (
        lambda: ConsentEvent.objects.all().delete(),
        lambda: ConsentEvent.objects.update(source="x"),
    ):
        with pytest.raises(REFUSED), transaction.atomic():
            act()
    assert permission.get_subject_key("alva@example.se")
    assert Consent.objects.filter(respondent=person).exists()


@pytest.mark.parametrize(
    ("ip", "blurred"),
    [("198.51.100.77", "198.51.100.0"), ("2001:db8:1:2:3::9", "2001:db8:1::"), (None, None)],
)
def test_an_ip_address_is_shortened_after_thirty_days(ip: str | None, blurred: str | None) -> None:
    enrolment = make_enrolment(publish_campaign())
    token = "MkuXy3nSQ0m1Yk0cSQbO0g." + 43 * "x"
    ConsentOrigin.objects.update(ip=ip, path=f"/tips/{token}/")
    purge(now=TUESDAY + 30 * DAY, limit=10)
    assert ConsentOrigin.objects.get().ip == ip
    purge(now=TUESDAY + 31 * DAY, limit=10)
    origin = ConsentOrigin.objects.get(respondent=enrolment.respondent_id)
    assert (origin.ip, origin.path, origin.is_blurred) == (blurred, "/tips/…/", True)


def test_words_of_mail_servers_go_with_the_mails() -> None:
    Lane.objects.create(name="a.se", evidence="421 <x@a.se> slow down", resumes_at=TUESDAY)
    purge(now=TUESDAY + 90 * DAY, limit=10)
    assert Lane.objects.get().evidence
    purge(now=TUESDAY + 91 * DAY, limit=10)
    assert Lane.objects.get().evidence == ""


def test_mails_kept_as_files_go_with_their_contents(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL = MailServer(kind="file", path=str(tmp_path))
    for name, age in (("old", 91), ("new", 89)):
        file = tmp_path / f"{name}.eml"
        file.write_text("x")
        at = (TUESDAY - age * DAY).timestamp()
        os.utime(file, (at, at))
    (tmp_path / "old.txt").write_text("not ours")
    purge_slowly(now=TUESDAY, limit=10)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.eml", "old.txt"]


def test_where_mail_really_leaves_there_are_no_files(settings: Settings) -> None:
    settings.EMAIL = MailServer(kind="smtp", host="127.0.0.1", port=25)
    assert caught.get_folder() is None
    assert caught.forget_old(before=TUESDAY, limit=10) == 0


def test_what_is_old_is_found_in_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "request_not_blurred" in purging._get_sharp_requests(TUESDAY).explain()
    assert "consent_event_asked" in purging._get_old_asking(TUESDAY).explain()
    assert "lane_with_words" in purging._get_old_words(TUESDAY).explain()


def leave_logins() -> None:
    who = {"username": "admin", "ip_address": "192.0.2.1", "user_agent": "x"}
    AccessAttempt.objects.create(**who, failures_since_start=1)
    AccessFailureLog.objects.create(**who)
    AccessLog.objects.create(**who)
    Session.objects.create(session_key="a", session_data="x", expire_date=TUESDAY)


def publish_test_with_campaign() -> object:
    publish_campaign()
    return publish_test()
