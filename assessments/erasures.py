"""The ledger of erasures: rows, and a file beside the database that an old backup cannot undo.

Who was erased is known by the keyed hash of the address only.
"""

import csv
import fcntl
import logging
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from assessments import subjects
from assessments.models import Erasure

logger = logging.getLogger(__name__)

# Without those that are mistaken for others when read aloud.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One erasure. `receipt` is what the person was given."""

    receipt: str
    subject_key: str
    erased_at: datetime


def add(*, subject_key: str, now: datetime) -> Entry:
    """Write down an erasure that the caller's transaction makes. The file comes first: should
    the transaction fail, somebody who asked for it is erased a little later than thought.
    """
    entry = Entry(receipt=_make_receipt(), subject_key=subject_key, erased_at=now)
    Erasure.objects.create(**vars(entry))
    try:
        _append([entry])
    except OSError:
        # The row is there, and `write_lines` comes by every hour.
        logger.exception("the file of erasures could not be written")
    return entry


def get_entries() -> dict[str, Entry]:
    """Receipt -> entry, from the rows and the file."""
    rows = Erasure.objects.values("receipt", "subject_key", "erased_at")
    known = {row["receipt"]: Entry(**row) for row in rows}
    return {entry.receipt: entry for entry in _read()} | known


def get_receipt(*, subject_key: str, at: datetime) -> str:
    """What was given for the erasure of this moment, or for the newest one before; empty when
    there was none.
    """
    rows = Erasure.objects.filter(erased_at=at, subject_key=subject_key)
    if receipt := rows.values_list("receipt", flat=True).first():
        return receipt
    theirs = [each for each in get_entries().values() if each.subject_key == subject_key]
    return max(theirs, key=lambda entry: entry.erased_at).receipt if theirs else ""


def get_unknown() -> list[Entry]:
    """What the file knows and this database does not, because it is older."""
    rows = set(Erasure.objects.values_list("receipt", flat=True))
    return [entry for entry in _read() if entry.receipt not in rows]


def get_newest() -> dict[str, datetime]:
    """Subject key -> when the person was erased last."""
    entries = sorted(get_entries().values(), key=lambda entry: entry.erased_at)
    return {entry.subject_key: entry.erased_at for entry in entries}


def write_rows() -> None:
    """Make rows of what only the file knows."""
    Erasure.objects.bulk_create(
        [Erasure(**vars(entry)) for entry in get_unknown()], ignore_conflicts=True
    )


def write_lines() -> None:
    """Make lines of what only the rows know."""
    lines = {entry.receipt for entry in _read()}
    unwritten = [entry for entry in get_entries().values() if entry.receipt not in lines]
    if unwritten:
        _append(unwritten)


def count_old(*, before: datetime) -> int:
    return Erasure.objects.filter(erased_at__lt=before).count()


def get_old(*, before: datetime, limit: int) -> list[Entry]:
    """The oldest first."""
    old = Erasure.objects.filter(erased_at__lt=before).order_by("erased_at")
    return [Entry(**row) for row in old.values("receipt", "subject_key", "erased_at")[:limit]]


def forget(entries: Collection[Entry]) -> None:
    """Drop them from both places; the file last, so that it never knows less than the rows."""
    gone = {entry.receipt for entry in entries}
    Erasure.objects.filter(pk__in=gone).delete()
    transaction.on_commit(partial(_drop_lines, gone))


def rekey() -> None:
    """Hash what older keys have hashed in the file with the newer ones too."""
    with _alone():
        lines = list(_read_lines())
        if any(mark != subjects.get_mark() for _, mark in lines):
            _replace([_rekey(entry, mark) for entry, mark in lines])


def _rekey(entry: Entry, mark: str) -> Entry:
    return replace(entry, subject_key=subjects.rekey_hash(entry.subject_key, mark))


def _drop_lines(receipts: Collection[str]) -> None:
    try:
        with _alone():
            _replace([entry for entry in _read() if entry.receipt not in receipts])
    except OSError:
        logger.exception("old erasures could not be taken out of their file")


def _replace(entries: Iterable[Entry]) -> None:
    unfinished = settings.ERASURES_FILE.with_suffix(".part")
    _write(unfinished, entries, mode="w")
    unfinished.replace(settings.ERASURES_FILE)


def _make_receipt() -> str:
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def _read() -> Iterator[Entry]:
    for entry, _ in _read_lines():
        yield entry


def _read_lines() -> Iterator[tuple[Entry, str]]:
    """With the mark of the keys that made the hash. Whole lines only: the last may have been cut
    by a crash.
    """
    try:
        text = settings.ERASURES_FILE.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for row in csv.reader(text.splitlines()):
        try:
            erased_at, receipt, subject_key, mark = row
            at = datetime.fromisoformat(erased_at)
        except ValueError:
            continue
        if len(mark) == subjects.MARK:
            yield Entry(receipt=receipt, subject_key=subject_key, erased_at=at), mark


def _append(entries: Iterable[Entry]) -> None:
    with _alone():
        _write(settings.ERASURES_FILE, entries, mode="a")


def _write(path: Path, entries: Iterable[Entry], *, mode: str) -> None:
    with path.open(mode, encoding="utf-8", newline="") as file:
        if mode == "a" and file.tell() and not path.read_bytes().endswith(b"\n"):
            file.write("\n")
        writer = csv.writer(file, lineterminator="\n")
        for entry in entries:
            at = entry.erased_at.astimezone(UTC).isoformat()
            writer.writerow([at, entry.receipt, entry.subject_key, subjects.get_mark()])
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone() -> Iterator[None]:
    path: Path = settings.ERASURES_FILE.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
