"""Events get their numbers, and each hook that wants one gets a delivery of it.

One at a time deals, so numbers follow each other and a reader who has seen one misses none
before it. An event waits for its lead, which is made a moment after the consent.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from assessments import profiles
from leads.hooks.telling import TRY_FOR
from leads.models import Delivery, Event, Hook, Lead

KEEP = timedelta(days=90)
DEAL_LOCK = 7_071_020  # any number that no other advisory lock uses


@transaction.atomic
def deal(*, now: datetime, limit: int) -> int:
    """Deal up to `limit` events; how many were looked at. Nothing when somebody else deals."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [DEAL_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    events: list[Any] = list(_get_waiting()[:limit])
    if not events:
        return 0
    gone = [each.pk for each in events if not each.lead_id and not each.lead_found]
    Event.objects.filter(pk__in=gone).delete()
    told = [each for each in events if each.pk not in gone]
    _number(told)
    _address(told, now)
    return len(events)


def describe(event: Event, owners: Mapping[int, str]) -> dict[str, Any]:
    """An event as others are told it: ids and facts, no address and no name of a person."""
    details = dict(event.details)
    if "owner_id" in details:
        details["owner"] = owners.get(details.pop("owner_id"), "")
    return {
        "type": event.kind,
        "timestamp": event.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {"lead_id": event.lead_id, **details},
    }


def get_owners(events: Sequence[Event]) -> dict[int, str]:
    """User id -> login, for the owners these events name."""
    wanted = {each.details["owner_id"] for each in events if "owner_id" in each.details}
    people = get_user_model().objects.filter(pk__in=wanted) if wanted else []
    return {each.pk: each.get_username() for each in people}


def write(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _get_waiting() -> QuerySet[Event]:
    """With `lead_found` for those that do not name their lead. Of somebody who was gone before
    there was a lead, nobody is told anything.
    """
    theirs = Lead.objects.filter(respondent_id=OuterRef("respondent_id"))
    person = profiles.get_people().filter(pk=OuterRef("respondent_id"))
    rows = Event.objects.filter(number=None).alias(is_here=Exists(person))
    rows = rows.annotate(lead_found=Subquery(theirs.values("pk")))
    ready = Q(lead_id__isnull=False) | Q(lead_found__isnull=False) | Q(is_here=False)
    return rows.filter(ready).order_by("pk")


def _number(events: Sequence[Any]) -> None:
    last = Event.objects.aggregate(last=Max("number"))["last"] or 0
    for number, event in enumerate(events, start=last + 1):
        event.number = number
        event.lead_id = event.lead_id or event.lead_found
    Event.objects.bulk_update(events, ["number", "lead_id"], batch_size=500)


def _address(events: Sequence[Event], now: datetime) -> None:
    """A delivery for every hook that wants the event."""
    hooks = list(Hook.objects.filter(is_active=True))
    owners = get_owners(events) if hooks else {}
    Delivery.objects.bulk_create(
        [
            Delivery(
                hook=hook,
                number=event.number or 0,
                kind=event.kind,
                respondent_id=event.respondent_id,
                lead_id=event.lead_id,
                body=write(describe(event, owners)),
                created_at=now,
                next_at=now,
                until=now + TRY_FOR,
            )
            for event in events
            for hook in hooks
            if event.kind in hook.kinds
        ],
        batch_size=500,
    )


def make_test(*, hook: Hook, now: datetime) -> Delivery:
    """A delivery that says only that it is a test. Not saved: nothing waits for it."""
    said = {
        "type": "test",
        "timestamp": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {},
    }
    return Delivery(hook=hook, number=0, kind="test", body=write(said), created_at=now)


def purge(*, now: datetime, limit: int) -> int:
    """Forget up to `limit` of each that are too old to be asked for. The newest number stays: the
    next one follows it.
    """
    before = now - KEEP
    newest = Event.objects.aggregate(last=Max("number"))["last"]
    events = Event.objects.filter(happened_at__lt=before).exclude(number=newest)
    deliveries = Delivery.objects.filter(created_at__lt=before)
    deliveries = deliveries.exclude(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])
    counts = [
        rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:limit])).delete()
        for rows in (events, deliveries)
    ]
    return sum(count for count, _ in counts)
