"""A hook's secrets are made from SECRET_KEY and what its row holds; a copy of the database does
not give them away.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.crypto import salted_hmac

from leads.hooks import signing
from leads.models import Hook

# How long the secret before still signs too, so that a receiver can be changed at leisure.
OVERLAP = timedelta(hours=24)


def get_keys(*, hook: Hook, now: datetime) -> list[bytes]:
    """The keys that sign now, newest first: those of an earlier SECRET_KEY as well."""
    generations = [hook.generation]
    if hook.renewed_at and now < hook.renewed_at + OVERLAP:
        generations.append(hook.generation - 1)
    masters = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_make(hook, number, master) for number in generations for master in masters]


def get_secret(*, hook: Hook) -> str:
    """What the receiver is given."""
    return signing.write_secret(_make(hook, hook.generation, settings.SECRET_KEY))


def renew(*, hook: Hook, now: datetime) -> Hook:
    """A new secret; the one before signs too for a day."""
    Hook.objects.filter(pk=hook.pk).update(generation=F("generation") + 1, renewed_at=now)
    hook.refresh_from_db()
    return hook


def _make(hook: Hook, generation: int, master: str) -> bytes:
    made = salted_hmac(
        "leads.hook", f"{hook.key.hex}:{generation}", secret=master, algorithm="sha256"
    )
    return bytes(made.digest())
