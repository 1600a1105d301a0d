"""Readings of the test for the people who work here: what came in, and which roles it has.

A door: dashboards and other apps' admin pages ask here. Nothing here names a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.translation import get_language

from assessments import document, pace
from assessments.models import Assessment, AssessmentVersion, Response, Tally


@dataclass(frozen=True, kw_only=True)
class Came:
    """How many did something, today and in the whole period."""

    today: int
    period: int


@dataclass(frozen=True, kw_only=True)
class Tests:
    started: Came
    completed: Came


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How one question goes: how many reached it, how many of them stopped there, and the
    median time in seconds of those who answered it without going away.
    """

    text: str
    reached: int
    left: int
    seconds: float | None

    @property
    def percent_left(self) -> int:
        return round(100 * self.left / self.reached) if self.reached else 0


@dataclass(frozen=True, kw_only=True)
class Paces:
    """The test as a whole, and question by question in the order of the newest version."""

    started: int
    completed: int
    seconds: float | None
    questions: Sequence[Pace]

    @property
    def percent_completed(self) -> int:
        return round(100 * self.completed / self.started) if self.started else 0


def get_paces(*, assessment: Assessment, since: date) -> Paces | None:
    """From the tallies of the month of `since` on; None when it was never published.

    Two queries. Questions are known by their keys, so an edited test goes on where it was.
    """
    version = AssessmentVersion.objects.filter(assessment=assessment).order_by("-number").first()
    if version is None:
        return None
    counts: dict[str, pace.Count] = {}
    months = Tally.objects.filter(version__assessment=assessment, month__gte=since.replace(day=1))
    for each in months:
        count = pace.Count(answered=each.answered, left=each.left, seconds=each.seconds)
        counts.setdefault(each.question_key, pace.Count()).add(count)
    whole = counts.get("", pace.Count())
    questions = document.localise(version.document, _get_language())["questions"]
    return Paces(
        started=whole.answered + whole.left,
        completed=whole.answered,
        seconds=pace.get_median(whole.seconds),
        questions=[
            _read_pace(question["text"], counts.get(question["key"], pace.Count()))
            for question in questions
        ],
    )


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


def get_ids() -> dict[str, int]:
    """Key -> id of each test."""
    return dict(Assessment.objects.values_list("key", "pk"))


def get_roles() -> dict[str, dict[str, str]]:
    """Key of each published test -> role key -> name in the active language, in one query."""
    versions = AssessmentVersion.objects.order_by("assessment_id", "-number").distinct(
        "assessment_id"
    )
    language = _get_language()
    return {
        each["key"]: {role["key"]: role["name"][language] for role in each["roles"]}
        for each in versions.values_list("document", flat=True)
    }


def _read_pace(text: str, count: pace.Count) -> Pace:
    reached = count.answered + count.left
    return Pace(text=text, reached=reached, left=count.left, seconds=pace.get_median(count.seconds))


def _get_language() -> str:
    return "en" if (get_language() or "").startswith("en") else document.LANGUAGES[0]
