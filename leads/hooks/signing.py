"""Signatures by which a receiver knows that a webhook is ours (Standard Webhooks 1.0). Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"
VERSION = "v1"


def write_secret(key: bytes) -> str:
    """The key as receivers are given it."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def sign(*, keys: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The signature header: one per key, so that a receiver may still have the old one."""
    said = f"{message_id}.{timestamp}.".encode("ascii") + body
    return " ".join(f"{VERSION},{_sign(key, said)}" for key in keys)


def _sign(key: bytes, said: bytes) -> str:
    return base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode("ascii")
