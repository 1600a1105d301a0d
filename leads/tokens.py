"""The secret address of a calendar: signed, and not stored."""

import uuid

from django.core.signing import BadSignature

from pmoportal.signers import get_signer

SALT = "leads.calendar"


def make(key: uuid.UUID) -> str:
    return get_signer(SALT).sign(key.hex)


def read(token: str) -> uuid.UUID | None:
    """The calendar's key; None for what is not one of ours."""
    try:
        return uuid.UUID(get_signer(SALT).unsign(token))
    except (BadSignature, ValueError):
        return None
