"""Dated facts that one person's own acts left behind, for whoever values them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, Max, Q
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
    dated += [("replied", at) for at in _get_replies(respondent_id)]
    dated += [("answered", at) for at in _get_answers(respondent_id)]
    dated += _get_clicks(respondent_id) if Purpose.TRACKING in consents else []
    facts = [Fact(kind=kind, at=at) for kind, at in dated if at is not None]
    return Standing(
        response_id=origins[-1].response_id,
        may_contact=contact is not None,
        facts=tuple(sorted(facts, key=lambda fact: fact.at)),
    )


def has_objected(*, respondent_id: int) -> bool:
    """Whether the person objected to all of it, and has said yes to nothing since: no score, no
    list.
    """
    objected = Preference.objects.filter(pk=respondent_id).values_list("objected_at", flat=True)
    at = objected.first()
    given = Consent.objects.filter(respondent=respondent_id, state=Consent.State.CONFIRMED)
    return at is not None and not given.filter(confirmed_at__gt=at).exists()


def _get_replies(respondent_id: int) -> list[datetime]:
    """Mail that a person wrote, and no doubt about it."""
    replies = Reply.objects.filter(respondent_id=respondent_id, verdict=Reply.Verdict.HUMAN)
    return list(replies.values_list("received_at", flat=True))


def _get_answers(respondent_id: int) -> list[datetime]:
    """One fact per tip, however often its page was answered."""
    answers = TipAnswer.objects.filter(respondent_id=respondent_id).values("message")
    return list(answers.annotate(at=Max("answered_at")).values_list("at", flat=True))


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


def _get_clicks(respondent_id: int) -> list[tuple[Kind, datetime | None]]:
    theirs = ClickCount.objects.filter(message__respondent=respondent_id, human__gt=0)
    return [("clicked", at) for at in theirs.values_list("clicked_at", flat=True)]
