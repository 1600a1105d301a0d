"""Keep each lead's row true to what assessments and campaigns know. Rows can always be rebuilt."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from campaigns import engagement
from leads import holding
from leads.appraising import Subject, get_blank, get_subjects, measure
from leads.models import Edition, Lead, ScoreRules
from leads.signals import lead_created, lead_graded

STALE_AFTER = timedelta(days=1)
BATCH = 500
# What is computed. Owner, stage and a grade set by hand are people's decisions.
COMPUTED = (
    "response_id",
    "may_contact",
    "fit",
    "engagement",
    "grade",
    "reasons",
    "weakest_role",
    "weakest_key",
    "organisation",
    "heard_at",
    "scored_at",
    "rules_number",
)


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """A lead that was computed again: its grade, and the one before (None when it is new)."""

    lead_id: int
    respondent_id: int
    grade: str
    before: str | None


def refresh_lead(*, respondent_id: int, now: datetime) -> Lead | None:
    """Compute the lead again from rows; None when the person never confirmed an address. Whoever
    objected agrees to nothing any more, and so has no score.
    """
    refresh_leads(respondent_ids=[respondent_id], now=now)
    return Lead.objects.filter(respondent_id=respondent_id).first()


@transaction.atomic
def refresh_leads(*, respondent_ids: Collection[int], now: datetime) -> list[Refreshed]:
    """The same for many, in as many queries as for one."""
    # Locked before anything is read, so that of two workers the later one also knows more.
    held = Lead.objects.select_for_update(no_key=True).filter(respondent_id__in=respondent_ids)
    before = {lead.respondent_id: lead for lead in held.order_by("pk")}
    edition = ScoreRules.objects.get_in_force()
    subjects = get_subjects(respondent_ids=respondent_ids)
    leads = [
        _build(person, subject, before.get(person), edition, now)
        for person, subject in subjects.items()
    ]
    Lead.objects.bulk_create(
        leads,
        update_conflicts=True,
        unique_fields=["respondent_id"],
        update_fields=list(COMPUTED),
    )
    lost = before.keys() - subjects.keys()
    Lead.objects.filter(respondent_id__in=lost).update(**get_blank(edition=edition, now=now))
    _settle(leads, before, now)
    for lead in leads:
        _tell(lead, before.get(lead.respondent_id))
    return list(_compare(leads, before))


def refresh_stale(*, now: datetime, limit: int) -> int:
    """Refresh up to `limit` leads that were missed when something happened, that decay has moved
    on since yesterday, or that were scored by earlier rules. Returns how many.
    """
    recent = engagement.get_people_since(at=now - STALE_AFTER, limit=limit)
    scored = dict(
        Lead.objects.filter(respondent_id__in=recent).values_list("respondent_id", "scored_at")
    )
    missed = [pk for pk, at in recent.items() if pk not in scored or scored[pk] < at]
    due = max(now - STALE_AFTER, ScoreRules.objects.get_in_force().since)
    decayed = Lead.objects.filter(scored_at__lt=due).order_by("scored_at")
    people = [*missed, *decayed.values_list("respondent_id", flat=True)[:limit]][:limit]
    refresh_leads(respondent_ids=set(people), now=now)
    return len(people)


def _settle(leads: Collection[Lead], before: Mapping[int, Lead], now: datetime) -> None:
    """What follows for mail that is held, and for alerts."""
    may_contact = {lead.respondent_id for lead in leads if lead.may_contact}
    news = [person for person in may_contact if person in before and not before[person].may_contact]
    if news:  # to those who may call they are new leads
        Lead.objects.filter(respondent_id__in=news).update(alerted_grade="")
    newcomers = [lead.respondent_id for lead in leads if lead.respondent_id not in before]
    holding.settle_newcomers(respondent_ids=newcomers, now=now)
    for person, lead in before.items():
        if lead.held_at is not None and person not in may_contact:
            holding.let_go(lead=lead, now=now)


def _tell(lead: Lead, before: Lead | None) -> None:
    """What others hear of it, once it is committed; nothing of those who want no call."""
    if not lead.may_contact:
        return
    was = before.effective_grade if before and before.may_contact else ""
    grade = (before.override_grade if before else "") or lead.grade
    if not was:
        transaction.on_commit(partial(lead_created.send_robust, sender=None, lead_id=lead.pk))
    if grade != was:
        tell = partial(lead_graded.send_robust, sender=None, lead_id=lead.pk, before=was)
        transaction.on_commit(partial(tell, grade=grade))


def rebuild(*, now: datetime) -> Iterator[list[Refreshed]]:
    """Everybody, batch by batch; also those who are missing, and leads whose person is."""
    last = 0
    while people := engagement.get_people(after=last, limit=BATCH):
        last = people[-1]
        yield refresh_leads(respondent_ids=people, now=now)
    left = Lead.objects.filter(scored_at__lt=now).order_by("pk")
    while people := list(left.values_list("respondent_id", flat=True)[:BATCH]):
        yield refresh_leads(respondent_ids=people, now=now)


def _build(
    respondent_id: int, subject: Subject, before: Lead | None, edition: Edition, now: datetime
) -> Lead:
    columns = measure(subject=subject, edition=edition, now=now)
    return Lead(
        respondent_id=respondent_id,
        created_at=before.created_at if before else subject.standing.facts[0].at,
        **columns,
    )


def _compare(leads: Collection[Lead], before: Mapping[int, Lead]) -> Iterator[Refreshed]:
    for lead in leads:
        earlier = before.get(lead.respondent_id)
        yield Refreshed(
            lead_id=lead.pk,
            respondent_id=lead.respondent_id,
            grade=lead.grade,
            before=earlier.grade if earlier else None,
        )
