"""Providers' reports as they come over HTTP: what is in tests/campaigns/payloads, signed.

The shapes are those of the providers' documentation. Signatures that need a library we do not
install (RSA, ECDSA, svix) are made and checked by stand-ins here, with the same words.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from anymail.webhooks import amazon_ses, postal, resend, sendgrid
from django.http import HttpResponse
from django.test import Client

from campaigns.models import Message

SECRET = "reports:a-long-secret"
KEY = "a-key-that-signs"
PAYLOADS = Path(__file__).parent / "payloads"
PROVIDERS = sorted(path.stem for path in PAYLOADS.glob("*.json"))
MANDRILL_URL = f"https://{SECRET}@pmo.example.se/webhooks/mandrill/"
SETTINGS = {
    "WEBHOOK_SECRET": SECRET,
    "MAILERSEND_SIGNING_SECRET": KEY,
    "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
    "MAILTRAP_TRACKING_SECRET": KEY,
    "MANDRILL_WEBHOOK_KEY": KEY,
    "MANDRILL_WEBHOOK_URL": MANDRILL_URL,
    "POSTAL_WEBHOOK_KEY": KEY,
    "RESEND_SIGNING_SECRET": KEY,
    "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": KEY,
    "UNISENDER_GO_API_KEY": KEY,
}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Post:
    """One call of a provider, ready to be made."""

    path: str
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def get_kinds(provider: str) -> list[str]:
    """The kinds of report that we have of this provider."""
    return list(json.loads((PAYLOADS / f"{provider}.json").read_text(encoding="utf-8")))


def build(provider: str, kind: str, message: Message, *, knows_us: bool = True) -> Post:
    """The report of `kind` about `message`. Unless it `knows_us`, it brings nothing back that
    we gave with the mail, and only the provider's own id says which one it was.
    """
    said = json.loads((PAYLOADS / f"{provider}.json").read_text(encoding="utf-8"))[kind]
    values = {
        "$BARE_PROVIDER_ID": message.provider_id.strip("<>"),
        "$MESSAGE_ID": f"<{message.pk}@example.se>" if knows_us else "",
        "$PROVIDER_ID": message.provider_id,
        "$EVENT": f"{kind}-{message.pk}",
        "$KEY": str(message.pk) if knows_us else "",
        "$TO": message.to,
    }
    return SIGNERS.get(provider, _sign_not)(provider, _fill(said, values))


def post(client: Client, call: Post, *, secret: str = SECRET) -> HttpResponse:
    headers = dict(call.headers)
    if secret:
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    return client.post(call.path, call.body, content_type=call.content_type, headers=headers)


def install_stand_ins(patch: pytest.MonkeyPatch) -> None:
    """In the place of libraries that are not installed here."""
    patch.setattr(amazon_ses, "_get_anymail_boto3_params", lambda **_: ({}, {}))
    patch.setattr(resend, "SvixWebhook", _Svix)
    patch.setattr(resend, "WebhookVerificationError", _BadSignatureError)
    for module in (postal, sendgrid):
        maker = SimpleNamespace(load_pem_public_key=lambda pem, **_: _PublicKey(pem))
        patch.setattr(module, "serialization", maker)
        patch.setattr(module, "default_backend", lambda: None)
        patch.setattr(module, "hashes", SimpleNamespace(SHA1=str, SHA256=str))
        patch.setattr(module, "InvalidSignature", _BadSignatureError)
    patch.setattr(postal, "padding", SimpleNamespace(PKCS1v15=str))
    patch.setattr(sendgrid, "ec", SimpleNamespace(ECDSA=str))


class _BadSignatureError(Exception):
    pass


class _PublicKey:
    def __init__(self, pem: bytes) -> None:
        self.key = pem.decode().splitlines()[1]

    def verify(self, signature: bytes, body: bytes, *_: Any) -> None:
        if not hmac.compare_digest(signature, _get_digest(body, self.key)):
            raise _BadSignatureError


class _Svix:
    def __init__(self, key: str) -> None:
        self.key = key

    def verify(self, body: bytes, headers: Any) -> None:
        said = f"{headers.get('svix-id')}.{headers.get('svix-timestamp')}.".encode() + body
        good = "v1," + base64.b64encode(_get_digest(said, self.key)).decode()
        if not hmac.compare_digest(headers.get("svix-signature", ""), good):
            raise _BadSignatureError


def _fill(said: Any, values: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {name: _fill(each, values) for name, each in said.items()}
    if isinstance(said, list):
        return [_fill(each, values) for each in said]
    if isinstance(said, str):
        for name, value in values.items():
            said = said.replace(name, value)
    return said


def _get_digest(body: bytes, key: str = KEY, algorithm: str = "sha256") -> bytes:
    return hmac.new(key.encode(), body, algorithm).digest()


def _get_path(provider: str) -> str:
    return f"/webhooks/{provider}/" + ("" if provider == "mandrill" else "tracking/")


def _sign_not(provider: str, said: Any) -> Post:
    """Basic authentication is all there is."""
    return Post(path=_get_path(provider), body=json.dumps(said).encode())


def _wrap_in_sns(provider: str, said: Any) -> Post:
    name = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    moment = said[said["eventType"].lower()]["timestamp"]
    envelope = {
        "Type": "Notification",
        "MessageId": name,
        "TopicArn": "arn:aws:sns:eu-north-1:123456789012:ses",
        "Message": json.dumps(said),
        "Timestamp": moment,
        "SignatureVersion": "1",
        "Signature": "not checked by anymail",
    }
    headers = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": name}
    return Post(path=_get_path(provider), body=json.dumps(envelope).encode(), headers=headers)


def _sign_mailgun(provider: str, said: Any) -> Post:
    token = said["event-data"]["id"]
    signature = hmac.new(KEY.encode(), f"1789455000{token}".encode(), "sha256").hexdigest()
    said["signature"] = {"timestamp": "1789455000", "token": token, "signature": signature}
    return Post(path=_get_path(provider), body=json.dumps(said).encode())


def _sign_mandrill(provider: str, said: Any) -> Post:
    events = json.dumps([said])
    signed = f"{MANDRILL_URL}mandrill_events{events}".encode()
    signature = base64.b64encode(_get_digest(signed, algorithm="sha1")).decode()
    return Post(
        path=_get_path(provider),
        body=urlencode({"mandrill_events": events}).encode(),
        content_type=FORM,
        headers={"X-Mandrill-Signature": signature},
    )


def _sign_unisender(provider: str, said: Any) -> Post:
    body = json.dumps(said).encode()
    auth = hashlib.md5(body.replace(b"$AUTH", KEY.encode())).hexdigest()
    return Post(path=_get_path(provider), body=body.replace(b"$AUTH", auth.encode()))


def _sign_resend(provider: str, said: Any) -> Post:
    body = json.dumps(said).encode()
    name = hashlib.sha256(body).hexdigest()
    digest = _get_digest(f"{name}.1789455000.".encode() + body)
    headers = {
        "svix-id": name,
        "svix-timestamp": "1789455000",
        "svix-signature": "v1," + base64.b64encode(digest).decode(),
    }
    return Post(path=_get_path(provider), body=body, headers=headers)


def _sign_sendgrid(provider: str, said: Any) -> Post:
    body = json.dumps(said).encode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Timestamp": "1789455000",
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(
            _get_digest(b"1789455000" + body)
        ).decode(),
    }
    return Post(path=_get_path(provider), body=body, headers=headers)


def _sign_by_header(header: str, encode: Callable[[bytes], str]) -> Callable[[str, Any], Post]:
    def sign(provider: str, said: Any) -> Post:
        body = json.dumps(said).encode()
        headers = {header: encode(_get_digest(body))}
        return Post(path=_get_path(provider), body=body, headers=headers)

    return sign


SIGNERS: dict[str, Callable[[str, Any], Post]] = {
    "amazon_ses": _wrap_in_sns,
    "mailersend": _sign_by_header("Signature", bytes.hex),
    "mailgun": _sign_mailgun,
    "mailtrap": _sign_by_header("Mailtrap-Signature", bytes.hex),
    "mandrill": _sign_mandrill,
    "postal": _sign_by_header("X-Postal-Signature", lambda said: base64.b64encode(said).decode()),
    "resend": _sign_resend,
    "sendgrid": _sign_sendgrid,
    "unisender_go": _sign_unisender,
}
# Where the body of the report is what is signed, or a part of it.
SIGNED = sorted(SIGNERS.keys() - {"amazon_ses"})
