"""What people say about a lead's worth: a grade beside the computed one, and how it went.

The computed grade stays and is shown; every change by hand is a row with who, when and why.
"""

from collections.abc import Collection
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from leads.models import GradeOverride, Lead
from leads.scoring_rules import GRADES
from leads.signals import lead_graded

EXPIRED = "expired"


@transaction.atomic
def override(
    *, lead_id: int, grade: str, reason: str, until: date | None, by_id: int, now: datetime
) -> None:
    """From now on the lead counts as `grade`, through the day `until`."""
    if grade not in GRADES or not reason.strip():
        raise ValueError("a grade from A1 to D4, and a reason")
    if until is not None and until < timezone.localdate(now):
        raise ValueError("a day that has not passed")
    lead = Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    _keep(lead, grade=grade, reason=reason.strip(), until=until, by_id=by_id, now=now)
    _set(lead, grade=grade, until=until, touched_at=now)


@transaction.atomic
def lift(*, lead_id: int, by_id: int, now: datetime) -> bool:
    """The computed grade counts again; False when it did already."""
    lead = Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    if not lead.override_grade:
        return False
    _keep(lead, grade="", reason="lifted", until=None, by_id=by_id, now=now)
    _set(lead, grade="", until=None, touched_at=now)
    return True


@transaction.atomic
def expire(*, now: datetime, limit: int) -> int:
    """The computed grade counts again where the last day of another one has passed."""
    ended = Lead.objects.filter(override_until__lt=timezone.localdate(now)).order_by("pk")
    leads = list(ended.select_for_update(no_key=True, skip_locked=True)[:limit])
    for lead in leads:
        _keep(lead, grade="", reason=EXPIRED, until=None, by_id=None, now=now)
        _set(lead, grade="", until=None, touched_at=lead.touched_at)
    return len(leads)


def judge(*, lead_ids: Collection[int], judgement: Lead.Judgement, now: datetime) -> int:
    """Say how the leads turned out, for the rules to be tried on. One judged before keeps the
    moment of its first judgement, to which its score is wound back.
    """
    leads = Lead.objects.filter(pk__in=lead_ids)
    leads.filter(judged_at=None).update(judged_at=now)
    return leads.update(judgement=judgement)


def _keep(
    lead: Lead, *, grade: str, reason: str, until: date | None, by_id: int | None, now: datetime
) -> None:
    GradeOverride.objects.create(
        lead=lead,
        grade=grade,
        computed=lead.grade,
        reason=reason,
        until=until,
        at=now,
        by_id=by_id,
    )


def _set(lead: Lead, *, grade: str, until: date | None, touched_at: datetime | None) -> None:
    Lead.objects.filter(pk=lead.pk).update(
        override_grade=grade, override_until=until, touched_at=touched_at
    )
    _tell(lead, grade or lead.grade)


def _tell(lead: Lead, grade: str) -> None:
    """Once it is committed, when another grade counts; nothing of those who want no call."""
    if not lead.may_contact or grade == lead.effective_grade:
        return
    tell = partial(lead_graded.send_robust, sender=None, lead_id=lead.pk)
    transaction.on_commit(partial(tell, grade=grade, before=lead.effective_grade))
