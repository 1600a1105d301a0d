"""The mail server, the site and the provider, each on loopback as good or as bad as it gets."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from campaigns.doctor import providers, relay, site
from campaigns.doctor.findings import Finding
from pmoportal.mail_url import PROVIDERS, MailServer, parse_mail_url
from tests.campaigns.fault_server import FaultServer, running_fault_server


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running_fault_server() as server:
        yield server


def describe(*findings: Finding) -> list[tuple[str, str]]:
    return [(finding.state, finding.reason) for finding in findings]


def look(server: FaultServer, tls: Any = "") -> list[tuple[str, str]]:
    email = MailServer(kind="smtp", host="127.0.0.1", port=server.port, tls=tls)
    return describe(*relay.check_tls(email))


# --- The mail server ---------------------------------------------------------------------


def make_certificate(folder: Path, *, days: int) -> Path:
    openssl = shutil.which("openssl") or pytest.skip("openssl is not installed")
    path = folder / "certificate.pem"
    # fmt: off
    command = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days),
        "-subj", "/CN=fault", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", str(path), "-out", str(folder / "public.pem"),
    ]
    # fmt: on
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "public.pem").read_bytes())
    return path


def speak_tls(server: FaultServer, certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.offers, server.tls = ("STARTTLS",), context
    return context


def trust(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("public.pem")))


def test_mail_that_stays_on_this_computer_needs_no_encryption(server: FaultServer) -> None:
    assert look(server) == [("pass", "tls_local")]


def test_mail_that_leaves_it_does(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "is_local", lambda _: False)
    assert look(server) == [("fail", "tls_missing")]
    server.offers = ("STARTTLS",)
    assert look(server) == [("fail", "tls_unused")]


def test_encryption_that_was_asked_for_and_is_not_offered(server: FaultServer) -> None:
    assert look(server, "starttls") == [("fail", "tls_missing")]


def test_a_certificate_that_nobody_trusts(server: FaultServer, tmp_path: Path) -> None:
    speak_tls(server, make_certificate(tmp_path, days=90))
    assert look(server, "starttls") == [("fail", "tls_bad_certificate")]


@pytest.mark.parametrize(
    ("days", "state", "reason"), [(90, "pass", "tls_ok"), (10, "fail", "tls_expires")]
)
def test_a_certificate_that_is_trusted(
    server: FaultServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    state: str,
    reason: str,
) -> None:
    certificate = make_certificate(tmp_path, days=days)
    speak_tls(server, certificate)
    trust(monkeypatch, certificate)
    assert look(server, "starttls") == [(state, reason)]


def test_encryption_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path, days=90)
    context = speak_tls(FaultServer(), certificate)
    trust(monkeypatch, certificate)
    with running_fault_server(tls=context) as server:
        assert look(server, "ssl") == [("pass", "tls_ok")]


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        ("connect-drop", "relay_unreachable"),
        ("connect-554", "relay_unreachable"),
        ("connect-nonsense", "relay_unreachable"),
        ("connect-stall", "relay_silent"),
        ("ehlo-drop", "relay_unreachable"),
        ("starttls-drop", "relay_unreachable"),
        ("starttls-454", "relay_unreachable"),
    ],
)
def test_a_mail_server_that_breaks_off(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, opening: str, reason: str
) -> None:
    if opening.endswith("stall"):
        monkeypatch.setattr(relay, "SECONDS", 0.5)
    server.offers, server.opening = ("STARTTLS",), opening
    assert look(server, "starttls") == [("fail", reason)]


def test_a_mail_server_that_is_not_there(server: FaultServer) -> None:
    email = MailServer(kind="smtp", host="127.0.0.1", port=1)
    assert describe(*relay.check_tls(email)) == [("fail", "relay_unreachable")]


@pytest.mark.parametrize(
    ("email", "state", "reason"),
    [
        (MailServer(kind="provider", provider="brevo"), "pass", "tls_provider"),
        (MailServer(kind="file", path="/tmp"), "unknown", "mail_stays"),
    ],
)
def test_other_ways_of_sending(email: MailServer, state: str, reason: str) -> None:
    assert describe(*relay.check_tls(email)) == [(state, reason)]


# --- The site ----------------------------------------------------------------------------


@contextmanager
def running_site(status: int = 200, *, wait: float = 0) -> Iterator[str]:
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            done.wait(wait)
            self.send_response(status)
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        done.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def _far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback plays the outside."""
    monkeypatch.setattr(site, "is_local", lambda _: False)
    monkeypatch.setattr(site, "SECONDS", (2.0, 2.0))


def test_a_site_of_this_computer_alone() -> None:
    assert describe(*site.check_site("http://127.0.0.1:8000")) == [("unknown", "site_local")]
    assert describe(*site.check_site("http://localhost:8000")) == [("unknown", "site_local")]


@pytest.mark.usefixtures("_far")
@pytest.mark.parametrize(
    ("status", "reason"),
    [(200, "site_plain"), (301, "site_unwell"), (404, "site_unwell"), (503, "site_unwell")],
)
def test_a_site_that_answers(status: int, reason: str) -> None:
    with running_site(status) as url:
        assert describe(*site.check_site(url)) == [("fail", reason)]


