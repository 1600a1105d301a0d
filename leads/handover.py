"""Whose matter a lead is, and what becomes of its mail meanwhile."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from leads import holding, telling
from leads.models import Alert, HandOver, Lead
from leads.signals import lead_taken

Kind = HandOver.Kind


@transaction.atomic
def take(
    *,
    lead_ids: Collection[int],
    owner_id: int,
    now: datetime,
    by_id: int | None = None,
    is_for_organisation: bool = False,
) -> int:
    """Make `owner_id` the owner of those that have none and may be contacted, and hold their
    mail; returns how many. `by_id` is who decided, when that is somebody else.

    A colleague's lead is not taken from them: that is a reassignment.
    """
    free = _lock(Lead.objects.to_contact().filter(pk__in=lead_ids, owner=None))
    _give(
        free,
        owner_id,
        by_id=by_id or owner_id,
        reason="",
        now=now,
        is_for_organisation=is_for_organisation,
    )
    holding.hold(leads=free, is_for_organisation=is_for_organisation, now=now)
    return len(free)


@transaction.atomic
def assign(
    *, lead_ids: Collection[int], owner_id: int, by_id: int | None, now: datetime, reason: str = ""
) -> list[int]:
    """Make a colleague the owner, of colleagues' leads too; the leads that changed hands. The new
    owner goes on where the old one was, and mail that a rule had let go is held again.
    """
    others = Lead.objects.to_contact().filter(~Q(owner=owner_id) | Q(owner=None))
    changed = _lock(others.filter(pk__in=lead_ids))
    _give(changed, owner_id, by_id=by_id, reason=reason, now=now)
    let_go = [lead for lead in changed if lead.held_at is None]
    holding.hold(leads=let_go, is_for_organisation=False, now=now)
    return [lead.pk for lead in changed]


@transaction.atomic
def release(*, lead_ids: Collection[int], reason: str, by_id: int, now: datetime) -> int:
    """Nobody's again, and the mail goes on. Returns how many had an owner."""
    owned = _lock(Lead.objects.filter(pk__in=lead_ids, owner__isnull=False))
    for lead in owned:
        before, lead.owner_id, lead.taken_at = lead.owner_id, None, None
        _touch(lead, now, "owner", "taken_at")
        holding.let_go(lead=lead, now=now)
        _note(lead, Kind.RELEASED, before=before, reason=reason, by=by_id, now=now)
    return len(owned)


@transaction.atomic
def hold(*, lead_id: int, is_for_organisation: bool, by_id: int, now: datetime) -> bool:
    """Hold the mail of an owned lead, or change for whom it is held; False when it is so."""
    found = _lock(Lead.objects.filter(pk=lead_id, owner__isnull=False, may_contact=True))
    if not found or (found[0].held_at and found[0].holds_organisation == is_for_organisation):
        return False
    (lead,) = found
    if lead.held_at and not is_for_organisation:  # the colleagues are let go
        holding.let_go(lead=lead, now=now)
    holding.hold(leads=[lead], is_for_organisation=is_for_organisation, now=now)
    _touch(lead, now)
    _note(lead, Kind.HELD, by=by_id, now=now)
    return True


@transaction.atomic
def resume(*, lead_id: int, by_id: int, now: datetime) -> bool:
    """The mail goes on although the lead is taken; False when it does already."""
    found = _lock(Lead.objects.filter(pk=lead_id, held_at__isnull=False))
    if not found:
        return False
    holding.let_go(lead=found[0], now=now)
    _touch(found[0], now)
    _note(found[0], Kind.RESUMED, by=by_id, now=now)
    return True


@transaction.atomic
def resume_silent(*, now: datetime, limit: int) -> int:
    """Let the mail of up to `limit` people go on whose lead's owner has done nothing for too
    long and plans nothing, and tell the owners. The lead stays theirs. Returns how many.
    """
    silent = get_silent(now=now, days=settings.HANDOVER_SILENT_DAYS)
    found = _lock(
        silent.filter(held_at__isnull=False).order_by("held_at")[:limit], is_waiting=False
    )
    for lead in found:
        holding.let_go(lead=lead, now=now)
        _note(lead, Kind.SILENT, before=lead.owner_id, by=None, now=now)
        telling.tell(
            to=telling.get_readers(user_ids=[lead.owner_id or 0], wish="has_alerts"),
            kind=Alert.Kind.SILENT,
            what=f"silent-{lead.pk}",
            leads=[lead],
            values={"count": str(settings.HANDOVER_SILENT_DAYS)},
            now=now,
        )
    return len(found)


def get_silent(*, now: datetime, days: int) -> QuerySet[Lead]:
    """Taken, still open, with no step planned, and untouched for `days`."""
    today = timezone.localdate(now)
    is_planned = Q(next_step_at__isnull=False, next_step_at__gte=today)
    since = now - timedelta(days=days)
    owned = Lead.objects.filter(owner__isnull=False, may_contact=True).exclude(
        stage__in=Lead.CLOSED
    )
    untouched = owned.alias(last=Coalesce("touched_at", "taken_at", "created_at"))
    return untouched.filter(last__lt=since).exclude(is_planned)


def _lock(rows: QuerySet[Lead], *, is_waiting: bool = True) -> list[Lead]:
    locked = rows.select_related("response").select_for_update(
        of=("self",), skip_locked=not is_waiting
    )
    return list(locked if rows.query.is_sliced else locked.order_by("pk"))


def _give(
    leads: Collection[Lead],
    owner_id: int,
    *,
    by_id: int | None,
    reason: str,
    now: datetime,
    is_for_organisation: bool = False,
) -> None:
    """As many queries for many as for one."""
    Lead.objects.filter(pk__in=[lead.pk for lead in leads]).update(
        owner=owner_id, taken_at=now, touched_at=now, escalated_at=None
    )
    HandOver.objects.bulk_create(
        HandOver(
            lead=lead,
            kind=Kind.REASSIGNED if lead.owner_id else Kind.TAKEN,
            before_id=lead.owner_id,
            after_id=owner_id,
            is_for_organisation=is_for_organisation or lead.holds_organisation,
            reason=reason,
            by_id=by_id,
            at=now,
        )
        for lead in leads
    )
    for lead in leads:
        tell = partial(lead_taken.send_robust, sender=None, lead_id=lead.pk, owner_id=owner_id)
        transaction.on_commit(tell)


def _touch(lead: Lead, now: datetime, *columns: str) -> None:
    lead.touched_at, lead.escalated_at = now, None
    lead.save(update_fields=["touched_at", "escalated_at", *columns])


def _note(  # each is a column of the row
    lead: Lead,
    kind: HandOver.Kind,
    *,
    now: datetime,
    by: int | None,
    before: int | None = None,
    reason: str = "",
) -> None:
    HandOver.objects.create(
        lead=lead,
        kind=kind,
        before_id=before,
        is_for_organisation=lead.holds_organisation,
        reason=reason,
        by_id=by,
        at=now,
    )
