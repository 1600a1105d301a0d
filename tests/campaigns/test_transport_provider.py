"""anymail's Postmark backend against a server of ours, and Django's own backends."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from anymail.exceptions import AnymailAPIError, AnymailCancelSend
from anymail.message import AnymailStatus
from anymail.signals import pre_send
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail as django_mail
from pytest_django import Settings

from campaigns.transport import (
    Accepted,
    Mail,
    Outcome,
    Refused,
    Transport,
    TryLater,
    open_transport,
)
from campaigns.transport.provider import _judge, _read_status
from pmoportal.mail_url import MailServer, parse_mail_url
from tests.campaigns.mailing import send_one

MAIL = Mail(
    message_id="<0193@example.com>",
    envelope_from="pmo@example.com",
    to="asa@example.se",
    raw=b"Subject: x\r\n\r\nHej\r\n",
    subject="Ditt resultat",
    text="Hej Åsa",
    html="<p>Hej Åsa</p>",
    headers={
        "From": "PMO-testet <pmo@example.com>",
        "To": "asa@example.se",
        "Reply-To": "svar@example.com",
        "Date": "Mon, 23 Nov 2026 08:30:00 +0000",
        "Message-ID": "<0193@example.com>",
        "List-Unsubscribe": "<https://example.com/m/unsubscribe/x/>",
    },
)
INACTIVE = (
    "You tried to send to recipients that have been marked as inactive. "
    "Found inactive addresses: asa@example.se. Inactive recipients are ones that bounced."
)
GOOD = {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "asa@example.se"}


@dataclass
class Provider:
    """Answers like Postmark, or as it was told."""

    status: int = 200
    body: Any = field(default_factory=lambda: GOOD)
    does: str = "answer"
    calls: list[dict[str, Any]] = field(default_factory=list)
    clients: set[Any] = field(default_factory=set)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    provider = Provider()

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            provider.calls.append(json.loads(said))
            provider.clients.add(self.client_address)
            if provider.does == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if provider.does == "stall":
                done.wait(5)
                return
            body = provider.body if isinstance(provider.body, str) else json.dumps(provider.body)
            self.send_response(provider.status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None: ...

    done = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "sEcReT",
        "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
        "REQUESTS_TIMEOUT": 0.5,
    }
    yield provider
    done.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))
    yield transport
    transport.close()


def describe(outcome: Outcome) -> tuple[str, str, int]:
    return type(outcome).__name__, getattr(outcome, "phase", ""), getattr(outcome, "code", 0)


def test_send_hands_over_everything_and_keeps_the_providers_name(
    provider: Provider, transport: Transport
) -> None:
    assert send_one(transport, MAIL) == Accepted(evidence="HTTP 200 sent", provider_id="pm-1")
    (call,) = provider.calls
    assert (call["To"], call["Subject"]) == ("asa@example.se", "Ditt resultat")
    assert call["From"] == "PMO-testet <pmo@example.com>"
    assert call["ReplyTo"] == "svar@example.com"
    assert (call["TextBody"], call["HtmlBody"]) == ("Hej Åsa", "<p>Hej Åsa</p>")
    assert call["Metadata"] == {"message_id": "<0193@example.com>"}
    assert call["Headers"] == [
        {"Name": "Message-ID", "Value": "<0193@example.com>"},
        {"Name": "List-Unsubscribe", "Value": "<https://example.com/m/unsubscribe/x/>"},
    ]


def test_one_connection_serves_many_mails(provider: Provider, transport: Transport) -> None:
    for _ in range(3):
        send_one(transport, MAIL)

    assert (len(provider.calls), len(provider.clients)) == (3, 1)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, {"ErrorCode": 1, "Message": "no"}, ("Refused", "response", 400)),
        (422, {"ErrorCode": 300, "Message": "Invalid 'From'"}, ("Refused", "response", 422)),
        (422, {"ErrorCode": 406, "Message": "inactive"}, ("Refused", "rcpt", 422)),
        (422, {"ErrorCode": 406, "Message": INACTIVE}, ("Refused", "rcpt", 0)),
        (413, "too large", ("Refused", "response", 413)),
        (401, {"ErrorCode": 10, "Message": "token"}, ("TryLater", "auth", 401)),
        (403, "forbidden", ("TryLater", "auth", 403)),
        (404, "wrong address", ("TryLater", "response", 404)),
        (429, "slower", ("TryLater", "response", 429)),
        (302, "elsewhere", ("TryLater", "response", 302)),
        (500, "broken", ("Unknown", "response", 0)),
        (503, "busy", ("Unknown", "response", 0)),
        (200, "no json", ("Unknown", "response", 0)),
    ],
)
def test_every_answer_has_an_outcome(
    provider: Provider,
    transport: Transport,
    status: int,
    body: Any,
    outcome: tuple[str, str, int],
) -> None:
    provider.status, provider.body = status, body

    assert describe(send_one(transport, MAIL)) == outcome
    assert len(provider.calls) == 1


@pytest.mark.parametrize("does", ["drop", "stall"])
def test_a_lost_answer_leaves_the_mail_unknown(
    provider: Provider, transport: Transport, does: str
) -> None:
    provider.does = does

    assert describe(send_one(transport, MAIL)) == ("Unknown", "response", 0)
    assert len(provider.calls) == 1


def test_the_next_mail_goes_on_after_a_lost_answer(
    provider: Provider, transport: Transport
) -> None:
    provider.does = "drop"
    send_one(transport, MAIL)
    provider.does = "answer"

    assert describe(send_one(transport, MAIL)) == ("Accepted", "", 0)


def test_a_time_limit_is_no_outcome_of_the_mail(
    provider: Provider, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(*_: Any, **__: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "request", strike)
        with pytest.raises(SoftTimeLimitExceeded):
            send_one(transport, MAIL)

    assert describe(send_one(transport, MAIL)) == ("Accepted", "", 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_a_provider_that_was_never_reached_is_to_be_tried_later(
    provider: Provider, transport: Transport, settings: Settings, url: str
) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": url}

    assert describe(send_one(transport, MAIL)) == ("TryLater", "connect", 0)


def test_a_missing_key_is_to_be_mended_and_tried_later(
    transport: Transport, settings: Settings
) -> None:
    settings.ANYMAIL = {}

    assert describe(send_one(transport, MAIL)) == ("TryLater", "connect", 0)


def test_a_mail_that_cannot_be_made_is_refused(provider: Provider, transport: Transport) -> None:
    mail = replace(MAIL, headers={**MAIL.headers, "From": "not an address"})

    assert describe(send_one(transport, mail)) == ("Refused", "message", 0)
    assert provider.calls == []


@pytest.mark.parametrize("to", ["a@b.se, c@d.se", "a@localhost", "å@b.se", ""])
def test_anything_but_one_address_never_reaches_the_provider(
    provider: Provider, transport: Transport, to: str
) -> None:
    assert describe(send_one(transport, replace(MAIL, to=to))) == ("Refused", "address", 0)
    assert provider.calls == []


def test_evidence_holds_neither_address_nor_key(provider: Provider, transport: Transport) -> None:
    provider.status, provider.body = 400, {"Message": "asa@example.se is odd"}
    outcome = send_one(transport, MAIL)

    assert outcome == Refused(
        phase="response", code=400, evidence='HTTP 400 {"Message": "<address> is odd"}'
    )


def test_a_mail_that_a_receiver_stopped_is_refused(
    provider: Provider, transport: Transport
) -> None:
    def stop(**_: Any) -> None:
        raise AnymailCancelSend

    pre_send.connect(stop)
    try:
        outcome = send_one(transport, MAIL)
    finally:
        pre_send.disconnect(stop)

    assert describe(outcome) == ("Refused", "message", 0)
    assert provider.calls == []


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ({"queued"}, ("Accepted", "", 0)),
        ({"unknown"}, ("Accepted", "", 0)),
        ({"failed"}, ("Refused", "rcpt", 0)),
        ({"rejected"}, ("Refused", "rcpt", 0)),
        (set(), ("Unknown", "response", 0)),
    ],
)
def test_every_status_has_an_outcome(states: set[str], outcome: tuple[str, str, int]) -> None:
    status = AnymailStatus()
    status.status = states

    assert describe(_read_status(status)) == outcome


class EndpointConnectionError(Exception):
    """boto's name for a server that was never reached."""


