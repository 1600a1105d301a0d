"""Each column that holds something about a person: what sort, what for, how long. And who in each
app can read and erase what is in them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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
    ERASURE = "erasure", _("receipt of an erasure, with the keyed hash")
    REQUEST = "request", _("what a person asked of us by law, and how it ended")
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
    RIGHTS = "rights", _("to answer requests about one's own data, and to show that we did")
    ADMINISTRATION = "administration", _("to know who changed what")


class Retention(models.TextChoices):
    """How long; the lengths themselves are settings."""

    TEST = "test", _("a test without an address: until its time is over; else as the person")
    UNCONFIRMED = "unconfirmed", _("an address that was never confirmed: some days")
    PERSON = "person", _("until erased, or long without a sign of life")
    CONTENTS = "contents", _("contents of mail, until its time is over")
    REPORTS = "reports", _("raw reports and clicks, until their time is over")
    IP = "ip", _("shortened after some days")
    EVIDENCE = "evidence", _("as long as evidence may be needed, also after erasure")
    REQUESTS = "requests", _("as long as it may have to be shown how a request was answered")
    STANDING = "standing", _("as long as the address must not be written to")
    GROUP = "group", _("as long as anybody of the group is left")
    LOGS = "logs", _("as long as logs are kept")
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


class Suppress(Protocol):
    def __call__(self, *, subject_key: str, now: datetime) -> None:
        """Nobody is to be written to by this hash."""


class GetSigns(Protocol):
    def __call__(self, *, respondent_ids: Collection[int]) -> Mapping[int, datetime]:
        """When each of them last gave a sign of life; those who never did are left out."""


class GetAddresses(Protocol):
    def __call__(self, *, respondent_id: int) -> set[str]:
        """Addresses that the person is or was known by."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of an export: all registered columns of `model`, and `extra` ones with their JSON
    type.
    """

    model: Model | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """One sort of rows that time runs out for. `count` says how many are past it at a moment;
    `forget` takes a batch of them away, and returns how many.
    """

    name: str
    retention: Retention
    count: Callable[[datetime], int]
    forget: Callable[[datetime, int], int]


@dataclass(frozen=True, kw_only=True)
class Holder:
    app: str
    fields: tuple[Field, ...]
    export: Export
    erase: Erase
    impersonal: Mapping[Model, Sequence[str]] = field(default_factory=dict)
    sections: Mapping[str, Section] = field(default_factory=dict)
    suppress: Suppress | None = None
    get_signs: GetSigns | None = None
    get_addresses: GetAddresses | None = None
    forgettings: Sequence[Forgetting] = ()


_holders: dict[str, Holder] = {}


def register(
    *, app: str, fields: Iterable[Field], export: Export, erase: Erase, **more: Any
) -> None:
    """Speak for all columns of an app. `more` is what else a Holder may have: columns that are
    never about anybody (`impersonal`), what its export looks like (`sections`), how to keep a
    hash from being written to (`suppress`), what shows that a person is there (`get_signs`),
    what else the person is known by (`get_addresses`), and what is forgotten by itself
    (`forgettings`).

    What hangs on the person's row by a cascade need not be erased by `erase`.
    """
    _holders[app] = Holder(app=app, fields=tuple(fields), export=export, erase=erase, **more)


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


def get_signs(*, respondent_ids: Collection[int]) -> dict[int, datetime]:
    """When each of them last gave a sign of life, in any app."""
    newest: dict[int, datetime] = {}
    for holder in get_holders():
        signs = holder.get_signs(respondent_ids=respondent_ids) if holder.get_signs else {}
        for person, at in signs.items():
            newest[person] = max(at, newest.get(person, at))
    return newest


def read_rows(rows: QuerySet[Any]) -> Rows:
    """Every registered column of these rows, so that an export is as complete as the map."""
    columns = [field.column for field in get_fields() if field.model is rows.model]
    return list(rows.values(*columns))
