"""Dated facts that one person's own acts left behind, for whoever values them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from django.db.models import F, Max, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Greatest

from campaigns.models import (
    ClickCount,
    Consent,
    ConsentOrigin,
    Enrolment,
    Preference,
    Purpose,
    Reply,
    TipAnswer,
)

Kind = Literal[
    "confirmed",
    "contact_allowed",
    "asked_again",
    "sequence_completed",
    "replied",
    "answered",
    "clicked",
]


@dataclass(frozen=True, kw_only=True)
class Fact:
    kind: Kind
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a person allows now, and what they have done. Newest fact last.

    `may_score` is false for somebody who has taken back everything they ever agreed to.
    `changed_at` is when any of this last changed.
    """

    response_id: UUID
    may_contact: bool
    may_score: bool
    facts: tuple[Fact, ...]
    changed_at: datetime


Dated = Iterator[tuple[int, Kind, datetime | None]]


# Not whole rows: of a hundred thousand people these are read at once.
class _Origin(NamedTuple):
    respondent_id: int
    response_id: UUID
    confirmed_at: datetime


class _Consent(NamedTuple):
    respondent_id: int
    purpose: str
    state: str
    confirmed_at: datetime | None
    withdrawn_at: datetime | None


def get_standing(*, respondent_id: int) -> Standing | None:
    """None for a person who never confirmed an address, or objected. A click is a fact when a
    person did it, once for each mail, and only while they allow that clicks are measured.
    """
    return get_standings(respondent_ids=[respondent_id]).get(respondent_id)


def get_standings(*, respondent_ids: Collection[int]) -> dict[int, Standing]:
    """The same for many at once, in as many queries as for one."""
    origins: dict[int, list[_Origin]] = {}
    confirmed = ConsentOrigin.objects.filter(
        respondent_id__in=_among(respondent_ids), confirmed_at__isnull=False
    ).order_by("confirmed_at", "pk")
    for origin in map(_Origin._make, confirmed.values_list(*_Origin._fields)):
        origins.setdefault(origin.respondent_id, []).append(origin)
    consents: dict[int, list[_Consent]] = {}
    given = Consent.objects.filter(respondent_id__in=_among(origins))
    for consent in map(_Consent._make, given.values_list(*_Consent._fields)):
        consents.setdefault(consent.respondent_id, []).append(consent)
    for person in _get_objectors(consents):
        del origins[person]
        del consents[person]
    facts: dict[int, list[Fact]] = {}
    for person, kind, at in _get_dated(origins, consents):
        if at is not None:
            facts.setdefault(person, []).append(Fact(kind=kind, at=at))
    return {
        person: _build(origins[person], consents.get(person, []), facts[person])
        for person in origins
    }


def _among(people: Collection[int]) -> RawSQL:
    """One value, however many they are: to write out and read thousands of parameters takes longer
    than to find the rows.
    """
    return RawSQL("SELECT unnest(%s::bigint[])", [list(people)])


def _get_objectors(consents: dict[int, list[_Consent]]) -> list[int]:
    """Who objected to all of it, and has said yes to nothing since: nothing is known of them."""
    objected = Preference.objects.filter(respondent__in=_among(consents), objected_at__isnull=False)
    return [
        person
        for person, at in objected.values_list("respondent_id", "objected_at")
        if at
        and not any(
            _is_confirmed(each) and each.confirmed_at and each.confirmed_at > at
            for each in consents[person]
        )
    ]


def _get_dated(origins: dict[int, list[_Origin]], consents: dict[int, list[_Consent]]) -> Dated:
    """Every kind of fact about these people, in no order. A new kind has its lines here."""
    for person, asked in origins.items():
        yield person, "confirmed", asked[0].confirmed_at
        for again in asked[1:]:
            yield person, "asked_again", again.confirmed_at
    for person, given in consents.items():
        for consent in given:
            if _is_confirmed(consent) and consent.purpose == Purpose.CONTACT:
                yield person, "contact_allowed", consent.confirmed_at
    finished = Enrolment.objects.filter(
        respondent_id__in=_among(origins), state=Enrolment.State.FINISHED
    )
    for person, at in finished.values_list("respondent_id", "ended_at"):
        yield person, "sequence_completed", at
    written = Reply.objects.filter(respondent_id__in=_among(origins), verdict=Reply.Verdict.HUMAN)
    for person, at in written.values_list("respondent_id", "received_at"):
        yield person, "replied", at
    # One fact per tip, however often its page was answered; one click per mail.
    answers = TipAnswer.objects.filter(respondent_id__in=_among(origins)).values(
        "respondent", "message"
    )
    for person, _message, at in answers.annotate(at=Max("answered_at")).values_list(
        "respondent", "message", "at"
    ):
        yield person, "answered", at
    measured = [
        person
        for person, given in consents.items()
        if any(_is_confirmed(each) and each.purpose == Purpose.TRACKING for each in given)
    ]
    clicked = ClickCount.objects.filter(message__respondent__in=_among(measured), human__gt=0)
    for person, at in clicked.values_list("message__respondent", "clicked_at"):
        yield person, "clicked", at


