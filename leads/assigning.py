"""Many leads find their owners at once: one colleague, or all by the room they have."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from leads import handover
from leads.dealing import Hand, deal
from leads.models import Consultant, Lead

TO_CALL = Lead.TO_CALL


@dataclass(frozen=True, kw_only=True)
class Shared:
    """How many leads each colleague got, and how many nobody had room for."""

    dealt: Mapping[int, int]
    left: int


def get_colleagues() -> QuerySet[AbstractUser]:
    """Those who can own a lead."""
    right = Permission.objects.filter(codename="change_lead", content_type__app_label="leads")
    groups = Group.objects.filter(permissions__in=right)
    may = Q(groups__in=groups) | Q(user_permissions__in=right) | Q(is_superuser=True)
    people = get_user_model().objects
    return people.filter(
        pk__in=people.filter(may, is_active=True, is_staff=True).values("pk")
    ).order_by("username")


def assign(
    *, lead_ids: Collection[int], owner_id: int, now: datetime, by_id: int | None = None
) -> list[int]:
    """Make a colleague the owner, of colleagues' leads too; the leads that changed hands."""
    if not get_colleagues().filter(pk=owner_id).exists():
        raise ValueError("nobody who works with leads")
    return handover.assign(lead_ids=lead_ids, owner_id=owner_id, by_id=by_id, now=now)


@transaction.atomic
def share_out(*, lead_ids: Collection[int], now: datetime, by_id: int | None = None) -> Shared:
    """Deal the open leads that nobody owns, the best first, to those who have room and are here."""
    hands = _get_hands(now)
    free = Lead.objects.to_contact().open().filter(pk__in=lead_ids, owner=None)
    wanted = list(free.select_for_update(no_key=True).order_by(*TO_CALL))
    dealt = deal(lead_ids=[lead.pk for lead in wanted], hands=hands)
    for owner_id in set(dealt.values()):
        theirs = [lead_id for lead_id, owner in dealt.items() if owner == owner_id]
        handover.take(lead_ids=theirs, owner_id=owner_id, by_id=by_id, now=now)
    return Shared(dealt=Counter(dealt.values()), left=len(wanted) - len(dealt))


def _get_hands(now: datetime) -> list[Hand]:
    """Locked, so that two who share out at once do not both fill the same room."""
    here = Q(away_until=None) | Q(away_until__lte=timezone.localdate(now))
    rows = Consultant.objects.select_for_update().filter(
        here, capacity__gt=0, user__in=get_colleagues()
    )
    consultants = list(rows.order_by("user__username"))
    owners = [row.user_id for row in consultants]
    open_leads = Lead.objects.to_contact().open().filter(owner__in=owners)
    counted = open_leads.order_by().values_list("owner").annotate(n=Count("pk"))
    held = dict(counted)
    return [
        Hand(owner_id=row.user_id, capacity=row.capacity, held=held.get(row.user_id, 0))
        for row in consultants
    ]
