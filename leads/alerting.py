"""Tell consultants what cannot wait for their next look at the list.

A lead is told about once a day: by its owner's mail, or by one to all when nobody owns it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from leads import occasions, telling
from leads.models import Alert, Lead
from leads.telling import Reader

Kind = Alert.Kind
BEST = ("A1", "A2", "A3", "A4")


@transaction.atomic
def tell_of_grades(*, now: datetime, limit: int) -> int:
    """Look at up to `limit` grades that changed, and tell of those that became hot; how many
    were looked at. Safe with any number of schedulers: each lead is one's alone.
    """
    changed = Lead.objects.exclude(effective_grade=F("alerted_grade")).order_by("scored_at")
    found = _lock(changed, limit)
    for lead in found:
        if _is_news(lead):
            telling.tell(
                to=_get_readers(lead),
                kind=Kind.GRADE,
                what=_get_what(lead),
                leads=[lead],
                values={},
                now=now,
            )
        lead.alerted_grade = lead.effective_grade
    Lead.objects.bulk_update(found, ["alerted_grade"])
    return len(found)


@transaction.atomic
def tell_of_reply(*, respondent_id: int, reply_id: object, now: datetime) -> int:
    """A person wrote back: the owner hears of it at once, or next morning when this lead was
    told about today already. Once per reply, however often it is asked for.
    """
    theirs = Lead.objects.filter(respondent=respondent_id, may_contact=True)
    lead = theirs.select_related("respondent").select_for_update(of=("self",)).first()
    cause = f"reply:{reply_id}"
    if lead is None or lead.alerts.filter(cause=cause).exists():
        return 0
    return sum(_tell_once_a_day(reader, lead, cause, now) for reader in _get_readers(lead))


@transaction.atomic
def tell_of_untouched(*, now: datetime, limit: int) -> int:
    """Bring up good leads that nobody has taken, or touched, for some days; once, until somebody
    touches them. From half past seven. Returns how many.
    """
    if now < occasions.get_morning(now=now, zone=telling.get_zone()):
        return 0
    found = _lock(get_untouched(now=now).filter(escalated_at=None).order_by("created_at"), limit)
    if found:
        telling.tell(
            to=telling.get_leaders(),
            kind=Kind.UNTOUCHED,
            what="untouched",
            leads=sorted(found, key=attrgetter("effective_grade", "created_at")),
            values={"count": str(settings.LEAD_UNTOUCHED_DAYS)},
            now=now,
        )
        Lead.objects.filter(pk__in=[each.pk for each in found]).update(escalated_at=now)
    return len(found)


@transaction.atomic
def remind(*, now: datetime, limit: int) -> int:
    """One mail per owner with the steps that have become due, from half past seven on the day.
    Returns for how many leads.
    """
    if now < occasions.get_morning(now=now, zone=telling.get_zone()):
        return 0
    today = timezone.localdate(now)
    due = Lead.objects.filter(next_step_at__lte=today, may_contact=True, owner__isnull=False)
    due = due.exclude(stage__in=Lead.CLOSED)
    found = _lock(due.exclude(_IS_REMINDED).order_by("next_step_at", "owner"), limit)
    theirs: dict[int, list[Lead]] = {}
    for lead in found:
        theirs.setdefault(lead.owner_id or 0, []).append(lead)
    for reader in telling.get_readers(user_ids=theirs.keys(), wish="has_reminders"):
        leads = theirs[reader.user_id]
        telling.tell(
            to=[reader],
            kind=Kind.STEP,
            what="steps",
            leads=leads,
            texts={each.pk: each.next_step for each in leads if each.next_step},
            values={},
            now=now,
        )
    Lead.objects.filter(pk__in=[each.pk for each in found]).update(reminded_for=F("next_step_at"))
    return len(found)


def get_untouched(*, now: datetime) -> QuerySet[Lead]:
    """Leads of the best fit that nobody owns and nobody has touched for LEAD_UNTOUCHED_DAYS."""
    since = now - timedelta(days=settings.LEAD_UNTOUCHED_DAYS)
    free = Lead.objects.filter(may_contact=True, owner=None, effective_grade__in=BEST)
    waiting = free.exclude(stage__in=Lead.CLOSED)
    return waiting.alias(last=Coalesce("touched_at", "created_at")).filter(last__lt=since)


_IS_REMINDED = Q(reminded_for__isnull=False, reminded_for=F("next_step_at"))


def _lock(rows: QuerySet[Lead], limit: int) -> list[Lead]:
    """The first of those that nobody else is at work on, with their people."""
    locked = rows.select_related("respondent").select_for_update(of=("self",), skip_locked=True)
    return list(locked[:limit])


def _is_news(lead: Lead) -> bool:
    return (
        lead.may_contact
        and lead.stage not in Lead.CLOSED
        and occasions.has_crossed(
            before=lead.alerted_grade, grade=lead.effective_grade, marks=settings.LEAD_ALERT_GRADES
        )
    )


def _get_readers(lead: Lead) -> Sequence[Reader]:
    owner = None if lead.owner_id is None else [lead.owner_id]
    return telling.get_readers(user_ids=owner, wish="has_alerts")


def _get_what(lead: Lead) -> str:
    return f"lead-{lead.pk}"


def _tell_once_a_day(reader: Reader, lead: Lead, cause: str, now: datetime) -> int:
    """Now, or next morning when today's mail about this lead was another."""
    tell = partial(
        telling.tell,
        to=[reader],
        kind=Kind.REPLY,
        what=_get_what(lead),
        leads=[lead],
        values={},
        cause=cause,
        now=now,
    )
    morning = occasions.get_next_morning(now=now, zone=telling.get_zone())
    return tell() or tell(day=morning.date(), due_at=morning)
