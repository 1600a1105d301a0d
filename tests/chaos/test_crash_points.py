"""A process dies at each named point: what the rows say then, and what becomes of them."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from assessments.models import Respondent
from campaigns import advancing, delivery, permission, sending
from campaigns.models import (
    Consent,
    ConsentOrigin,
    DeliveryEvent,
    Enrolment,
    Message,
    Suppression,
)
from campaigns.transport.smtp import SmtpTransport
from pmoportal import crashing
from pmoportal.mail_url import MailServer
from tests.campaigns.fault_server import FaultServer, running_fault_server
from tests.chaos.people import enrol
from tests.factories import make_response, publish_campaign
from tests.journeys.inbox import wait_until
from tests.journeys.running import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_fault_server() as server:
        yield server


def run(work: str, server: FaultServer, crash_at: str = "") -> int:
    """The exit status of the piece of work, done on the rows of this test."""
    database = connection.settings_dict
    place = quote(database["HOST"], safe="")
    login = ":".join(quote(database[each], safe="") for each in ("USER", "PASSWORD"))
    variables = {
        "DJANGO_SETTINGS_MODULE": "pmoportal.settings",
        "DATABASE_URL": f"postgres://{login}@{place}:{database['PORT']}/{database['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        "DEBUG": "1",  # servers of one's own are production otherwise, which refuses to crash
        "PERMIT_FILE": str(settings.PERMIT_FILE),
        "CRASH_AT": crash_at,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.dying", work],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, crashing.STATUS}, done.stderr
    return done.returncode


def make_people(count: int) -> None:
    emails = [f"person{number}@example.se" for number in range(count)]
    enrol(publish_campaign(), emails, now=timezone.now())


def make_queued(count: int) -> None:
    make_people(count)
    advancing.plan_due(now=timezone.now(), limit=count)
    assert count_states() == {"queued": count}


def count_states() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))


def settle() -> dict[str, int]:
    """The states, when the lease of whoever died is over and the sweep has been."""
    held = Message.objects.filter(lease_until__isnull=False)
    held.update(lease_until=timezone.now() - timedelta(seconds=1))
    sending.settle_stale(now=timezone.now())
    return count_states()


def send_rest(server: FaultServer) -> dict[str, int]:
    """The states, when another worker has sent what is left."""
    transport = SmtpTransport(email=MailServer(kind="smtp", host="127.0.0.1", port=server.port))
    sending.send_due(now=timezone.now(), limit=100, transport=transport)
    transport.close()
    return count_states()


def get_wire(server: FaultServer) -> int:
    """How many mails were taken; none of them twice."""
    recipients = [to for to, _ in server.accepted]
    assert len(recipients) == len(set(recipients))
    return len(recipients)


@pytest.mark.parametrize(
    ("point", "left", "settled", "ended", "wire"),
    [
        # Nothing was on the wire: all of it leaves later.
        ("after_claim", {"claimed": 3}, {"queued": 3}, {"sent": 3}, (0, 3)),
        # On its way says the row, and nobody can tell whether it was.
        (
            "before_wire",
            {"sending": 1, "claimed": 2},
            {"unknown": 1, "queued": 2},
            {"unknown": 1, "sent": 2},
            (0, 2),
        ),
        (
            "after_dot",
            {"sending": 1, "claimed": 2},
            {"unknown": 1, "queued": 2},
            {"unknown": 1, "sent": 2},
            (1, 3),
        ),
        (
            "after_250",
            {"sending": 1, "claimed": 2},
            {"unknown": 1, "queued": 2},
            {"unknown": 1, "sent": 2},
            (1, 3),
        ),
        # The first commit opens, the second settles and opens the next, the last only settles.
        (
            "after_commit",
            {"sending": 1, "claimed": 2},
            {"unknown": 1, "queued": 2},
            {"unknown": 1, "sent": 2},
            (0, 2),
        ),
        (
            "after_commit:2",
            {"sent": 1, "sending": 1, "claimed": 1},
            {"sent": 1, "unknown": 1, "queued": 1},
            {"sent": 2, "unknown": 1},
            (1, 2),
        ),
        ("after_commit:4", {"sent": 3}, {"sent": 3}, {"sent": 3}, (3, 3)),
        (
            "after_250:3",
            {"sent": 2, "sending": 1},
            {"sent": 2, "unknown": 1},
            {"sent": 2, "unknown": 1},
            (3, 3),
        ),
    ],
)
def test_a_sender_that_dies_leaves_at_most_one_mail_in_doubt_and_doubles_none(
    server: FaultServer,
    point: str,
    left: dict[str, int],
    settled: dict[str, int],
    ended: dict[str, int],
    wire: tuple[int, int],
) -> None:
    make_queued(3)

    assert run("send", server, crash_at=point) == crashing.STATUS
    # The server may still be reading what a dead client sent.
    wait_for(server, wire[0])
    assert count_states() == left
    assert settle() == settled
    assert send_rest(server) == ended
    assert get_wire(server) == wire[1]


def wait_for(server: FaultServer, count: int) -> None:
    wait_until(lambda: get_wire(server) == count, 5, f"mail {count}")


def test_a_planner_that_dies_before_its_commit_has_planned_nothing(server: FaultServer) -> None:
    make_people(3)

    assert run("plan", server, crash_at="in_planner") == crashing.STATUS
    assert count_states() == {}
    assert Enrolment.objects.filter(next_due_at__lte=timezone.now()).count() == 3

    assert run("plan", server) == 0
    assert settle() == {"queued": 3}
    assert send_rest(server) == {"sent": 3}
    assert get_wire(server) == 3


def test_a_report_that_dies_before_its_commit_counts_when_it_is_told_again(
    server: FaultServer,
) -> None:
    make_queued(1)
    send_rest(server)

    assert run("report", server, crash_at="in_webhook") == crashing.STATUS
    assert (DeliveryEvent.objects.count(), Suppression.objects.count()) == (0, 0)
    assert not Enrolment.objects.filter(state="stopped").exists()

    assert run("report", server) == 0
    assert run("report", server) == 0
    assert (DeliveryEvent.objects.count(), Suppression.objects.count()) == (1, 1)
    assert list(Enrolment.objects.values_list("state", "reason")) == [("stopped", "bounce")]
    assert delivery.settle_proven(now=timezone.now(), limit=10) == 0
    assert get_wire(server) == 1


def test_a_purge_that_dies_before_its_commit_has_forgotten_nobody(server: FaultServer) -> None:
    make_stranger(timezone.now() - 8 * DAY)

    assert run("purge", server, crash_at="in_purge") == crashing.STATUS
    assert count_people() == (1, 1, 1)

    assert run("purge", server) == 0
    assert count_people() == (0, 0, 0)


def make_stranger(now: datetime) -> None:
    """Somebody who asked for tips and never confirmed."""
    version = publish_campaign()
    response = make_response(version.campaign.assessment.versions.get(), now=now)
    person = Respondent.objects.create(email="bo@example.se", created_at=now)
    wordings = [permission.get_wordings(language="sv")["tips"]]
    permission.ask(respondent_id=person.pk, email=person.email, wordings=wordings, now=now)
    ConsentOrigin.objects.create(
        respondent=person, response=response, language="sv", path="/", asked_at=now, due_at=now
    )


def count_people() -> tuple[int, int, int]:
    return Respondent.objects.count(), Consent.objects.count(), ConsentOrigin.objects.count()


def test_a_window_of_two_leaves_at_most_two_in_doubt(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_queued(3)
    monkeypatch.setenv("SENDING_WINDOW", "2")

    assert run("send", server, crash_at="after_250:2") == crashing.STATUS
    assert settle() == {"unknown": 2, "queued": 1}
    assert send_rest(server) == {"unknown": 2, "sent": 1}
    assert get_wire(server) == 3


def test_every_point_has_a_test_and_a_place() -> None:
    tested = (ROOT / "tests" / "chaos" / "test_crash_points.py").read_text(encoding="utf-8")
    sources = [*ROOT.glob("campaigns/**/*.py")]
    placed = "".join(source.read_text(encoding="utf-8") for source in sources)
    for point in crashing.POINTS:
        assert f'"{point}"' in tested
        assert f'crashing.reach("{point}")' in placed
