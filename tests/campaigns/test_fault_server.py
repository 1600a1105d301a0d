"""The server that judges others is judged here: pipelining, faults that end, and its book."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.fault_server import FaultServer, running_fault_server
from tests.chaos.judge import open_court
from tests.journeys.running import ROOT

TEXT = b"Subject: x\r\nMessage-ID: <1@a.se>\r\n\r\nHej\r\n.\r\n"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_fault_server() as server:
        yield server


class Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.replies = self.socket.makefile("rb")
        assert self.read() == 220

    def read(self) -> int:
        while (line := self.replies.readline())[3:4] == b"-":
            pass
        return int(line[:3] or 0)

    def say(self, *lines: str) -> list[int]:
        """All lines in one packet; then a reply to each."""
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return [self.read() for _ in lines]

    def begin(self, to: str, sender: str = "pmo") -> list[int]:
        return self.say(f"MAIL FROM:<{sender}@a.se>", f"RCPT TO:<{to}@b.se>", "DATA")

    def give(self, text: bytes = TEXT) -> int:
        self.socket.sendall(text)
        return self.read()

    def close(self) -> None:
        self.replies.close()
        self.socket.close()


@pytest.fixture
def client(server: FaultServer) -> Iterator[Client]:
    client = Client(server.port)
    client.say("EHLO me")
    yield client
    client.close()


def test_commands_in_one_packet_each_get_their_answer(client: Client) -> None:
    assert client.begin("asa") == [250, 250, 354]
    assert client.give() == 250
    assert client.begin("bo") == [250, 250, 354]
    assert client.give() == 250


@pytest.mark.parametrize(
    ("to", "sender", "replies"),
    [
        ("rcpt-550", "pmo", [250, 550, 503]),
        ("rcpt-451", "pmo", [250, 451, 503]),
        ("asa", "mail-451", [451, 503, 503]),
        ("data-451", "pmo", [250, 250, 451]),
    ],
)
def test_no_text_is_asked_for_after_a_no(
    server: FaultServer, client: Client, to: str, sender: str, replies: list[int]
) -> None:
    assert client.begin(to, sender) == replies
    assert client.say("RSET") == [250]
    assert client.begin("asa") == [250, 250, 354]
    assert client.give() == 250
    assert len(server.accepted) == 1


def test_the_whole_next_mail_may_come_behind_the_dot(server: FaultServer, client: Client) -> None:
    client.begin("asa")
    client.socket.sendall(TEXT + b"MAIL FROM:<a@a.se>\r\nRCPT TO:<bo@b.se>\r\nDATA\r\n")

    assert [client.read() for _ in range(4)] == [250, 250, 250, 354]
    assert client.give() == 250
    assert [to for to, _ in server.accepted] == ["asa@b.se", "bo@b.se"]


def test_a_fault_with_a_number_ends(client: Client) -> None:
    assert [client.begin("rcpt-451+2")[1] for _ in range(3)] == [451, 451, 250]


def test_a_fault_with_a_number_counts_each_recipient_alone(client: Client) -> None:
    assert client.begin("rcpt-451+1@x")[1] == 451
    assert client.begin("rcpt-451+1@y")[1] == 451
    assert client.begin("rcpt-451+1@x")[1] == 250


def test_the_book_is_written_before_the_mail_is_accepted(tmp_path: Path) -> None:
    with open_court(tmp_path, delay=0.01, seed=1) as book:
        client = Client(book.port)
        client.begin("asa")
        assert client.give() == 250
        assert [(each.message_id, each.to) for each in book.read()] == [("<1@a.se>", "asa@b.se")]
        client.begin("dot-drop")
        assert client.give() == 0
        client.close()
        assert [each.to for each in book.read()] == ["asa@b.se", "dot-drop@b.se"]


def test_a_refused_mail_is_not_in_the_book(tmp_path: Path) -> None:
    with open_court(tmp_path, delay=0, seed=1) as book:
        client = Client(book.port)
        client.begin("dot-554")
        assert client.give() == 554
        client.begin("body-451")
        client.close()
        assert book.read() == []


def test_the_judge_goes_when_whoever_started_it_has_gone(tmp_path: Path) -> None:
    judge = subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.fault_server", "--book", str(tmp_path / "book")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert judge.stdout
    assert judge.stdin
    assert int(judge.stdout.readline())
    judge.stdin.close()
    assert judge.wait(10) == 0
    judge.stdout.close()
