"""Sentences about leads that must always be true. Broken ones are told, never repaired here.

Asked for each time somebody opens the first page, so each looks into an index, or at what
`leads.checking` found.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from leads.models import GradeOverride, Lead, ScoreFault

GRACE = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Broken:
    sentence: str
    count: int


def check(*, now: datetime) -> list[Broken]:
    """The sentences that are not true, with the number of leads that break them."""
    counts = {
        "no stored score differs from its rows": ScoreFault.objects.count(),
        "no lead has a grade set by hand that nobody wrote down": _get_unwritten().count(),
        "no grade set by hand has outlived its day": _get_outlived(now).count(),
    }
    return [Broken(sentence=each, count=count) for each, count in counts.items() if count]


def get_unwritten(*, limit: int) -> list[int]:
    """Leads with a grade set by hand that nobody wrote down."""
    return list(_get_unwritten().order_by("pk").values_list("pk", flat=True)[:limit])


def _get_unwritten() -> QuerySet[Lead]:
    acts = GradeOverride.objects.filter(lead=OuterRef("pk")).order_by("-at", "-pk")
    written = Coalesce(Subquery(acts.values("grade")[:1]), Value(""))
    return Lead.objects.exclude(override_grade="").exclude(override_grade=written)


def _get_outlived(now: datetime) -> QuerySet[Lead]:
    return Lead.objects.filter(override_until__lt=(now - GRACE).date() - timedelta(days=1))
