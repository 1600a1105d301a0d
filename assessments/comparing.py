"""A result beside others': all who took the test, the same person before, one's colleagues.

What is shown of others is frozen on days of its own, never computed while somebody looks.
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assessments import spread
from assessments.models import Assessment, Mirror, Organisation, Response, Snapshot

SNAPSHOT_LEAST = 5  # fewer new responses than this wait for the next month
SNAPSHOTS_SHOWN = 12
SNAPSHOTS_KEPT_SECONDS = 300
SHORTEST_SITTING = timedelta(seconds=20)  # nobody reads thirteen questions faster
HISTORY_LIMIT = 100


class NotCompleted(ValueError):
    """There is no result yet, so nothing to compare."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """All others' scores: "overall" and role key -> responses per ten points."""

    count: int
    until: date
    columns: Mapping[str, list[int]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One's colleagues: is one's own answer with them, and the mirror when there is one to see."""

    organisation_id: uuid.UUID
    is_sharing: bool
    bands: Mapping[str, spread.Band] | None
    frozen_at: datetime | None


def get_earlier(response: Response) -> list[Response]:
    """The sittings that led to this one, newest first, each with the version it pins."""
    if response.previous_id is None:
        return []
    sittings = {
        each.pk: each
        for each in Response.objects.filter(
            series=response.series, completed_at__isnull=False
        ).order_by("-completed_at")[:HISTORY_LIMIT]
    }
    earlier: list[Response] = []
    previous = sittings.get(response.previous_id)
    while previous is not None:
        earlier.append(previous)
        previous = sittings.get(previous.previous_id) if previous.previous_id else None
    return earlier


def get_distribution(*, assessment_key: str) -> Distribution | None:
    """The newest monthly snapshots added up; None while too few people are in them."""
    newest = get_snapshots(assessment_key, int(time.monotonic() // SNAPSHOTS_KEPT_SECONDS))
    count = sum(each.count for each in newest)
    if not newest or count < settings.DISTRIBUTION_LEAST:
        return None
    columns: dict[str, list[int]] = {}
    for each in newest:
        for key, counted in each.columns.items():
            known = columns.setdefault(key, [0] * spread.COLUMNS)
            columns[key] = [a + b for a, b in zip(known, counted, strict=True)]
    return Distribution(count=count, until=newest[0].month, columns=columns)


@lru_cache(maxsize=16)
def get_snapshots(assessment_key: str, period: int) -> list[Snapshot]:
    """Newest first. They change once a month, so a process asks once per `period`."""
    snapshots = Snapshot.objects.filter(assessment__key=assessment_key).order_by("-month")
    return list(snapshots[:SNAPSHOTS_SHOWN])


def freeze_snapshots(*, now: datetime) -> int:
    """One snapshot per assessment of what was completed before this month and is in none yet.

    A person counts once, with the first sitting. Returns how many were made.
    """
    month = timezone.localtime(now, ZoneInfo(settings.TIME_ZONE)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    made = sum(_freeze_snapshot(each, month) for each in Assessment.objects.all())
    get_snapshots.cache_clear()
    return made


@transaction.atomic
def invite(*, response_id: uuid.UUID, now: datetime) -> Organisation:
    """The organisation whose invite link this person may hand out; their answer is in it.

    Raises Response.DoesNotExist, and NotCompleted.
    """
    response = _get_completed(response_id)
    if response.organisation is None:
        assessment_id = response.version.assessment_id
        response.organisation = Organisation.objects.create(
            assessment_id=assessment_id, created_at=now
        )
        response.save(update_fields=["organisation"])
    _share(response, now, now)
    return response.organisation


@transaction.atomic
def share(*, response_id: uuid.UUID, is_sharing: bool, now: datetime) -> None:
    """Let one's answer count in the organisation's mirror, or take it out again.

    Does nothing for somebody who belongs to none. Raises Response.DoesNotExist, NotCompleted.
    """
    response = _get_completed(response_id)
    if response.organisation_id is not None:
        _share(response, now if is_sharing else None, now)


def get_group(response: Response) -> Group | None:
    """The colleagues as this person may see them: the mirror is for those who are in it."""
    if response.organisation_id is None:
        return None
    is_sharing = response.shared_at is not None
    mirror = None
    if is_sharing and len(_get_members(response.organisation_id)) >= spread.LEAST_MEMBERS:
        mirrors = Mirror.objects.filter(organisation=response.organisation_id)
        mirror = mirrors.order_by("-frozen_at").first()
    return Group(
        organisation_id=response.organisation_id,
        is_sharing=is_sharing,
        bands={key: (low, high) for key, (low, high) in mirror.bands.items()} if mirror else None,
        frozen_at=mirror.frozen_at if mirror else None,
    )


def _freeze_snapshot(assessment: Assessment, month: datetime) -> bool:
    last = Snapshot.objects.filter(assessment=assessment).order_by("-month").first()
    if last is not None and last.taken_until >= month:
        return False
    new = Response.objects.filter(
        version__assessment=assessment,
        completed_at__lt=month,
        completed_at__gte=F("started_at") + SHORTEST_SITTING,
        series=F("pk"),
    )
    if last is not None:
        new = new.filter(completed_at__gte=last.taken_until)
    results = [each for each in new.values_list("result", flat=True) if each]
    if len(results) < SNAPSHOT_LEAST:
        return False
    _, is_new = Snapshot.objects.get_or_create(
        assessment=assessment,
        month=(month - timedelta(days=1)).replace(day=1).date(),
        defaults={
            "taken_until": month,
            "count": len(results),
            "columns": _count_columns(results),
        },
    )
    return is_new


def _count_columns(results: list[dict[str, Any]]) -> dict[str, list[int]]:
    points: dict[str, list[int]] = {}
    for result in results:
        for key, score in {"overall": result["overall"], **result["roles"]}.items():
            if score["points"] is not None:
                points.setdefault(key, []).append(score["points"])
    return {key: spread.count_columns(each) for key, each in points.items()}


def _get_completed(response_id: uuid.UUID) -> Response:
    response = Response.objects.select_for_update(of=["self"]).get(pk=response_id)
    if response.completed_at is None:
        raise NotCompleted
    return response


def _share(response: Response, shared_at: datetime | None, now: datetime) -> None:
    """Everybody who comes or goes waits for the same row, so that each sees the others."""
    assert response.organisation_id is not None
    Organisation.objects.select_for_update().get(pk=response.organisation_id)
    if shared_at is None:  # the person goes, with every sitting
        theirs = Response.objects.filter(organisation=response.organisation_id)
        theirs.filter(series=response.series).update(shared_at=None)
    elif response.shared_at is None:
        response.shared_at = shared_at
        response.save(update_fields=["shared_at"])
    _freeze_mirror(response.organisation_id, now)


def _freeze_mirror(organisation_id: uuid.UUID, now: datetime) -> None:
    sittings = _get_members(organisation_id)
    members = {person: str(each.pk) for person, each in sittings.items()}
    earlier = Mirror.objects.filter(organisation=organisation_id).values_list("members", flat=True)
    if not spread.may_freeze(members, earlier):
        return
    results = [each.result for each in sittings.values() if each.result]
    Mirror.objects.create(
        organisation_id=organisation_id,
        members=members,
        bands={
            role: spread.build_band([result["roles"][role]["points"] for result in results])
            for role in results[0]["roles"]
            if all(role in result["roles"] for result in results)
        },
        frozen_at=now,
    )


def _get_members(organisation_id: uuid.UUID) -> dict[str, Response]:
    """Person -> the newest sitting that counts: shared, with a score for every role.

    Were roles without a score let in, one role's band could change with one person's answer
    while the five others who came say nothing of that role.
    """
    shared = Response.objects.filter(
        organisation=organisation_id, shared_at__isnull=False, completed_at__isnull=False
    ).order_by("completed_at", "pk")
    return {
        str(each.series): each
        for each in shared
        if each.result and None not in [score["points"] for score in each.result["roles"].values()]
    }
