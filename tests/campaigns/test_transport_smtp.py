"""Every phase, broken in every way: the outcome, and what the server really took."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from celery.exceptions import SoftTimeLimitExceeded

from campaigns import mime
from campaigns.transport import (
    LOST,
    STOPPED,
    Accepted,
    Outcome,
    Parcel,
    Refused,
    TryLater,
    open_transport,
)
from campaigns.transport.smtp import SmtpTransport
from campaigns.transport.talk import Talk
from campaigns.transport.wire import Wire
from pmoportal.mail_url import MailServer
from tests.campaigns.fault_server import FaultServer, running_fault_server
from tests.campaigns.mailing import RAW, SHORT, connect, describe, make_mail, send_one

# Larger than what the system keeps for a reader who does not read.
LARGE = RAW + (b"x" * 900 + b"\r\n") * 20_000


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_fault_server() as server:
        yield server


@pytest.fixture
def transport(server: FaultServer) -> Iterator[SmtpTransport]:
    transport = connect(server)
    yield transport
    transport.close()


def test_send_returns_the_servers_words_and_name(
    server: FaultServer, transport: SmtpTransport
) -> None:
    assert send_one(transport, make_mail()) == Accepted(
        evidence="250 2.0.0 Ok: queued as 4F2A", provider_id="4F2A"
    )
    assert server.accepted == [("asa@example.se", RAW)]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("connect-421", ("TryLater", "connect", 421)),
        ("connect-554", ("TryLater", "connect", 554)),
        ("connect-drop", ("TryLater", "connect", 0)),
        ("connect-stall", ("TryLater", "connect", 0)),
        ("connect-nonsense", ("TryLater", "connect", 0)),
        ("ehlo-421", ("TryLater", "ehlo", 421)),
        ("ehlo-550", ("TryLater", "ehlo", 550)),
        ("ehlo-drop", ("TryLater", "ehlo", 0)),
        ("ehlo-stall", ("TryLater", "ehlo", 0)),
        ("auth-454", ("TryLater", "auth", 454)),
        ("auth-535", ("TryLater", "auth", 535)),
        ("auth-drop", ("TryLater", "auth", 0)),
        ("auth-stall", ("TryLater", "auth", 0)),
    ],
)
def test_trouble_before_the_mail_is_the_servers(
    server: FaultServer, fault: str, outcome: tuple[str, str, int]
) -> None:
    server.opening = fault
    transport = connect(server, user="a", password="b")

    assert describe(send_one(transport, make_mail())) == outcome
    assert server.accepted == []


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        ("mail-451", ("TryLater", "mail", 451), 0),
        # Our login, sender or address is blocked: that is no fault of the mail.
        ("mail-530", ("TryLater", "mail", 530), 0),
        ("mail-550", ("TryLater", "mail", 550), 0),
        ("mail-drop", ("TryLater", "mail", 0), 0),
        ("mail-stall", ("TryLater", "mail", 0), 0),
        ("mail-nonsense", ("TryLater", "mail", 0), 0),
        ("rcpt-421", ("TryLater", "rcpt", 421), 0),
        ("rcpt-450", ("TryLater", "rcpt", 450), 0),
        ("rcpt-530", ("TryLater", "rcpt", 530), 0),
        ("rcpt-550", ("Refused", "rcpt", 550), 0),
        ("rcpt-drop", ("TryLater", "rcpt", 0), 0),
        ("rcpt-stall", ("TryLater", "rcpt", 0), 0),
        ("data-421", ("TryLater", "data", 421), 0),
        ("data-451", ("TryLater", "data", 451), 0),
        ("data-554", ("Refused", "data", 554), 0),
        ("data-250", ("TryLater", "data", 250), 0),
        ("data-drop", ("TryLater", "data", 0), 0),
        ("data-stall", ("TryLater", "data", 0), 0),
        ("dot-451", ("TryLater", "dot", 451), 0),
        ("dot-554", ("Refused", "dot", 554), 0),
        ("dot-251", ("Accepted", "", 0), 1),
        ("dot-drop", ("Unknown", "dot", 0), 1),
        ("dot-stall", ("Unknown", "dot", 0), 1),
        ("dot-nonsense", ("Unknown", "dot", 0), 1),
    ],
)
def test_trouble_with_one_mail_is_named_and_leaves_the_next_alone(
    server: FaultServer,
    transport: SmtpTransport,
    fault: str,
    outcome: tuple[str, str, int],
    taken: int,
) -> None:
    # A fault of the sender is told in its own address, the others in the recipient's.
    bad = make_mail(sender=fault) if fault.startswith("mail") else make_mail(fault)

    assert describe(send_one(transport, bad)) == outcome
    assert len(server.accepted) == taken
    assert describe(send_one(transport, make_mail())) == ("Accepted", "", 0)
    assert len(server.accepted) == taken + 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("body-drop", ("TryLater", "body", 0)),
        ("body-stall", ("TryLater", "body", 0)),
        ("body-451", ("TryLater", "body", 451)),
        ("body-552", ("Refused", "body", 552)),
    ],
)
def test_trouble_in_the_body_is_certain(
    server: FaultServer, transport: SmtpTransport, fault: str, outcome: tuple[str, str, int]
) -> None:
    assert describe(send_one(transport, make_mail(fault, raw=LARGE))) == outcome
    assert server.accepted == []


@pytest.mark.parametrize(
    ("target", "verb", "certain"),
    [(Wire, "ehlo", None), (Talk, "_announce", STOPPED), (Talk, "_send_body", STOPPED)],
)
def test_a_time_limit_before_the_dot_is_certain_and_leaves_no_half_said_mail(
    server: FaultServer,
    transport: SmtpTransport,
    monkeypatch: pytest.MonkeyPatch,
    target: type,
    verb: str,
    certain: Outcome | None,
) -> None:
    parcel = Parcel(mail=make_mail())
    with monkeypatch.context() as patch:
        patch.setattr(target, verb, strike)
        with pytest.raises(SoftTimeLimitExceeded):
            transport.send(parcels=[parcel], is_over=never)

    assert parcel.outcome == certain
    assert describe(send_one(transport, make_mail())) == ("Accepted", "", 0)
    assert len(server.accepted) == 1


def test_a_time_limit_after_the_dot_leaves_the_mail_unknown(
    server: FaultServer, transport: SmtpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcel = Parcel(mail=make_mail())
    with monkeypatch.context() as patch:
        patch.setattr(Talk, "_end", strike)
        with pytest.raises(SoftTimeLimitExceeded):
            transport.send(parcels=[parcel], is_over=never)

    assert parcel.outcome == LOST
    assert describe(send_one(transport, make_mail())) == ("Accepted", "", 0)
    assert server.seen["connections"] == 2


def never() -> bool:
    return False


def strike(*_: Any, **__: Any) -> None:
    """As when a task has used up its time, in the middle of whatever it does."""
    raise SoftTimeLimitExceeded


def test_nobody_listening_is_to_be_tried_later() -> None:
    with running_fault_server() as gone:
        pass

    assert describe(send_one(connect(gone), make_mail())) == ("TryLater", "connect", 0)


def test_unknown_host_is_to_be_tried_later(server: FaultServer) -> None:
    transport = connect(server, host="nowhere.invalid")

    assert describe(send_one(transport, make_mail())) == ("TryLater", "connect", 0)


def test_one_connection_serves_many_mails(server: FaultServer, transport: SmtpTransport) -> None:
    for number in range(5):
        send_one(transport, make_mail(f"a{number}"))

    assert server.seen["connections"] == 1
    assert len(server.accepted) == 5
    assert "RSET" not in server.commands


def test_a_refused_recipient_costs_a_reset_and_no_connection(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail("rcpt-550"))
    send_one(transport, make_mail())

    assert server.commands == [
        "EHLO", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"
    ]  # fmt: skip


def test_a_connection_that_died_between_two_mails_is_no_error(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail("after-drop"))

    assert describe(send_one(transport, make_mail())) == ("Accepted", "", 0)
    assert server.seen["connections"] == 2
    assert len(server.accepted) == 2


def test_a_server_that_says_goodbye_to_the_next_mail_is_asked_again_once(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail())

    assert describe(send_one(transport, make_mail(sender="mail-421"))) == ("TryLater", "mail", 421)
    assert server.seen["connections"] == 2


def test_an_idle_connection_is_left_politely(server: FaultServer) -> None:
    email = MailServer(kind="smtp", host="127.0.0.1", port=server.port)
    transport = SmtpTransport(email=email, timeouts=replace(SHORT, idle=0))
    send_one(transport, make_mail())
    send_one(transport, make_mail())
    transport.close()

    assert server.seen["connections"] == 2
    assert server.commands.count("QUIT") == 2


def test_close_may_be_said_twice_and_after_trouble(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail("dot-drop"))
    transport.close()
    transport.close()


@pytest.mark.parametrize(
    "to",
    [
        "a@b.se, c@d.se",
        "a@b.se\r\nRCPT TO:<c@d.se>",
        "A <a@b.se>",
        "a@localhost",
        "a@[127.0.0.1]",
        "å@b.se",
        "<a@b.se>",
        "@b.se",
    ],
)
def test_anything_but_one_address_never_reaches_the_wire(
    server: FaultServer, transport: SmtpTransport, to: str
) -> None:
    assert describe(send_one(transport, make_mail(to))) == ("Refused", "address", 0)
    assert server.seen["connections"] == 0


def test_a_bad_sender_can_be_mended_and_is_tried_later(transport: SmtpTransport) -> None:
    mail = replace(make_mail(), envelope_from="webmaster@localhost")

    assert describe(send_one(transport, mail)) == ("TryLater", "sender", 0)


@pytest.mark.parametrize("raw", [b"a\n.\nb\r\n", b"a\rb\r\n", b"no end", "å\r\n".encode()])
def test_lines_that_could_smuggle_never_reach_the_wire(
    server: FaultServer, transport: SmtpTransport, raw: bytes
) -> None:
    assert describe(send_one(transport, make_mail(raw=raw))) == ("Refused", "message", 0)
    assert server.seen["connections"] == 0


def test_a_dot_that_opens_a_line_is_doubled_on_the_wire(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail(raw=b".a\r\n.\r\n..b\r\n"))

    assert server.accepted == [("asa@example.se", b"..a\r\n..\r\n...b\r\n")]


def test_an_international_domain_goes_out_in_ascii(
    server: FaultServer, transport: SmtpTransport
) -> None:
    send_one(transport, make_mail("a@ö.se"))

    assert [to for to, _ in server.accepted] == ["a@xn--nda.se"]


def test_evidence_holds_no_address(transport: SmtpTransport) -> None:
    assert send_one(transport, make_mail("rcpt-550")) == Refused(
        phase="rcpt", code=550, evidence="550 5.7.1 no, <address>"
    )


def test_evidence_holds_no_password(server: FaultServer) -> None:
    server.opening = "auth-drop"
    outcome = send_one(connect(server, user="user", password="sEcReT"), make_mail())

    assert isinstance(outcome, TryLater)
    assert not re.search("sEcReT|AHVzZXI", str(outcome))


class Inbox:
    def __init__(self) -> None:
        self.mails: list[tuple[str | None, list[str], bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def test_a_real_server_gets_the_very_bytes() -> None:
    raw = mime.splice(
        skeleton=mime.build(subject=["Hej å"], text=[".\n..\nå\n"], html=["<p>.\n</p>\n"]),
        values={},
        headers={"From": "PMO-testet <pmo@example.com>", "To": "asa@example.se"},
    )
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        transport = open_transport(email=MailServer(kind="smtp", host="127.0.0.1", port=port))
        outcome = send_one(transport, make_mail(raw=raw))
        transport.close()
    finally:
        controller.stop()

    assert outcome == Accepted(evidence="250 OK", provider_id="")
    assert inbox.mails == [("pmo@example.com", ["asa@example.se"], raw)]
    assert BytesParser(policy=policy.default).parsebytes(raw)["Subject"] == "Hej å"
