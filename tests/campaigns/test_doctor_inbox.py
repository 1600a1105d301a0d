"""The doctor's mail to ourselves, found in the mailbox that answers are fetched from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from campaigns import receiving, sending
from campaigns.doctor import trial
from campaigns.inbox import InboxError
from campaigns.models import Message, Reply
from pmoportal import inbound_url
from tests.campaigns.certificates import make_certificate
from tests.campaigns.imap_server import PASSWORD, USER, Mailbox, running_trusted_server
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, publish_campaign

OTHER, MAIL = (
    b"From: PMO <tips@firma.se>\r\n"
    b"Subject: %d\r\n"
    b"Message-ID: <%d@firma.se>\r\n"
    b"\r\n"
    b"Message-ID: <9@firma.se>\r\n" % (number, number)
    for number in (1, 2)
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def box(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    monkeypatch.setattr(trial, "ASK_EVERY", 0.05)
    with running_trusted_server(certificate, monkeypatch) as box:
        yield box


@pytest.fixture
def inbound(box: Mailbox, settings: Settings) -> inbound_url.Inbox:
    settings.INBOUND_ADDRESS = "svar@firma.se"
    settings.INBOUND = inbound_url.Inbox(
        kind="imap",
        path="INBOX",
        host="127.0.0.1",
        port=box.port,
        user=USER,
        password=PASSWORD,
        tls="ssl",
    )
    return settings.INBOUND


def find(
    inbound: inbound_url.Inbox, message_id: str = "<2@firma.se>", *, seconds: float = 0
) -> bytes | None:
    return trial.wait_for(message_id, inbox=inbound, seconds=seconds)


def test_a_mail_is_found_by_its_name_and_left_as_it_is(
    box: Mailbox, inbound: inbound_url.Inbox
) -> None:
    box.add(OTHER, MAIL)
    assert find(inbound) == MAIL
    assert set(box.log) == {"CAPABILITY", "LOGIN", "SELECT", "NOOP", "SEARCH", "FETCH", "LOGOUT"}
    assert box.flags == {101: set(), 102: set()}


def test_a_mail_that_the_poller_was_faster_to_take_is_found_too(
    box: Mailbox, inbound: inbound_url.Inbox
) -> None:
    box.add(MAIL)
    box.flags[101] = {"\\Seen"}
    assert find(inbound) == MAIL


def test_the_doctor_waits_for_a_mail_that_comes_later(
    box: Mailbox, inbound: inbound_url.Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.add(OTHER)

    def arrive(_seconds: float) -> None:
        if len(box.mails) == 1:
            box.add(MAIL)

    monkeypatch.setattr(trial.time, "sleep", arrive)
    assert find(inbound, seconds=30) == MAIL


def test_a_mail_that_has_not_come_is_not_there(box: Mailbox, inbound: inbound_url.Inbox) -> None:
    box.add(OTHER)
    assert find(inbound) is None
    assert find(inbound, "<9@firma.se>") is None


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
@pytest.mark.parametrize("fault", ["no", "drop", "garbage"])
def test_a_mailbox_that_fails_says_so_without_its_secrets(
    box: Mailbox, inbound: inbound_url.Inbox, command: str, fault: str
) -> None:
    box.add(MAIL)
    box.faults[command] = fault
    with pytest.raises(InboxError) as caught:
        find(inbound)
    assert USER not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_the_folder_that_was_set_is_looked_in_first(
    settings: Settings, tmp_path: Path, inbound: inbound_url.Inbox
) -> None:
    settings.DEFAULT_FROM_EMAIL = "PMO <tips@firma.se>"
    assert (trial.get_inbox(), trial.get_own_address()) == (inbound, "svar@firma.se")
    settings.INBOUND = inbound_url.parse_inbound_url(f"maildir://{tmp_path}")
    assert (trial.get_inbox(), trial.get_own_address()) == (tmp_path, "svar@firma.se")
    settings.DOCTOR_INBOX = tmp_path / "own"
    assert (trial.get_inbox(), trial.get_own_address()) == (tmp_path / "own", "tips@firma.se")


@pytest.mark.django_db
def test_the_command_says_when_the_mailbox_cannot_be_read(
    box: Mailbox, inbound: inbound_url.Inbox
) -> None:
    publish_campaign()
    box.faults["LOGIN"] = "no"
    with pytest.raises(CommandError, match="was sent, but the mailbox cannot be opened"):
        call_command("doctor", "--send", "--wait", "0")
    assert Message.objects.get().to == "svar@firma.se"


@pytest.mark.django_db
def test_the_poller_keeps_nothing_of_it(settings: Settings, inbound: inbound_url.Inbox) -> None:
    settings.DEFAULT_FROM_EMAIL = "PMO <tips@firma.se>"
    publish_campaign()
    trial.post(to="", now=TUESDAY)
    wire = Wire()
    sending.send_due(now=TUESDAY, limit=10, transport=wire)
    assert receiving.take(raw=wire.mails[0].raw, received_at=TUESDAY) is None
    assert not Reply.objects.exists()
