"""A person's mail stands still while a consultant talks with them; their colleagues' may too.

One person may be held for the sake of several leads, and is let go with the last of them.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from campaigns import enrolment
from leads.models import Lead

HANDOVER = enrolment.freezing.Freeze.Reason.HANDOVER
LOCK = 7_071_020  # any number that no other advisory lock uses


@transaction.atomic
def hold(*, leads: Collection[Lead], is_for_organisation: bool, now: datetime) -> None:
    """From this commit on nothing of a campaign is handed over to these people. As many queries
    for many as for one, but for those of colleagues.
    """
    _lock()
    Lead.objects.filter(pk__in=[lead.pk for lead in leads]).update(
        held_at=Coalesce("held_at", Value(now, DateTimeField())),
        holds_organisation=is_for_organisation,
    )
    for lead in leads:
        lead.held_at, lead.holds_organisation = lead.held_at or now, is_for_organisation
    people = {person for lead in leads for person in _get_people(lead)}
    enrolment.freeze(respondent_ids=people, reason=HANDOVER, until=None, now=now)


@transaction.atomic
def let_go(*, lead: Lead, now: datetime) -> bool:
    """Whether it was held. Time goes on for all who are not held for another lead's sake."""
    _lock()
    if lead.held_at is None:
        return False
    people = _get_people(lead)
    lead.held_at, lead.holds_organisation = None, False
    lead.save(update_fields=["held_at", "holds_organisation"])
    free = sorted(people - _get_still_held(people))
    enrolment.release(respondent_ids=free, reason=HANDOVER, now=now)
    return True


@transaction.atomic
def settle_newcomers(*, respondent_ids: Collection[int], now: datetime) -> None:
    """Those who have just become leads are held with the colleagues who are."""
    if not respondent_ids:
        return
    _lock()
    if held := _get_still_held(respondent_ids):
        enrolment.freeze(respondent_ids=held, reason=HANDOVER, until=None, now=now)


def get_colleagues(lead: Lead) -> QuerySet[Lead]:
    """Those with the same organisation label, or who came by the same invite link."""
    labelled = Lead.objects.filter(organisation=lead.organisation).exclude(organisation="")
    invited = Lead.objects.filter(
        response__organisation__isnull=False,
        response__organisation=lead.response.organisation_id,
    )
    # Each by its own index: asked for with an "or", the whole table would be read.
    same = labelled.order_by().values_list("pk").union(invited.order_by().values_list("pk"))
    return Lead.objects.filter(pk__in={pk for (pk,) in same}).exclude(pk=lead.pk)


def _get_people(lead: Lead) -> set[int]:
    colleagues = get_colleagues(lead) if lead.holds_organisation else Lead.objects.none()
    return {lead.respondent_id, *colleagues.values_list("respondent_id", flat=True)}


def _get_still_held(people: Collection[int]) -> set[int]:
    """Those of `people` who are held for the sake of some lead."""
    who = ("organisation", "response__organisation_id")
    theirs = list(
        Lead.objects.filter(respondent__in=people).values_list("respondent_id", "held_at", *who)
    )
    # A label and an id are never alike, so one set holds both.
    marks = {each for row in theirs for each in row[2:] if each}
    holders = Lead.objects.filter(held_at__isnull=False, holds_organisation=True)
    theirs_too = Q(organisation__in=[each for each in marks if isinstance(each, str)])
    theirs_too |= Q(response__organisation__in=[each for each in marks if isinstance(each, UUID)])
    held = {each for row in holders.filter(theirs_too).values_list(*who) for each in row if each}
    return {person for person, held_at, *own in theirs if held_at or held & set(own)}


def _lock() -> None:
    """Who is held follows from several leads, so one at a time decides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
