"""anymail's Postmark backend against a server of ours, and Django's own backends."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
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
    LOST,
    Accepted,
    Mail,
    Outcome,
    Parcel,
    Refused,
    Transport,
    TryLater,
    open_transport,
)
from campaigns.transport.judging import judge, read_status
from pmoportal.mail_url import MailServer, parse_mail_url
from tests.campaigns.provider_server import (
    MAIL,
    Answer,
    Provider,
    answer_like_postmark,
    describe,
    get_settings,
    serving,
)

NAME = "019309ab-0000-7000-8000-000000000000.eml"
INACTIVE = (
    "You tried to send to recipients that have been marked as inactive. "
    "Found inactive addresses: asa@example.se. Inactive recipients are ones that bounced."
)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    with serving() as provider:
        settings.ANYMAIL = get_settings(provider.port)
        yield provider


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = open_transport(email=MailServer(kind="provider", provider="postmark"))
    yield transport
    transport.close()


def send(transport: Transport, mail: Mail = MAIL) -> Outcome | None:
    parcel = Parcel(mail=mail)
    transport.send(parcels=[parcel], is_over=lambda: False)
    return parcel.outcome


def test_send_hands_over_everything_and_keeps_the_providers_name(
    provider: Provider, transport: Transport
) -> None:
    assert send(transport) == Accepted(evidence="HTTP 200 sent", provider_id="pm-asa@example.se")
    (request,) = provider.requests
    call = request.body
    assert (call["To"], call["Subject"]) == ("asa@example.se", "Ditt resultat")
    assert call["From"] == "PMO-testet <pmo@example.com>"
    assert call["ReplyTo"] == "svar@example.com"
    assert (call["TextBody"], call["HtmlBody"]) == ("Hej Åsa", "<p>Hej Åsa</p>")
    assert call["Metadata"] == {"message_id": "<019309ab-0000-7000-8000-000000000000@example.com>"}
    assert call["Headers"] == [
        {"Name": "Message-ID", "Value": "<019309ab-0000-7000-8000-000000000000@example.com>"},
        {"Name": "List-Unsubscribe", "Value": "<https://example.com/m/unsubscribe/x/>"},
    ]


def test_one_connection_serves_many_mails(provider: Provider, transport: Transport) -> None:
    for _ in range(3):
        send(transport)

    assert len(provider.requests) == 3
    assert len({request.client for request in provider.requests}) == 1


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
    provider.script = lambda _: Answer(status=status, body=body)

    assert describe(send(transport)) == outcome
    assert len(provider.requests) == 1


@pytest.mark.parametrize("does", ["drop", "stall"])
def test_a_lost_answer_leaves_the_mail_unknown(
    provider: Provider, transport: Transport, does: str
) -> None:
    provider.script = lambda _: Answer(does=does)

    assert describe(send(transport)) == ("Unknown", "response", 0)
    assert len(provider.requests) == 1


def test_the_next_mail_goes_on_after_a_lost_answer(
    provider: Provider, transport: Transport
) -> None:
    provider.script = lambda _: Answer(does="drop")
    send(transport)
    provider.script = answer_like_postmark

    assert describe(send(transport)) == ("Accepted", "", 0)


def test_a_time_limit_leaves_the_mail_unknown(
    provider: Provider, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(*_: Any, **__: Any) -> None:
        raise SoftTimeLimitExceeded

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "request", strike)
        parcel = Parcel(mail=MAIL)
        with pytest.raises(SoftTimeLimitExceeded):
            transport.send(parcels=[parcel], is_over=lambda: False)
        assert parcel.outcome is LOST

    assert describe(send(transport)) == ("Accepted", "", 0)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_a_provider_that_was_never_reached_is_to_be_tried_later(
    provider: Provider, transport: Transport, settings: Settings, url: str
) -> None:
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": url}

    assert describe(send(transport)) == ("TryLater", "connect", 0)


def test_a_missing_key_is_to_be_mended_and_tried_later(
    transport: Transport, settings: Settings
) -> None:
    settings.ANYMAIL = {}

    assert describe(send(transport)) == ("TryLater", "connect", 0)


def test_a_mail_that_cannot_be_made_is_refused(provider: Provider, transport: Transport) -> None:
    mail = replace(MAIL, headers={**MAIL.headers, "From": "not an address"})

    assert describe(send(transport, mail)) == ("Refused", "message", 0)
    assert provider.requests == []


@pytest.mark.parametrize("to", ["a@b.se, c@d.se", "a@localhost", "å@b.se", ""])
def test_anything_but_one_address_never_reaches_the_provider(
    provider: Provider, transport: Transport, to: str
) -> None:
    assert describe(send(transport, replace(MAIL, to=to))) == ("Refused", "address", 0)
    assert provider.requests == []


def test_evidence_holds_neither_address_nor_key(provider: Provider, transport: Transport) -> None:
    odd = {"Message": "asa@example.se is odd"}
    provider.script = lambda _: Answer(status=400, body=odd)
    outcome = send(transport)

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
        outcome = send(transport)
    finally:
        pre_send.disconnect(stop)

    assert describe(outcome) == ("Refused", "message", 0)
    assert provider.requests == []


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

    assert describe(read_status(status)) == outcome


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

    assert describe(judge(error)) == outcome


def test_a_certificate_that_nobody_trusts_is_to_be_tried_later() -> None:
    reason = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError())
    retries = urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]
    error = requests.exceptions.SSLError()
    error.__cause__ = requests.exceptions.SSLError(retries)

    assert describe(judge(error)) == ("TryLater", "connect", 0)


def test_locmem_keeps_the_mail() -> None:
    transport = open_transport(email=parse_mail_url("locmem:"))

    assert send(transport) == Accepted(evidence="handed to the backend", provider_id="")
    (message,) = django_mail.outbox
    assert message.to == ["asa@example.se"]
    assert message.extra_headers["Date"] == MAIL.headers["Date"]


def test_console_shows_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    transport = open_transport(email=parse_mail_url("console:"))

    assert describe(send(transport)) == ("Accepted", "", 0)
    assert (
        "Message-ID: <019309ab-0000-7000-8000-000000000000@example.com>" in capsys.readouterr().out
    )


def test_file_writes_the_very_bytes_under_the_messages_name(tmp_path: Path) -> None:
    transport = open_transport(email=parse_mail_url(f"file://{tmp_path}/mail"))

    assert describe(send(transport)) == ("Accepted", "", 0)
    assert describe(send(transport)) == ("Accepted", "", 0)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [NAME]
    assert (tmp_path / "mail" / NAME).read_bytes() == MAIL.raw


def test_file_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("not a folder")
    outcome = send(open_transport(email=parse_mail_url(f"file://{tmp_path}/mail")))

    assert outcome == TryLater(phase="file", code=0, evidence="File exists")
