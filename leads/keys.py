"""Keys to the API: made, shown once, known again by their hash, and revoked."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from leads.models import Token

START = "pmo_"
SHOWN = len(START) + 6
# A key that is used all the time is noted as used once a minute.
NOTE_USE_EVERY = timedelta(minutes=1)


def make(*, token: Token, by: int | None, now: datetime) -> str:
    """Save the token and return its key, which nobody can find out again."""
    key = START + secrets.token_urlsafe(32)
    token.prefix, token.digest = key[:SHOWN], get_digest(key)
    token.created_at, token.created_by_id = now, by
    token.save()
    return key


def find(*, key: str, now: datetime) -> Token | None:
    """The token this is the key of, while it is valid."""
    valid = Q(expires_at=None) | Q(expires_at__gt=now)
    return Token.objects.filter(valid, digest=get_digest(key), revoked_at=None).first()


def note_use(*, token: Token, now: datetime) -> None:
    if token.used_at is None or now - token.used_at >= NOTE_USE_EVERY:
        Token.objects.filter(pk=token.pk).update(used_at=now)


def revoke(*, token_ids: Collection[int], now: datetime) -> int:
    return Token.objects.filter(pk__in=token_ids, revoked_at=None).update(revoked_at=now)


def get_digest(key: str) -> str:
    """A plain hash is enough: a key is random and long."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
