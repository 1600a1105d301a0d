"""The keyed hash by which an address is known without it, and a new key for it.

A hash cannot be made again with another key once the address is gone. So a new key hashes the
old hash: each key in turn, the oldest first, and whoever has only the earlier ones has nothing.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from assessments.field_map import Model
from assessments.models import AddressKey

SALT = "campaigns.subject"
# HMAC-SHA-256 as RFC 2104 has it, of the hash that is there; the two pads hold the new key.
REKEY = """
    UPDATE {} SET subject_key = encode(
        sha256(%s::bytea || sha256(%s::bytea || convert_to(subject_key, 'UTF8'))), 'hex'
    )
"""
BLOCK = 64
MARK = 12


def get_subject_key(email: str) -> str:
    """The keyed hash (HMAC-SHA-256, 64 hex digits) by which an address is known without it."""
    return _hash(email.lower(), _get_keys())


def is_key_right() -> bool:
    """Whether the hashes that are kept were made with the keys that are set."""
    return not _get_old_mark()


def get_mark() -> str:
    """Names the keys that are set, and tells nothing of them."""
    return get_subject_key("")[:MARK]


@transaction.atomic
def rekey(models: Iterable[Model], *, now: datetime) -> bool:
    """Hash what is there with every key that is newer than it, in each table of `models`.

    False when there is none. ValueError when the hashes are of keys that are not set.
    """
    old = _get_old_mark()
    with connection.cursor() as cursor:
        # The trigger that keeps history as it is knows this word.
        cursor.execute("SET LOCAL pmo.purge = 'on'")
        for model in models if old else ():
            for key in get_keys_after(old):
                table = model._meta.db_table  # noqa: SLF001  # Django's own way to a name
                cursor.execute(REKEY.format(table), _get_pads(key))
        cursor.execute("SET LOCAL pmo.purge = 'off'")
    note_key(now=now)
    return bool(old)


def note_key(*, now: datetime) -> None:
    """From now on the hashes are known to be made with the keys that are set."""
    AddressKey.objects.all().delete()
    AddressKey.objects.create(mark=get_mark(), since=now)


def rekey_hash(subject_key: str, mark: str) -> str:
    """The hash as the keys now set make it, from one of the keys that `mark` names."""
    return _hash(subject_key, get_keys_after(mark))


def get_keys_after(mark: str) -> tuple[str, ...]:
    """The keys newer than those that `mark` names. ValueError when these are none of ours."""
    keys = _get_keys()
    for count in range(len(keys) + 1):
        if _hash("", keys[:count])[:MARK] == mark:
            return keys[count:]
    raise ValueError("the hashes were made with other keys")


def _get_old_mark() -> str:
    """The mark of the hashes in this database, if it is not that of the keys now set."""
    known = AddressKey.objects.values_list("mark", flat=True).first()
    return known if known and known != get_mark() else ""


def _get_keys() -> tuple[str, ...]:
    return (*settings.ADDRESS_KEY_EARLIER, settings.ADDRESS_KEY)


def _hash(text: str, keys: Iterable[str]) -> str:
    for key in keys:
        text = salted_hmac(SALT, text, secret=key, algorithm="sha256").hexdigest()
    return text


def _get_pads(key: str) -> tuple[bytes, bytes]:
    """The outer and the inner; the key is derived as Django does."""
    derived = hashlib.sha256(SALT.encode() + key.encode()).digest().ljust(BLOCK, b"\0")
    return bytes(each ^ 0x5C for each in derived), bytes(each ^ 0x36 for each in derived)
