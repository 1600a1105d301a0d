"""Signed links to one response (or organisation), one purpose each: a link to a result cannot
answer the test.

The id is random and the signature carries at least 128 bits, so nothing has to be stored.
"""

import base64
import uuid
from typing import Literal

from django.core.signing import BadSignature

from pmoportal.signers import get_signer

Purpose = Literal["test", "result", "invite"]


def make(purpose: Purpose, response_id: uuid.UUID) -> str:
    name = base64.urlsafe_b64encode(response_id.bytes).rstrip(b"=").decode()
    return get_signer(f"assessments.{purpose}").sign(name)


def read(purpose: Purpose, token: str) -> uuid.UUID | None:
    """The response's id, or None when the token is damaged, forged or made for another purpose."""
    try:
        name = get_signer(f"assessments.{purpose}").unsign(token)
        return uuid.UUID(bytes=base64.urlsafe_b64decode(name + "=="))
    except (BadSignature, ValueError):
        return None
