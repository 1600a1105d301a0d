"""Mail over an encrypted wire, or not at all."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaigns.certificates import make_certificate
from tests.campaigns.fault_server import FaultServer, running_fault_server
from tests.campaigns.mailing import connect, describe, make_mail, send_one


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_fault_server() as server:
        yield server


def test_a_server_without_tls_gets_no_mail_when_tls_was_asked_for(server: FaultServer) -> None:
    transport = connect(server, tls="starttls", user="a", password="b")

    assert describe(send_one(transport, make_mail())) == ("TryLater", "starttls", 0)
    assert "AUTH" not in server.commands


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts yet; key and certificate in one file."""
    return make_certificate(tmp_path)


@pytest.fixture
def tls_context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def tls_server(server: FaultServer, tls_context: ssl.SSLContext) -> FaultServer:
    server.offers = ("STARTTLS",)
    server.tls = tls_context
    return server


def test_a_certificate_that_nobody_trusts_gets_no_mail(tls_server: FaultServer) -> None:
    transport = connect(tls_server, tls="starttls")

    assert describe(send_one(transport, make_mail())) == ("TryLater", "starttls", 0)
    assert tls_server.accepted == []


def test_mail_goes_out_encrypted_when_the_certificate_is_trusted(
    tls_server: FaultServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport = connect(tls_server, tls="starttls")
    outcomes = [send_one(transport, make_mail()) for _ in range(2)]
    transport.close()

    assert {describe(outcome) for outcome in outcomes} == {("Accepted", "", 0)}
    assert len(tls_server.accepted) == 2
    assert tls_server.seen["connections"] == 1


def test_mail_goes_out_where_tls_is_spoken_from_the_start(
    tls_context: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_fault_server(tls=tls_context) as server:
        distrusted = send_one(connect(server, tls="ssl"), make_mail())
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        transport = connect(server, tls="ssl")
        trusted = send_one(transport, make_mail())
        transport.close()

    assert describe(distrusted) == ("TryLater", "connect", 0)
    assert describe(trusted) == ("Accepted", "", 0)
    assert len(server.accepted) == 1
