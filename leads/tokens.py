"""The secret address of a calendar: signed, and not stored."""

import uuid

from django.core.signing import BadSignature, Signer

_signer = Signer(salt="leads.calendar", sep=".")


def make(key: uuid.UUID) -> str:
    return _signer.sign(key.hex)


def read(token: str) -> uuid.UUID | None:
    """The calendar's key; None for what is not one of ours."""
    try:
        return uuid.UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
