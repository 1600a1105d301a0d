"""Django's signatures, with the key for a purpose derived once: a mail carries many of them, and
deriving a key takes longer than signing.
"""

import hmac
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.utils.encoding import force_bytes


class Signer(signing.Signer):
    """Makes and reads exactly what Django's own does."""

    def signature(self, value: bytes | str, key: bytes | str | None = None) -> str:
        derived = _derive_key(self.salt, key or self.key)
        return signing.b64_encode(hmac.digest(derived, force_bytes(value), "sha256")).decode()


def get_signer(salt: str) -> Signer:
    """For one purpose, with the keys of this moment."""
    return _make(salt, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache
def _make(salt: str, key: str, fallback_keys: tuple[str, ...]) -> Signer:
    return Signer(salt=salt, sep=".", key=key, fallback_keys=list(fallback_keys))


@lru_cache
def _derive_key(salt: str, key: bytes | str) -> bytes:
    """As django.utils.crypto.salted_hmac does."""
    return sha256(force_bytes(salt + "signer") + force_bytes(key)).digest()
