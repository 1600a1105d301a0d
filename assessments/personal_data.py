"""All that is kept of one person, in all apps: to read, or to erase.

Every app registers what it keeps in `ready`. A test fails for a column that nobody has spoken for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from assessments import erasures, profiles, subjects
from assessments.archives import build_head, build_schema, make_plain, pack
from assessments.erasures import Entry as Receipt
from assessments.erasures import count_old as count_erasures
from assessments.erasures import forget as forget_erasures
from assessments.erasures import get_old as get_erasures
from assessments.erasures import get_receipt
from assessments.field_map import (
    Field,
    Forgetting,
    Holder,
    Kind,
    Purpose,
    Retention,
    Rows,
    Section,
    describe,
    get_fields,
    get_holders,
    get_signs,
    read_rows,
    register,
)
from assessments.models import Respondent
from assessments.signals import respondent_erased
from assessments.subjects import get_subject_key, is_key_right

__all__ = [
    "Field",
    "Forgetting",
    "Holder",
    "Kind",
    "Purpose",
    "Receipt",
    "Replayed",
    "Retention",
    "Rows",
    "Section",
    "build_archive",
    "build_schema",
    "count_erasures",
    "describe",
    "erase",
    "export",
    "find",
    "forget_erasures",
    "get_erasures",
    "get_fields",
    "get_holders",
    "get_language",
    "get_receipt",
    "get_signs",
    "get_subject_key",
    "is_key_right",
    "read_rows",
    "register",
    "rekey",
    "replay",
]

TURN = 7_071_003  # any number that no other advisory locks use


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What an old database was told: erasures it did not know, and people erased once more."""

    unknown: int
    erased: int


def find(*, email: str) -> int | None:
    """The person with this address, however it is written."""
    try:
        people = Respondent.objects.filter(email=profiles.normalise_email(email))
    except UnicodeError:  # a domain that cannot be one
        return None
    return people.values_list("pk", flat=True).first()


def get_language(*, respondent_id: int) -> str:
    people = Respondent.objects.filter(pk=respondent_id)
    return people.values_list("language", flat=True).first() or settings.LANGUAGE_CODE


def export(*, respondent_id: int) -> dict[str, Any]:
    """All that is kept about a person, as plain JSON values: section -> rows. Without rows for
    somebody unknown. Texts are in the active language.
    """
    sections: dict[str, Any] = build_head()
    for holder in get_holders():
        sections |= holder.export(respondent_id=respondent_id)
    plain: dict[str, Any] = make_plain(sections)
    return plain


def build_archive(*, respondent_id: int) -> bytes:
    """The same as a zip file: JSON, its schema, a CSV file per section, and what they are."""
    return pack(export(respondent_id=respondent_id))


@transaction.atomic
def erase(*, respondent_id: int, now: datetime) -> Receipt | None:
    """Erase the person from all apps, all of it or nothing. None for somebody who is not here."""
    email = _take_turn(respondent_id)
    if email is None:
        return None
    # A backup, or whoever writes by hand, may know the person by an address of earlier; unless
    # it is somebody else's by now.
    left = sorted(each for each in _get_addresses(respondent_id) if find(email=each) is None)
    earlier = [get_subject_key(each) for each in left]
    for key in earlier:
        erasures.add(subject_key=key, now=now)
    _suppress(earlier, now)
    receipt = erasures.add(subject_key=get_subject_key(email), now=now)
    _erase_everywhere(respondent_id, now)
    return receipt


def replay(*, now: datetime) -> Replayed:
    """After an old backup was restored: erase once more whom the ledger knows. Safe to repeat.

    Whoever came back after the erasure stays.
    """
    unknown = {entry.subject_key for entry in erasures.get_unknown()}
    newest = erasures.get_newest()
    present, erased = set(), 0
    people = Respondent.objects.order_by("pk").values_list("pk", "email", "created_at")
    for pk, email, created_at in people.iterator():
        key = get_subject_key(email)
        present.add(key)
        if key in newest and created_at <= newest[key]:
            erased += _erase_again(pk, now)
    _suppress(unknown - present, now)
    erasures.write_rows()
    erasures.write_lines()
    return Replayed(unknown=len(unknown), erased=erased)


@transaction.atomic
def rekey(*, now: datetime) -> bool:
    """Hash every kept hash with the ADDRESS_KEYs that are newer than it; the file of erasures
    too. False when there was none in this database. ValueError when it knows none of the keys.
    """
    tables = {each.model for each in get_fields() if each.column == "subject_key"}
    is_done = subjects.rekey(tables, now=now)
    erasures.rekey()
    return is_done


def _take_turn(respondent_id: int) -> str | None:
    """The person's address; nobody else erases the same person until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [TURN, respondent_id])
    return Respondent.objects.filter(pk=respondent_id).values_list("email", flat=True).first()


def _get_addresses(respondent_id: int) -> set[str]:
    own = [each.get_addresses for each in get_holders() if each.get_addresses]
    return set().union(*(get(respondent_id=respondent_id) for get in own))


def _suppress(subject_keys: Collection[str], now: datetime) -> None:
    for suppress in [each.suppress for each in get_holders() if each.suppress]:
        for key in subject_keys:
            suppress(subject_key=key, now=now)


@transaction.atomic
def _erase_again(respondent_id: int, now: datetime) -> bool:
    is_here = _take_turn(respondent_id) is not None
    if is_here:
        _erase_everywhere(respondent_id, now)
    return is_here


def _erase_everywhere(respondent_id: int, now: datetime) -> None:
    # The apps first, which know in what order their rows are locked elsewhere.
    for holder in get_holders():
        holder.erase(respondent_id=respondent_id, now=now)
    # From here on nothing new can hang on the person; what came meanwhile goes with it.
    Respondent.objects.select_for_update().get(pk=respondent_id).delete()
    transaction.on_commit(
        partial(respondent_erased.send_robust, sender=None, respondent_id=respondent_id)
    )
