"""Mail is fetched from a mailbox or a maildir: each once, marked after the commit, bounded."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from campaigns import receiving, tasks
from campaigns.inbox import InboxError, open_inbox
from campaigns.inbox.box import MAX_BYTES
from campaigns.models import Reply
from campaigns.receiving import fetching
from pmoportal import inbound_url
from tests.campaigns.certificates import make_certificate
from tests.campaigns.corpus import build
from tests.campaigns.imap_server import PASSWORD, USER, Mailbox, running_trusted_server
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def box(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with running_trusted_server(certificate, monkeypatch) as box:
        yield box


def get_inbound(box: Mailbox, **changes: Any) -> inbound_url.Inbox:
    given = {"user": USER, "password": PASSWORD, "port": box.port} | changes
    return inbound_url.Inbox(kind="imap", path="INBOX", host="127.0.0.1", tls="ssl", **given)


def make_maildir(path: Path, *mails: bytes) -> inbound_url.Inbox:
    for name in ("new", "cur", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (path / "new" / f"{number:03}.host").write_bytes(raw)
    return inbound_url.parse_inbound_url(f"maildir://{path}")


def write(number: int, body: str = "Hej") -> bytes:
    return build({"body": body, "fresh": True}, number=number)


def fetch(inbound: inbound_url.Inbox, *, limit: int = 50) -> int:
    inbox = open_inbox(inbound=inbound)
    try:
        return fetching.fetch(inbox=inbox, limit=limit, clock=timezone.now)
    finally:
        inbox.close()


def get_texts() -> list[str]:
    return list(Reply.objects.order_by("received_at").values_list("text", flat=True))


def test_a_mailbox_is_read_the_oldest_first_and_each_mail_once(box: Mailbox) -> None:
    box.add(write(1, "ett"), write(2, "två"), write(3, "tre"))
    assert fetch(get_inbound(box)) == 3
    assert get_texts() == ["ett", "två", "tre"]
    assert box.flags == {101: {"\\Seen"}, 102: {"\\Seen"}, 103: {"\\Seen"}}
    assert fetch(get_inbound(box)) == 0


def test_a_tick_takes_no_more_than_its_share(box: Mailbox) -> None:
    box.add(*map(write, range(7)))
    assert [fetch(get_inbound(box), limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert Reply.objects.count() == 7


def test_a_mail_whose_mark_was_lost_is_not_taken_again(box: Mailbox) -> None:
    box.add(write(1))
    box.faults["STORE"] = "drop"
    with pytest.raises(InboxError):
        fetch(get_inbound(box))
    assert (Reply.objects.count(), box.flags[101]) == (1, set())
    box.faults.clear()
    assert fetch(get_inbound(box)) == 1
    assert (Reply.objects.count(), box.flags[101]) == (1, {"\\Seen"})


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
@pytest.mark.parametrize("fault", ["drop", "no", "garbage"])
def test_a_mailbox_in_trouble_says_so_and_loses_nothing(
    box: Mailbox, command: str, fault: str
) -> None:
    box.add(write(1))
    box.faults[command] = fault
    with pytest.raises(InboxError) as error:
        fetch(get_inbound(box))
    assert not any(each in str(error.value) for each in (USER, PASSWORD, "127.0.0.1"))
    box.faults.clear()
    fetch(get_inbound(box))
    assert (Reply.objects.count(), box.flags[101]) == (1, {"\\Seen"})


def test_a_wire_cut_in_the_middle_of_a_mail_takes_nothing(box: Mailbox) -> None:
    box.add(write(1))
    box.faults["FETCH"] = "drop-half"
    with pytest.raises(InboxError):
        fetch(get_inbound(box))
    assert (Reply.objects.count(), box.flags[101]) == (0, set())


def test_a_wrong_password_opens_nothing(box: Mailbox) -> None:
    with pytest.raises(InboxError):
        open_inbox(inbound=get_inbound(box, password="wrong"))


def test_a_certificate_that_nobody_trusts_gets_no_password(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(InboxError):
        open_inbox(inbound=get_inbound(box))
    assert box.log == []


def test_a_huge_mail_is_read_in_part(box: Mailbox) -> None:
    box.add(write(1, "Först det viktiga.\n") + 3 * MAX_BYTES * b"x")
    assert fetch(get_inbound(box)) == 1
    assert get_texts()[0].startswith("Först det viktiga.")


def test_a_mail_that_cannot_be_taken_is_flagged_and_stops_no_other(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    box.add(write(1, "ett"), write(2, "två"))
    judge = receiving.replies.judge

    def stumble(mail: Any, **given: Any) -> Any:
        if mail.text == "ett":
            raise RuntimeError(f"stumbled over {mail.sender}")
        return judge(mail, **given)

    monkeypatch.setattr(receiving.replies, "judge", stumble)
    assert fetch(get_inbound(box)) == 2
    assert get_texts() == ["två"]
    assert box.flags == {101: {"\\Seen", "\\Flagged"}, 102: {"\\Seen"}}
    assert "alva@example.se" not in caplog.text


def test_a_slow_tick_stops_and_the_next_goes_on(box: Mailbox) -> None:
    box.add(*map(write, range(3)))
    inbox = open_inbox(inbound=get_inbound(box))
    moments = iter(TUESDAY + number * timedelta(seconds=60) for number in range(99))
    assert fetching.fetch(inbox=inbox, limit=50, clock=lambda: next(moments)) == 1
    inbox.close()


def test_a_maildir_is_read_the_oldest_first_and_each_mail_once(tmp_path: Path) -> None:
    inbound = make_maildir(tmp_path, write(1, "ett"), write(2, "två"))
    assert fetch(inbound) == 2
    assert get_texts() == ["ett", "två"]
    assert sorted(each.name for each in (tmp_path / "cur").iterdir()) == [
        "000.host:2,S",
        "001.host:2,S",
    ]
    assert (list((tmp_path / "new").iterdir()), fetch(inbound)) == ([], 0)


def test_a_maildir_gives_no_links_folders_and_hidden_files(tmp_path: Path) -> None:
    inbound = make_maildir(tmp_path)
    (tmp_path / "secret").write_text("root")
    (tmp_path / "new" / "a").symlink_to(tmp_path / "secret")
    (tmp_path / "new" / "b").mkdir()
    (tmp_path / "new" / ".c").write_text("x")
    assert (fetch(inbound), Reply.objects.count()) == (0, 0)


def test_a_maildir_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="not there"):
        open_inbox(inbound=inbound_url.parse_inbound_url(f"maildir://{tmp_path}/none"))


def test_the_task_fetches_what_lies_there(tmp_path: Path, settings: Settings) -> None:
    settings.INBOUND = make_maildir(tmp_path, *map(write, range(3)))
    tasks.fetch_replies()
    assert Reply.objects.count() == 3


def test_the_task_does_nothing_without_an_inbox_and_warns_of_one_in_trouble(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.INBOUND = None
    tasks.fetch_replies()
    assert caplog.text == ""
    settings.INBOUND = inbound_url.parse_inbound_url(f"maildir://{tmp_path}/none")
    tasks.fetch_replies()
    assert "the maildir is not there" in caplog.text