def _build(origins: list[_Origin], consents: list[_Consent], facts: list[Fact]) -> Standing:
    confirmed = [each.purpose for each in consents if _is_confirmed(each)]
    changes = [at for each in consents for at in (each.confirmed_at, each.withdrawn_at) if at]
    return Standing(
        response_id=origins[-1].response_id,
        may_contact=Purpose.CONTACT in confirmed,
        may_score=bool(confirmed),
        facts=tuple(sorted(facts, key=lambda fact: (fact.at, fact.kind))),
        changed_at=max([*changes, *(fact.at for fact in facts)]),
    )


def _is_confirmed(consent: _Consent) -> bool:
    return consent.state == Consent.State.CONFIRMED


def get_people_since(*, at: datetime, limit: int) -> dict[int, datetime]:
    """Respondent id -> when they last gave or took back a consent, wrote, answered or clicked, for
    what came after `at`; the newest.
    """
    people = _get_consenting_since(at, limit)
    written = Reply.objects.filter(received_at__gt=at, respondent__isnull=False)
    answered = TipAnswer.objects.filter(answered_at__gt=at)
    clicked = ClickCount.objects.filter(clicked_at__gt=at)
    for rows, person_column, column in (
        (written, "respondent_id", "received_at"),
        (answered, "respondent_id", "answered_at"),
        (clicked, "message__respondent", "clicked_at"),
    ):
        newest = rows.order_by(f"-{column}").values_list(person_column, column)[:limit]
        for person, moment in newest:
            people[person] = max(moment, people.get(person, moment))
    newest_first = sorted(people.items(), key=lambda each: each[1], reverse=True)
    return dict(newest_first[:limit])


def _get_consenting_since(at: datetime, limit: int) -> dict[int, datetime]:
    changed = (
        Consent.objects.filter(Q(confirmed_at__gt=at) | Q(withdrawn_at__gt=at))
        .values("respondent_id")
        .annotate(changed_at=Max(Greatest("confirmed_at", "withdrawn_at")))
        .order_by("-changed_at")
    )
    return dict(changed.values_list("respondent_id", "changed_at")[:limit])


def get_signs(*, respondent_ids: Collection[int]) -> dict[int, datetime]:
    """When each of them last did something about mail: asked, said yes or no, chose how
    often, wrote, answered, had the last one.

    Mail that merely came is no sign of life; a sequence that came to its end was still wanted.
    """
    theirs = {"respondent__in": respondent_ids}
    consents = Consent.objects.filter(**theirs).annotate(
        at=Greatest("asked_at", "confirmed_at", "withdrawn_at")
    )
    requests = ConsentOrigin.objects.filter(**theirs).annotate(
        at=Greatest("asked_at", "confirmed_at")
    )
    ended = Enrolment.objects.filter(**theirs, ended_at__isnull=False).annotate(at=F("ended_at"))
    chosen = Preference.objects.filter(**theirs).annotate(at=F("changed_at"))
    newest: dict[int, datetime] = {}
    written = Reply.objects.filter(**theirs).annotate(at=F("received_at"))
    answered = TipAnswer.objects.filter(**theirs).annotate(at=F("answered_at"))
    for rows in (consents, requests, ended, chosen, written, answered):
        for person, at in rows.order_by().values_list("respondent", Max("at")):
            newest[person] = max(at, newest.get(person, at))
    return newest


def get_people(*, after: int, limit: int) -> list[int]:
    """The next respondents, by number, who have ever confirmed an address."""
    confirmed = ConsentOrigin.objects.filter(respondent_id__gt=after, confirmed_at__isnull=False)
    people = confirmed.order_by("respondent_id").values_list("respondent_id", flat=True)
    return list(people.distinct()[:limit])
