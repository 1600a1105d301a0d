"""Dated facts that one person's own acts left behind, for whoever values them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Greatest

from campaigns.models import Consent, ConsentOrigin, Enrolment, Purpose

Kind = Literal["confirmed", "contact_allowed", "asked_again", "sequence_completed"]


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


def get_standing(*, respondent_id: int) -> Standing | None:
    """None for a person who never confirmed an address. Clicks are no facts without consent to
    measure them, and nothing here is measured in secret.
    """
    return get_standings(respondent_ids=[respondent_id]).get(respondent_id)


def get_standings(*, respondent_ids: Collection[int]) -> dict[int, Standing]:
    """The same for many at once, in as many queries as for one."""
    origins: dict[int, list[ConsentOrigin]] = {}
    confirmed = ConsentOrigin.objects.filter(
        respondent_id__in=respondent_ids, confirmed_at__isnull=False
    )
    for origin in confirmed.order_by("confirmed_at", "pk"):
        origins.setdefault(origin.respondent_id, []).append(origin)
    consents: dict[int, list[Consent]] = {}
    for consent in Consent.objects.filter(respondent_id__in=origins):
        consents.setdefault(consent.respondent_id, []).append(consent)
    facts: dict[int, list[Fact]] = {}
    for person, kind, at in _get_dated(origins, consents):
        if at is not None:
            facts.setdefault(person, []).append(Fact(kind=kind, at=at))
    return {
        person: _build(origins[person], consents.get(person, []), facts[person])
        for person in origins
    }


def _get_dated(
    origins: dict[int, list[ConsentOrigin]], consents: dict[int, list[Consent]]
) -> Dated:
    """Every kind of fact about these people, in no order. A new kind has its lines here."""
    for person, asked in origins.items():
        yield person, "confirmed", asked[0].confirmed_at
        for again in asked[1:]:
            yield person, "asked_again", again.confirmed_at
    for person, given in consents.items():
        for consent in given:
            if _is_confirmed(consent) and consent.purpose == Purpose.CONTACT:
                yield person, "contact_allowed", consent.confirmed_at
    finished = Enrolment.objects.filter(respondent_id__in=origins, state=Enrolment.State.FINISHED)
    for person, at in finished.values_list("respondent_id", "ended_at"):
        yield person, "sequence_completed", at


def _build(origins: list[ConsentOrigin], consents: list[Consent], facts: list[Fact]) -> Standing:
    confirmed = [each.purpose for each in consents if _is_confirmed(each)]
    changes = [at for each in consents for at in (each.confirmed_at, each.withdrawn_at) if at]
    return Standing(
        response_id=origins[-1].response_id,
        may_contact=Purpose.CONTACT in confirmed,
        may_score=bool(confirmed),
        facts=tuple(sorted(facts, key=lambda fact: (fact.at, fact.kind))),
        changed_at=max([*changes, *(fact.at for fact in facts)]),
    )


def _is_confirmed(consent: Consent) -> bool:
    return consent.state == Consent.State.CONFIRMED


def get_people_since(*, at: datetime, limit: int) -> dict[int, datetime]:
    """Respondent id -> when they last gave or took back a consent, for changes after `at`."""
    changed = (
        Consent.objects.filter(Q(confirmed_at__gt=at) | Q(withdrawn_at__gt=at))
        .values("respondent_id")
        .annotate(changed_at=Max(Greatest("confirmed_at", "withdrawn_at")))
        .order_by("-changed_at")
    )
    return dict(changed.values_list("respondent_id", "changed_at")[:limit])


def get_people(*, after: int, limit: int) -> list[int]:
    """The next respondents, by number, who have ever confirmed an address."""
    confirmed = ConsentOrigin.objects.filter(respondent_id__gt=after, confirmed_at__isnull=False)
    people = confirmed.order_by("respondent_id").values_list("respondent_id", flat=True)
    return list(people.distinct()[:limit])
