"""Sentences about leads that must always be true. Broken ones are told, never repaired here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from leads.models import GradeOverride, Lead, ScoreRules
from leads.rebuilding import check_leads

# The scores made last are looked at: what is older was looked at when it was made.
SAMPLE = 100
GRACE = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Broken:
    sentence: str
    count: int


def check(*, now: datetime) -> list[Broken]:
    """The sentences that are not true, with the number of leads that break them."""
    newest = list(Lead.objects.order_by("-scored_at")[:SAMPLE])
    counts = {
        "no stored score differs from its rows": len(check_leads(newest).differences),
        "no lead has a grade set by hand that nobody wrote down": _get_unwritten().count(),
        "no grade set by hand has outlived its day": _get_outlived(now).count(),
        "no lead is scored by rules that do not exist": _get_unruled().count(),
    }
    return [Broken(sentence=each, count=count) for each, count in counts.items() if count]


def _get_unwritten() -> QuerySet[Lead]:
    acts = GradeOverride.objects.filter(lead=OuterRef("pk")).order_by("-at", "-pk")
    written = Coalesce(Subquery(acts.values("grade")[:1]), Value(""))
    return Lead.objects.exclude(override_grade="").exclude(override_grade=written)


def _get_outlived(now: datetime) -> QuerySet[Lead]:
    return Lead.objects.filter(override_until__lt=(now - GRACE).date() - timedelta(days=1))


def _get_unruled() -> QuerySet[Lead]:
    newest = ScoreRules.objects.get_in_force().number
    return Lead.objects.filter(rules_number__gt=newest)
