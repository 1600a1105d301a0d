"""A mail, and a transport to a fault server that is not waited for long."""

from dataclasses import replace
from typing import Any

from campaigns.transport import Mail, Outcome, Parcel, Transport
from campaigns.transport.smtp import SmtpTransport
from campaigns.transport.wire import Timeouts
from pmoportal.mail_url import MailServer
from tests.campaigns.fault_server import FaultServer

SHORT = Timeouts(connect=2, command=0.5, dot=0.3)
RAW = b"From: pmo@example.com\r\nSubject: x\r\n\r\nHej\r\n"


def make_mail(to: str = "asa@example.se", *, sender: str = "pmo", raw: bytes = RAW) -> Mail:
    return Mail(
        message_id="<1@example.com>",
        envelope_from=f"{sender}@example.com",
        to=to if "@" in to else f"{to}@example.se",
        raw=raw,
        headers={},
    )


def send(transport: Transport, *mails: Mail) -> list[Outcome | None]:
    """What became of each; None was not tried."""
    parcels = [Parcel(mail=mail) for mail in mails]
    transport.send(parcels=parcels, is_over=lambda: False)
    return [parcel.outcome for parcel in parcels]


def send_one(transport: Transport, mail: Mail) -> Outcome:
    (outcome,) = send(transport, mail)
    assert outcome
    return outcome


def connect(server: FaultServer, *, connections: int = 1, **changes: Any) -> SmtpTransport:
    email = MailServer(kind="smtp", host="127.0.0.1", port=server.port)
    email = replace(email, **changes)
    return SmtpTransport(email=email, connections=connections, timeouts=SHORT)


def send_all(server: FaultServer, *mails: Mail, connections: int = 1) -> list[Outcome | None]:
    """Over a transport that is closed afterwards."""
    transport = connect(server, connections=connections)
    try:
        return send(transport, *mails)
    finally:
        transport.close()


def describe(outcome: Outcome | None) -> tuple[str, str, int]:
    return type(outcome).__name__, getattr(outcome, "phase", ""), getattr(outcome, "code", 0)
