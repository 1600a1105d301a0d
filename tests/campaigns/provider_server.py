"""A mail provider on loopback: it answers as it is told, and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from campaigns.transport import Mail, Outcome, Parcel, Transport

MAIL = Mail(
    message_id="<019309ab-0000-7000-8000-000000000000@example.com>",
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
        "Message-ID": "<019309ab-0000-7000-8000-000000000000@example.com>",
        "List-Unsubscribe": "<https://example.com/m/unsubscribe/x/>",
    },
)


@dataclass(frozen=True, kw_only=True)
class Request:
    path: str
    headers: dict[str, str]
    body: Any
    client: Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`does`: "answer", "drop" (close without a word) or "stall" (say nothing at all)."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    does: str = "answer"


Script = Callable[[Request], Answer]


def answer_like_postmark(request: Request) -> Answer:
    if not isinstance(request.body, list):
        return Answer(body=_accept(request.body))
    return Answer(body=[_accept(each) for each in request.body])


def answer_like_resend(request: Request) -> Answer:
    if not isinstance(request.body, list):
        return Answer(body={"id": f"re-{request.body['to'][0]}"})
    return Answer(body={"data": [{"id": f"re-{each['to'][0]}"} for each in request.body]})


def answer_like_brevo(request: Request) -> Answer:
    return Answer(status=201, body={"messageId": f"<br-{request.body['to'][0]['email']}>"})


def _accept(mail: dict[str, Any]) -> dict[str, Any]:
    to = mail["To"]
    return {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{to}", "To": to}


@dataclass
class Provider:
    script: Script = answer_like_postmark
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    # With `together` above 1 nobody is answered before so many ask at once.
    together: int = 1
    asking: threading.Condition = field(default_factory=threading.Condition)
    waiting: int = 0
    most: int = 0

    def meet(self) -> None:
        """Returns when enough are here, or nobody came in a while."""
        with self.asking:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            self.asking.notify_all()
            self.asking.wait_for(lambda: self.most >= self.together, timeout=5)
            self.waiting -= 1


@contextmanager
def serving() -> Iterator[Provider]:
    provider = Provider()

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(
                path=self.path, headers=headers, body=said, client=self.client_address
            )
            provider.requests.append(request)
            if provider.together > 1:
                provider.meet()
            self.give(provider.script(request))

        def give(self, answer: Answer) -> None:
            if answer.does == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if answer.does == "stall":
                self.close_connection = True
                provider.done.wait(5)
                return
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    provider.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        provider.done.set()
        server.shutdown()
        server.server_close()


def get_settings(port: int, **values: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/"
    return {
        "POSTMARK_SERVER_TOKEN": "sEcReT",
        "POSTMARK_API_URL": url,
        "RESEND_API_KEY": "re_sEcReT",
        "RESEND_API_URL": url,
        "BREVO_API_KEY": "sEcReT",
        "BREVO_API_URL": url,
        "REQUESTS_TIMEOUT": 2,
        **values,
    }


def make_parcels(count: int) -> list[Parcel]:
    return [
        Parcel(
            mail=replace(
                MAIL,
                to=f"p{number}@example.se",
                message_id=f"<019309ab-0000-7000-8000-{number:012d}@example.com>",
            )
        )
        for number in range(count)
    ]


def hand_over(transport: Transport, parcels: list[Parcel]) -> list[tuple[str, str, int]]:
    transport.send(parcels=parcels, is_over=lambda: False)
    return [describe(parcel.outcome) for parcel in parcels]


def describe(outcome: Outcome | None) -> tuple[str, str, int]:
    if outcome is None:
        return "", "", 0
    return type(outcome).__name__, getattr(outcome, "phase", ""), getattr(outcome, "code", 0)