class ClientError(Exception):
    """boto's name for an answer that is an error."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.response = {"ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (EndpointConnectionError(), ("TryLater", "connect", 0)),
        (ClientError(400), ("Refused", "response", 400)),
        (ClientError(429), ("TryLater", "response", 429)),
        (ClientError(503), ("Unknown", "response", 0)),
        (None, ("Unknown", "response", 0)),
    ],
)
def test_errors_of_amazon_have_an_outcome(
    cause: Exception | None, outcome: tuple[str, str, int]
) -> None:
    error = AnymailAPIError()
    error.__cause__ = cause

    assert describe(_judge(error)) == outcome


def test_a_certificate_that_nobody_trusts_is_to_be_tried_later() -> None:
    reason = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError())
    retries = urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]
    error = requests.exceptions.SSLError()
    error.__cause__ = requests.exceptions.SSLError(retries)

    assert describe(_judge(error)) == ("TryLater", "connect", 0)


def test_locmem_keeps_the_mail() -> None:
    transport = open_transport(email=parse_mail_url("locmem:"))

    assert send_one(transport, MAIL) == Accepted(evidence="handed to the backend", provider_id="")
    (message,) = django_mail.outbox
    assert message.to == ["asa@example.se"]
    assert message.extra_headers["Date"] == MAIL.headers["Date"]


def test_console_shows_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    transport = open_transport(email=parse_mail_url("console:"))

    assert describe(send_one(transport, MAIL)) == ("Accepted", "", 0)
    assert "Message-ID: <0193@example.com>" in capsys.readouterr().out


def test_file_writes_the_very_bytes_under_the_messages_name(tmp_path: Path) -> None:
    transport = open_transport(email=parse_mail_url(f"file://{tmp_path}/mail"))

    assert describe(send_one(transport, MAIL)) == ("Accepted", "", 0)
    assert describe(send_one(transport, MAIL)) == ("Accepted", "", 0)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["0193.eml"]
    assert (tmp_path / "mail" / "0193.eml").read_bytes() == MAIL.raw


def test_file_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("not a folder")
    outcome = send_one(open_transport(email=parse_mail_url(f"file://{tmp_path}/mail")), MAIL)

    assert outcome == TryLater(phase="file", code=0, evidence="File exists")
