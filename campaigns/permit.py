"""Mail leaves only with a live permit, bound to this database and to this host.

A restored backup, a clone and a copy for tests hold the rows of the original and would send its
mail again. What they lack is the file that a permit leaves on its host: it names the permit, and
keeps how many batches have left. A database that knows of fewer is older than its own mail.
"""

import fcntl
import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.models import Permit

# The database as no copy is it: the cluster's number and the database's own.
DATABASE = """
    SELECT (SELECT system_identifier FROM pg_control_system()) || ':' || oid
    FROM pg_database WHERE datname = current_database()
"""
TAKE = f"""
    UPDATE campaigns_permit SET mark = mark + 1
    WHERE token = %(token)s AND host = %(host)s AND mark >= %(mark)s AND revoked_at IS NULL
        AND database = ({DATABASE})
    RETURNING mark
"""  # noqa: S608  # both are constants


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether mail may leave from here. An empty `reason` is a yes; `permit` is what was found."""

    reason: str
    permit: Permit | None = None

    @property
    def is_live(self) -> bool:
        return not self.reason


@dataclass(frozen=True, kw_only=True)
class Note:
    """What the host remembers: its permit, and the number of the last batch."""

    token: uuid.UUID
    mark: int


def get_standing() -> Standing:
    """Why no mail may leave: `no_permit` (nobody ever granted one), `other_host`,
    `other_database`, `revoked`, `restored` (the database is older than what has left from here).
    """
    note = _read_note()
    permit = Permit.objects.filter(token=note.token).first() if note else None
    if note is None or permit is None:
        return Standing(reason="other_host" if Permit.objects.exists() else "no_permit")
    reason = ""
    if permit.host != get_host():
        reason = "other_host"
    elif permit.database != get_database():
        reason = "other_database"
    elif permit.revoked_at is not None:
        reason = "revoked"
    elif permit.mark < note.mark:
        reason = "restored"
    return Standing(reason=reason, permit=permit)


def take() -> Note | None:
    """Count one more batch, in the caller's transaction; None without a live permit.

    `remember` the note before anything leaves.
    """
    note = _read_note()
    if note is None:
        return None
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"token": note.token, "host": get_host(), "mark": note.mark}
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    return Note(token=note.token, mark=row[0]) if row else None


def remember(note: Note) -> None:
    """Keep the number of a batch on the host, if it is the highest so far."""
    with _alone():
        known = _read_note()
        if known is not None and known.token == note.token and known.mark < note.mark:
            _write_note(note)


def grant(*, by: str, now: datetime) -> Permit:
    """A new permit for this host and this database; the one this host had ends."""
    revoke(now=now)
    permit = Permit.objects.create(
        host=get_host(), database=get_database(), granted_at=now, granted_by=by
    )
    with _alone():
        _write_note(Note(token=permit.token, mark=0))
    return permit


def revoke(*, now: datetime, everywhere: bool = False) -> int:
    """End the permits of this host, or of every host. How many there were."""
    live = Permit.objects.filter(revoked_at=None)
    return (live if everywhere else live.filter(host=get_host())).update(revoked_at=now)


def grant_to_demonstration(*, now: datetime) -> None:
    """What nobody has to be asked for: mail that only reaches our own catcher, and the first mail
    of a database that never had a permit. Never in production.
    """
    is_harmless = settings.EMBEDDED.catcher or not Permit.objects.exists()
    if not settings.PRODUCTION and is_harmless and not get_standing().is_live:
        grant(by="demonstration", now=now)


def get_host() -> str:
    """This host, and the folder that belongs to this installation: a copied folder is a clone."""
    return f"{socket.gethostname()}:{settings.PERMIT_FILE.parent}"


def get_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(DATABASE)
        return str(cursor.fetchone()[0])


def _read_note() -> Note | None:
    """None when there is none, or none that can be read."""
    try:
        values: dict[str, Any] = json.loads(settings.PERMIT_FILE.read_text(encoding="utf-8"))
        return Note(token=uuid.UUID(values["token"]), mark=int(values["mark"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


@contextmanager
def _alone() -> Iterator[None]:
    """Two workers may both have a number to keep."""
    path: Path = settings.PERMIT_FILE.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_note(note: Note) -> None:
    path: Path = settings.PERMIT_FILE
    unfinished = path.with_suffix(".part")
    text = json.dumps({"token": str(note.token), "mark": note.mark})
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
