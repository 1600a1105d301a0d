"""Signed links in mails, one salt per purpose. Nothing is stored, and the same input gives the
same link, so that a mail can be rendered again to the byte. No link holds personal data.
"""

import binascii
import uuid
from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature
from django.utils.crypto import constant_time_compare, salted_hmac

from pmoportal.signers import get_signer

Purpose = Literal["confirm", "unsubscribe", "go", "stay", "preferences", "act", "address", "answer"]

# Of an address only 64 characters may stand before the @, and their case may be lost on the way.
ADDRESS_MAC = 10
ADDRESS_TOKEN = 42


def make(purpose: Purpose, content: Any) -> str:
    """A token for `content`: any JSON value, kept small (ids)."""
    return get_signer(f"campaigns.{purpose}").sign_object(content)


def read(purpose: Purpose, token: str) -> Any | None:
    """What `make` was given; None when damaged, forged or made for another purpose."""
    try:
        return get_signer(f"campaigns.{purpose}").unsign_object(token)
    except (BadSignature, ValueError):
        return None


@dataclass(frozen=True, kw_only=True)
class Onward:
    """A link on to a target elsewhere, as number so and so of one mail."""

    target: str
    message_id: uuid.UUID
    link: int


def make_onward(*, target: str, message_id: uuid.UUID, link: int) -> str:
    return make("go", [target, message_id.hex, link])


def read_onward(token: str) -> Onward | None:
    """None for anything that is not ours, or whose target is not safe."""
    match read("go", token):
        case [str(target), str(message_id), int(link)] if is_safe(target):
            try:
                return Onward(target=target, message_id=uuid.UUID(message_id), link=link)
            except ValueError:
                return None
    return None


def is_safe(target: str) -> bool:
    """Whether it is an http(s) address that every browser reads as we do."""
    if "\\" in target or not target.isprintable() or " " in target:
        return False
    try:
        parts = urlsplit(target)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return False


def make_for_address(message_id: uuid.UUID) -> str:
    """A token for the part after + in an address that one mail asks to answer to."""
    signed = message_id.bytes + _get_mac(message_id, settings.SECRET_KEY)
    return b32encode(signed).decode().rstrip("=").lower()


def read_from_address(token: str) -> uuid.UUID | None:
    """The message that `make_for_address` was given; None for anything else."""
    try:
        signed = b32decode(token.upper() + "=" * (-len(token) % 8))
        message_id = uuid.UUID(bytes=signed[:16])
    except (binascii.Error, ValueError):
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    macs = (_get_mac(message_id, key) for key in keys)
    return message_id if any(constant_time_compare(signed[16:], mac) for mac in macs) else None


def _get_mac(message_id: uuid.UUID, key: str) -> bytes:
    made = salted_hmac("campaigns.reply", message_id.hex, secret=key, algorithm="sha256")
    return made.digest()[:ADDRESS_MAC]
