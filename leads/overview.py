"""Readings of the leads for the dashboard. A door. Persons only where contact is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from leads import invariants
from leads.assigning import TO_CALL
from leads.models import Hook, Lead
from leads.words import describe_invariant, describe_reasons

REASONS_SHOWN = 3
CLOSED = Lead.CLOSED


@dataclass(frozen=True, kw_only=True)
class Call:
    """One lead to call: who, how good, and the best reasons in words."""

    pk: int
    name: str
    under: str
    grade: str
    reasons: Sequence[str]
    next_step_at: date | None
    next_step: str


@dataclass(frozen=True, kw_only=True)
class Leads:
    """One consultant's leads to call; and the best of those that nobody has, and how many."""

    mine: Sequence[Call]
    mine_count: int
    unowned: Sequence[Call]
    unowned_count: int
    unowned_best_count: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """For those who see no persons."""

    may_contact: int
    others: int


def get_leads(*, owner_id: int, limit: int, unowned_limit: int) -> Leads:
    open_leads = Lead.objects.filter(may_contact=True).exclude(stage__in=CLOSED)
    mine = open_leads.filter(owner=owner_id)
    unowned = Q(owner=None)
    counts = open_leads.aggregate(
        mine=Count("pk", filter=Q(owner=owner_id)),
        unowned=Count("pk", filter=unowned),
        best=Count("pk", filter=unowned & Q(effective_grade__gte="A1", effective_grade__lte="A4")),
    )
    return Leads(
        mine=_get_calls(mine, limit),
        unowned=_get_calls(open_leads.filter(unowned), unowned_limit),
        mine_count=counts["mine"],
        unowned_count=counts["unowned"],
        unowned_best_count=counts["best"],
    )


def get_counts() -> Counts:
    counts = Lead.objects.aggregate(
        to_call=Count("pk", filter=Q(may_contact=True)),
        others=Count("pk", filter=Q(may_contact=False)),
    )
    return Counts(may_contact=counts["to_call"], others=counts["others"])


def get_broken(*, now: datetime) -> list[str]:
    """What should be true of leads and is not, each with what to do."""
    return [describe_invariant(each.sentence, each.count) for each in invariants.check(now=now)]


def get_failing_hooks() -> list[tuple[int, str]]:
    """Webhooks that nobody answers at: id and name."""
    failing = Hook.objects.filter(is_active=True, rests_until__isnull=False)
    gone = Hook.objects.filter(is_active=False, failures__gt=0)
    return list((failing | gone).order_by("name").values_list("pk", "name"))


def _get_calls(leads: QuerySet[Lead], limit: int) -> list[Call]:
    return [
        _get_call(lead) for lead in leads.select_related("respondent").order_by(*TO_CALL)[:limit]
    ]


def _get_call(lead: Lead) -> Call:
    person = lead.respondent
    return Call(
        pk=lead.pk,
        name=person.first_name or person.email,
        under=lead.organisation or (person.email if person.first_name else ""),
        grade=lead.effective_grade,
        reasons=describe_reasons(lead.reasons[:REASONS_SHOWN]),
        next_step_at=lead.next_step_at,
        next_step=lead.next_step,
    )