@pytest.mark.usefixtures("_far")
def test_a_site_that_does_not_answer() -> None:
    with running_site(wait=20) as url:
        assert describe(*site.check_site(url)) == [("fail", "site_silent")]
    assert describe(*site.check_site(url)) == [("fail", "site_unreachable")]


@pytest.mark.usefixtures("_far")
def test_a_site_whose_https_is_none() -> None:
    with running_site() as url:
        broken = url.replace("http:", "https:")
        assert describe(*site.check_site(broken)) == [("fail", "site_certificate")]


@pytest.mark.usefixtures("_far")
def test_a_site_whose_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert describe(*site.check_site("https://pmo.firma.se")) == [("fail", "site_unresolved")]


# --- The provider's reports --------------------------------------------------------------


def use(settings: Settings, url: str, *, secret: str = "user:a-long-password") -> None:
    settings.EMAIL = parse_mail_url(url)
    settings.ANYMAIL = settings.EMAIL.anymail | {"WEBHOOK_SECRET": secret}
    settings.WEBHOOK_SECRET = secret


@pytest.mark.parametrize(
    ("url", "secret", "state", "reason"),
    [
        ("console:", "", "pass", "webhook_none"),
        ("scaleway://key?project_id=p", "", "pass", "webhook_none"),
        ("brevo://key", "", "fail", "webhook_no_secret"),
        ("mailersend://key", "user:a-long-password", "fail", "webhook_unsigned"),
    ],
)
def test_reports_that_cannot_come_in(
    settings: Settings, url: str, secret: str, state: str, reason: str
) -> None:
    use(settings, url, secret=secret)
    assert describe(*site.check_webhook("http://127.0.0.1:1")) == [(state, reason)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["brevo", "mailgun", "postmark", "mandrill"])
def test_the_address_for_reports_answers(
    settings: Settings, live_server: LiveServer, name: str
) -> None:
    extra = "?webhook_key=k" if name == "mandrill" else ""
    use(settings, f"{name}://key{extra}")
    assert describe(*site.check_webhook(live_server.url)) == [("pass", "webhook_ok")]


@pytest.mark.parametrize(("status", "reason"), [(404, "webhook_refused"), (302, "webhook_refused")])
def test_a_proxy_that_keeps_reports_out(settings: Settings, status: int, reason: str) -> None:
    use(settings, "brevo://key")
    with running_site(status) as url:
        assert describe(*site.check_webhook(url)) == [("fail", reason)]
    assert describe(*site.check_webhook(url)) == [("fail", "webhook_unreachable")]


@pytest.mark.parametrize("name", sorted(PROVIDERS.keys() - site.SILENT))
def test_every_provider_has_an_address_for_its_reports(name: str) -> None:
    assert site.get_webhook_path(name).startswith(f"/webhooks/{name.replace('-', '_')}/")


# --- Where the provider is ---------------------------------------------------------------


def test_every_provider_is_in_the_table_those_in_the_union_first() -> None:
    assert providers.PROVIDERS.keys() == PROVIDERS.keys()
    is_near = [each.country in providers.EEA for each in providers.PROVIDERS.values()]
    assert is_near == sorted(is_near, reverse=True)
    assert all(each.contract or not each.country for each in providers.PROVIDERS.values())


SIGNED = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("url", "signed_on", "state", "reason"),
    [
        ("brevo://key", SIGNED, "pass", "provider_ok"),
        ("brevo://key", None, "fail", "provider_unsigned"),
        ("postmark://key", SIGNED, "unknown", "provider_outside"),
        ("postmark://key", None, "fail", "provider_unsigned"),
        ("mailgun://key?api_url=https://api.eu.mailgun.net/v3", SIGNED, "pass", "provider_ok"),
        ("unisender-go://key?api_url=https://x.test/", SIGNED, "unknown", "provider_outside"),
        ("postal://key?api_url=https://postal.firma.se", None, "pass", "provider_own"),
        ("smtp://127.0.0.1:25", None, "pass", "provider_own"),
        ("smtp+starttls://smtp.relay.se", None, "unknown", "relay_whose"),
        ("smtp+starttls://smtp.relay.se", SIGNED, "pass", "provider_ok"),
        ("console:", None, "pass", "provider_own"),
    ],
)
def test_where_the_provider_is(url: str, signed_on: date | None, state: str, reason: str) -> None:
    email = parse_mail_url(url)
    found = providers.check_provider(email, options=email.anymail, signed_on=signed_on)
    assert describe(*found) == [(state, reason)]


def test_amazons_region_is_the_sessions() -> None:
    options = {"AMAZON_SES_SESSION_PARAMS": {"region_name": "eu-north-1"}}
    assert providers.get_region(options) == "EU"
    assert providers.get_region({"AMAZON_SES_SESSION_PARAMS": {"region_name": "us-east-1"}}) == ""
