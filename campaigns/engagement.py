"""Dated facts that one person's own acts left behind, for whoever values them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Greatest

from campaigns.models import ClickCount, Consent, ConsentOrigin, Enrolment, Purpose

Kind = Literal["confirmed", "contact_allowed", "asked_again", "sequence_completed", "clicked"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    kind: Kind
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a person allows now, and what they have done. Newest fact last."""

    response_id: UUID
    may_contact: bool
    facts: tuple[Fact, ...]


def get_standing(*, respondent_id: int) -> Standing | None:
    """None for a person who never confirmed an address. A click is a fact when a person did it,
    once for each mail, and only while they allow that clicks are measured.
    """
    origins = list(
        ConsentOrigin.objects.filter(
            respondent_id=respondent_id, confirmed_at__isnull=False
        ).order_by("confirmed_at")
    )
    if not origins:
        return None
    given = Consent.objects.filter(respondent_id=respondent_id, state=Consent.State.CONFIRMED)
    consents = {consent.purpose: consent for consent in given}
    contact = consents.get(Purpose.CONTACT)
    finished = Enrolment.objects.filter(respondent_id=respondent_id, state=Enrolment.State.FINISHED)
    dated: list[tuple[Kind, datetime | None]] = [("confirmed", origins[0].confirmed_at)]
    dated += [("asked_again", each.confirmed_at) for each in origins[1:]]
    dated += [("contact_allowed", contact.confirmed_at)] if contact else []
    dated += [("sequence_completed", each.ended_at) for each in finished]
    dated += _get_clicks(respondent_id) if Purpose.TRACKING in consents else []
    facts = [Fact(kind=kind, at=at) for kind, at in dated if at is not None]
    return Standing(
        response_id=origins[-1].response_id,
        may_contact=contact is not None,
        facts=tuple(sorted(facts, key=lambda fact: fact.at)),
    )


def get_people_since(*, at: datetime, limit: int) -> dict[int, datetime]:
    """Respondent id -> when they last gave or took back a consent or clicked, for what was after
    `at`.
    """
    changed = (
        Consent.objects.filter(Q(confirmed_at__gt=at) | Q(withdrawn_at__gt=at))
        .values("respondent_id")
        .annotate(changed_at=Max(Greatest("confirmed_at", "withdrawn_at")))
        .order_by("-changed_at")
    )
    people = dict(changed.values_list("respondent_id", "changed_at")[:limit])
    clicked = ClickCount.objects.filter(clicked_at__gt=at).order_by("-clicked_at")
    for person, moment in clicked.values_list("message__respondent", "clicked_at")[:limit]:
        assert moment is not None
        people[person] = max(moment, people.get(person, moment))
    return people


def _get_clicks(respondent_id: int) -> list[tuple[Kind, datetime | None]]:
    theirs = ClickCount.objects.filter(message__respondent=respondent_id, human__gt=0)
    return [("clicked", at) for at in theirs.values_list("clicked_at", flat=True)]
