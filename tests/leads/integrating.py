"""What tests of webhooks, API and sheets start from."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from campaigns import permission
from leads.models import Hook, Kind, Lead
from leads.refreshing import refresh_lead
from tests.factories import TUESDAY, make_enrolment, publish_campaign


def make_lead(
    *, number: int = 0, may_contact: bool = True, first_name: str = "Alva", now: datetime = TUESDAY
) -> Lead:
    """A person who took the test, wants tips, and to be contacted."""
    email = f"p{number}@example.se"
    enrolment = make_enrolment(publish_campaign(), email=email, first_name=first_name, now=now)
    if may_contact:
        give(enrolment.respondent_id, "contact", email=email, now=now)
    lead = refresh_lead(respondent_id=enrolment.respondent_id, now=now + timedelta(days=3))
    assert lead is not None
    return lead


def give(person: int, purpose: str, *, email: str, now: datetime = TUESDAY) -> None:
    wordings = [permission.get_wordings(language="sv")[purpose]]
    permission.ask(respondent_id=person, email=email, wordings=wordings, now=now)
    permission.confirm(respondent_id=person, email=email, wordings=wordings, now=now)


def take_back(lead: Lead, *purposes: str, now: datetime = TUESDAY) -> None:
    permission.withdraw(respondent_id=lead.respondent_id, purposes=purposes, source="link", now=now)


def make_hook(url: str = "https://crm.example.com/in", **columns: Any) -> Hook:
    columns.setdefault("kinds", list(Kind.values))
    return Hook.objects.create(name="CRM", url=url, created_at=TUESDAY, **columns)


class Receiver(ThreadingHTTPServer):
    """An HTTP server that keeps what it is given, and answers what the test says."""

    def __init__(self) -> None:
        self.given: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda call: reply(call, 204)
        super().__init__(("127.0.0.1", 0), _Call)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"


class _Call(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.given.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.server.answer(self)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def reply(call: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    call.send_response(status)
    for name, value in headers.items():
        call.send_header(name, value)
    call.send_header("Content-Length", str(len(body)))
    call.end_headers()
    call.wfile.write(body)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for(is_true: Callable[[], bool], *, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
