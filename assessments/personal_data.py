"""What is kept about people, in all apps: each column with its kind, purpose and time; and all of
one person, to read or to erase.

Every app registers its own in `ready`. A test fails for a column that nobody has spoken for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.models import Respondent
from assessments.signals import respondent_erased

FORMAT = "pmoportal.person/1"
TURN = 7_071_003  # any number that no other advisory locks use

Rows = list[dict[str, Any]]
Model = type[models.Model]


class Kind(models.TextChoices):
    """What sort of knowledge about a person it is."""

    CONTACT = "contact", _("contact details")
    ANSWERS = "answers", _("answers and results")
    GROUP = "group", _("invitations and comparison with colleagues")
    CONSENT = "consent", _("consents")
    ORIGIN = "origin", _("IP address and page of a request")
    MAIL = "mail", _("mails sent, and what became of them")
    BEHAVIOUR = "behaviour", _("clicks and replies")
    SALES = "sales", _("place on the consultants' list, and their notes")
    FINGERPRINT = "fingerprint", _("keyed hash of the address")
    STAFF = "staff", _("which colleague did something")


class Purpose(models.TextChoices):
    TEST = "test", _("to show the result of the test")
    TIPS = "tips", _("to send tips by mail")
    CONTACT = "contact", _("to let a consultant get in touch")
    TRACKING = "tracking", _("to measure clicks")
    COMPARISON = "comparison", _("to compare with colleagues")
    EVIDENCE = "evidence", _("to be able to show what was consented to")
    PROTECTION = "protection", _("to protect the service against misuse")
    DO_NOT_CONTACT = "do_not_contact", _("to remember not to write again")
    ADMINISTRATION = "administration", _("to know who changed what")


class Retention(models.TextChoices):
    """How long; the lengths themselves are settings."""

    TEST = "test", _("a test without an address: until its time is over; else as the person")
    PERSON = "person", _("until erased, or long without a sign of life")
    CONTENTS = "contents", _("contents of mail, until its time is over")
    REPORTS = "reports", _("raw reports and clicks, until their time is over")
    IP = "ip", _("shortened after some days")
    EVIDENCE = "evidence", _("as long as evidence may be needed, also after erasure")
    STANDING = "standing", _("as long as the address must not be written to")
    GROUP = "group", _("as long as anybody of the group is left")
    STAFF = "staff", _("as long as what the colleague did is there")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column that holds something about a person."""

    model: Model
    column: str
    kind: Kind
    purpose: Purpose
    retention: Retention


class Export(Protocol):
    def __call__(self, *, respondent_id: int) -> dict[str, Rows]:
        """Section -> rows of plain values."""


class Erase(Protocol):
    def __call__(self, *, respondent_id: int, now: datetime) -> None:
        """Within the caller's transaction."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    app: str
    fields: tuple[Field, ...]
    impersonal: Mapping[Model, Sequence[str]]
    export: Export
    erase: Erase


_holders: dict[str, Holder] = {}


def register(
    *,
    app: str,
    fields: Iterable[Field],
    export: Export,
    erase: Erase,
    impersonal: Mapping[Model, Sequence[str]] | None = None,
) -> None:
    """Speak for all columns of an app: what is about people, and what is `impersonal`.

    What hangs on the person's row by a cascade need not be erased by `erase`.
    """
    _holders[app] = Holder(
        app=app, fields=tuple(fields), impersonal=impersonal or {}, export=export, erase=erase
    )


def describe(
    model: Model, columns: str, *, kind: Kind, purpose: Purpose, retention: Retention
) -> list[Field]:
    """Several columns (with spaces between) of one sort."""
    build = partial(Field, model=model, kind=kind, purpose=purpose, retention=retention)
    return [build(column=column) for column in columns.split()]


def get_holders() -> tuple[Holder, ...]:
    return tuple(_holders.values())


def get_fields() -> tuple[Field, ...]:
    return tuple(field for holder in get_holders() for field in holder.fields)


def read_rows(rows: QuerySet[Any]) -> Rows:
    """Every registered column of these rows, so that an export is as complete as the map."""
    columns = [field.column for field in get_fields() if field.model is rows.model]
    return list(rows.values(*columns))


def find(*, email: str) -> int | None:
    """The person with this address, however it is written."""
    people = Respondent.objects.filter(email__iexact=email.strip())
    return people.values_list("pk", flat=True).first()


def export(*, respondent_id: int) -> dict[str, Any]:
    """All that is kept about a person: section -> rows. Without rows for somebody unknown."""
    sections: dict[str, Any] = {"format": FORMAT}
    for holder in get_holders():
        sections |= holder.export(respondent_id=respondent_id)
    return sections


@transaction.atomic
def erase(*, respondent_id: int, now: datetime) -> None:
    """Erase the person from all apps, all of it or nothing. Safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [TURN, respondent_id])
    if not Respondent.objects.filter(pk=respondent_id).exists():
        return
    # The apps first, which know in what order their rows are locked elsewhere.
    for holder in get_holders():
        holder.erase(respondent_id=respondent_id, now=now)
    # From here on nothing new can hang on the person; what came meanwhile goes with it.
    Respondent.objects.select_for_update().get(pk=respondent_id).delete()
    transaction.on_commit(
        partial(respondent_erased.send_robust, sender=None, respondent_id=respondent_id)
    )
