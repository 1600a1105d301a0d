"""Readings of the test for the people who work here: what came in, and which roles it has.

A door: dashboards and other apps' admin pages ask here. Nothing here names a person.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import get_language

from assessments import document
from assessments.models import AssessmentVersion, Response


@dataclass(frozen=True, kw_only=True)
class Came:
    """How many did something, today and in the whole period."""

    today: int
    period: int


@dataclass(frozen=True, kw_only=True)
class Tests:
    started: Came
    completed: Came


def get_tests(*, today: datetime, since: datetime) -> Tests:
    """Tests started and completed from `today` (midnight) on, and from `since` on."""
    counts = Response.objects.filter(
        Q(started_at__gte=since) | Q(completed_at__gte=since)
    ).aggregate(
        started_today=Count("pk", filter=Q(started_at__gte=today)),
        started=Count("pk", filter=Q(started_at__gte=since)),
        completed_today=Count("pk", filter=Q(completed_at__gte=today)),
        completed=Count("pk", filter=Q(completed_at__gte=since)),
    )
    return Tests(
        started=Came(today=counts["started_today"], period=counts["started"]),
        completed=Came(today=counts["completed_today"], period=counts["completed"]),
    )


def is_published() -> bool:
    return AssessmentVersion.objects.exists()


def get_roles() -> dict[str, dict[str, str]]:
    """Key of each published test -> role key -> name in the active language, in one query."""
    versions = AssessmentVersion.objects.order_by("assessment_id", "-number").distinct(
        "assessment_id"
    )
    language = "en" if (get_language() or "").startswith("en") else document.LANGUAGES[0]
    return {
        each["key"]: {role["key"]: role["name"][language] for role in each["roles"]}
        for each in versions.values_list("document", flat=True)
    }
