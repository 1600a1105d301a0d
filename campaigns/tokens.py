"""Signed links in mails, one salt per purpose. Nothing is stored, and the same input gives the
same link, so that a mail can be rendered again to the byte. No link holds personal data.
"""

from typing import Any, Literal
from urllib.parse import urlsplit

from django.core.signing import BadSignature, Signer

Purpose = Literal["confirm", "unsubscribe", "go", "stay", "preferences", "act", "address"]


def make(purpose: Purpose, content: Any) -> str:
    """A token for `content`: any JSON value, kept small (ids)."""
    return _get_signer(purpose).sign_object(content)


def read(purpose: Purpose, token: str) -> Any | None:
    """What `make` was given; None when damaged, forged or made for another purpose."""
    try:
        return _get_signer(purpose).unsign_object(token)
    except (BadSignature, ValueError):
        return None


def read_target(token: str) -> str | None:
    """The http(s) address a `go` link leads to; None for anything that is not ours or not safe."""
    target = read("go", token)
    if not isinstance(target, str) or "\\" in target:
        return None
    parts = urlsplit(target)
    is_safe = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    return target if is_safe else None


def _get_signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"campaigns.{purpose}", sep=".")
