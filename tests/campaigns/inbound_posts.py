"""A received mail as each provider brings it over HTTP, signed as it signs its reports."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from tests.campaigns.reporting import FORM, KEY, SIGNERS, Post, _get_digest


def build(provider: str, raw: bytes, *, to: str = "svar@example.com") -> Post:
    return BUILDERS[provider](raw, to)


def _as_json(provider: str, said: Any) -> Post:
    sign = SIGNERS.get(provider)
    post = sign(provider, said) if sign else Post(path="", body=json.dumps(said).encode())
    return Post(
        path=f"/webhooks/{provider}/inbound/",
        body=post.body,
        content_type=post.content_type,
        headers=post.headers,
    )


def _as_form(path: str, fields: dict[str, str]) -> Post:
    return Post(path=path, body=urlencode(fields).encode(), content_type=FORM)


def _get_headers(raw: bytes) -> dict[str, str]:
    return {name: str(value) for name, value in message_from_bytes(raw).items()}


def _get_text(raw: bytes) -> str:
    content = message_from_bytes(raw).get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def _amazon_ses(raw: bytes, to: str) -> Post:
    content = base64.b64encode(raw).decode()
    said = {
        "eventType": "mail",  # which the signer asks for; SES itself says notificationType
        "notificationType": "Received",
        "mail": {"timestamp": "2026-09-15T08:30:00Z", "messageId": "m", "source": "a@b.se"},
        "receipt": {"action": {"type": "SNS", "encoding": "BASE64"}, "recipients": [to]},
        "content": content,
    }
    return _as_json("amazon_ses", said)


def _brevo(raw: bytes, to: str) -> Post:
    headers = _get_headers(raw) | {"Delivered-To": to}
    return _as_json(
        "brevo",
        {"items": [{"Uuid": ["u"], "Headers": headers, "RawTextBody": _get_text(raw)}]},
    )


def _mailersend(raw: bytes, to: str) -> Post:
    data = {"id": "1", "raw": raw.decode(), "recipients": {"rcptTo": [{"email": to}]}}
    return _as_json("mailersend", {"type": "inbound.message", "data": data})


def _mailgun(raw: bytes, to: str) -> Post:
    fields = {"body-mime": raw.decode(), "recipient": to, "timestamp": "1789455000", "token": "t"}
    fields["signature"] = _get_digest(b"1789455000t").hex()
    return _as_form("/webhooks/mailgun/inbound_mime/", fields)


def _mailjet(raw: bytes, to: str) -> Post:
    said = {"Headers": _get_headers(raw), "Text-part": _get_text(raw), "Recipient": to}
    return _as_json("mailjet", said)


def _mandrill(raw: bytes, to: str) -> Post:
    message = {"raw_msg": raw.decode(), "email": to, "spam_report": {}, "headers": {}}
    post = _as_json("mandrill", {"event": "inbound", "ts": 1789455000, "msg": message})
    return Post(
        path="/webhooks/mandrill/",
        body=post.body,
        content_type=post.content_type,
        headers=post.headers,
    )


def _postal(raw: bytes, to: str) -> Post:
    said = {"id": 1, "message": base64.b64encode(raw).decode(), "base64": True, "rcpt_to": to}
    return _as_json("postal", said)


def _postmark(raw: bytes, to: str) -> Post:
    headers = [{"Name": name, "Value": value} for name, value in _get_headers(raw).items()]
    kept = [each for each in headers if each["Name"] not in {"From", "To", "Subject", "Date"}]
    said = {
        "MessageID": "p",
        "FromFull": {"Email": "alva@example.se", "Name": "Alva"},
        "ToFull": [{"Email": to, "Name": ""}],
        "Subject": _get_headers(raw)["Subject"],
        "TextBody": _get_text(raw),
        "Headers": [each for each in kept if not each["Name"].startswith("Content-")],
        "OriginalRecipient": to,
    }
    return _as_json("postmark", said)


def _sendgrid(raw: bytes, to: str) -> Post:
    envelope = json.dumps({"from": "a@b.se", "to": [to]})
    fields = {"email": raw.decode(), "envelope": envelope}
    return _as_form("/webhooks/sendgrid/inbound/", fields)


def _sparkpost(raw: bytes, to: str) -> Post:
    content = {
        "email_rfc822": base64.b64encode(raw).decode(),
        "email_rfc822_is_base64": True,
    }
    event = {"protocol": "smtp", "content": content, "rcpt_to": to}
    return _as_json("sparkpost", [{"msys": {"relay_message": event}}])


def _resend(raw: bytes, to: str) -> Post:
    return _as_json("resend", {"type": "email.received", "data": {"email_id": "e"}})


def _mailtrap(raw: bytes, to: str) -> Post:
    event = {"event": "inbound.message_received", "inbox_id": 7, "message_id": "m"}
    return _as_json("mailtrap", {"events": [event]})


BUILDERS: dict[str, Callable[[bytes, str], Post]] = {
    "amazon_ses": _amazon_ses,
    "brevo": _brevo,
    "mailersend": _mailersend,
    "mailgun": _mailgun,
    "mailjet": _mailjet,
    "mailtrap": _mailtrap,
    "mandrill": _mandrill,
    "postal": _postal,
    "postmark": _postmark,
    "resend": _resend,
    "sendgrid": _sendgrid,
    "sparkpost": _sparkpost,
}
# Anymail checks no signature of what these receive: the secret in the address is all there is.
UNSIGNED = {"amazon_ses", "brevo", "mailjet", "postmark", "sendgrid", "sparkpost"}
# These send a notice, and the mail is fetched from them.
FETCHED = {"mailtrap", "resend"}
SECRETS = {"MAILERSEND_INBOUND_SECRET": KEY, "MAILTRAP_INBOUND_SECRET": KEY}
SECRETS |= {"RESEND_INBOUND_SECRET": KEY, "RESEND_API_KEY": KEY, "MAILTRAP_API_TOKEN": KEY}
SECRETS |= {"BREVO_API_KEY": KEY}


@contextmanager
def running_api(raw: bytes) -> Iterator[str]:
    """What a notice leads to: where the mail is, and the mail itself. Its address."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            here = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]  # an HTTP server
            place = {"raw": {"download_url": f"{here}/mail"}, "raw_message_url": f"{here}/mail"}
            body = raw if self.path == "/mail" else json.dumps(place).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
