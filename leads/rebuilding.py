"""Does every stored score follow from the rows? Looks at all leads in batches; changes nothing.

A lead is compared by its own moment and its own rules. One whose person has done something since
then is *behind*, which refreshing sees to, and is not compared.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from leads.appraising import get_blank, get_subjects, measure
from leads.models import Edition, Lead, ScoreRules

BATCH = 500
# The time and the rules of the score are what it is compared by.
COMPARED = (
    "response_id",
    "may_contact",
    "fit",
    "engagement",
    "grade",
    "reasons",
    "weakest_key",
    "heard_at",
)


@dataclass(frozen=True, kw_only=True)
class Difference:
    lead_id: int
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of one batch."""

    leads: int
    behind: int
    differences: tuple[Difference, ...]


def check() -> Iterator[Checked]:
    """Every lead, batch by batch."""
    last = 0
    while batch := list(Lead.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield check_leads(batch)


def check_leads(leads: Collection[Lead]) -> Checked:
    """What seems to differ is read once more: it may have been refreshed meanwhile."""
    editions = ScoreRules.objects.get_editions()
    behind, doubtful = _compare(leads, editions)
    again = Lead.objects.filter(pk__in=[each.lead_id for each in doubtful])
    differences = _compare(again, ScoreRules.objects.get_editions())[1] if doubtful else []
    return Checked(leads=len(leads), behind=behind, differences=tuple(differences))


def _compare(leads: Collection[Lead], editions: dict[int, Edition]) -> tuple[int, list[Difference]]:
    subjects = get_subjects(respondent_ids=[lead.respondent_id for lead in leads])
    behind, differences = 0, []
    for lead in leads:
        subject = subjects.get(lead.respondent_id)
        if subject is not None and subject.standing.changed_at > lead.scored_at:
            behind += 1
            continue
        edition = editions.get(lead.rules_number)
        if edition is None:
            differences.append(Difference(lead_id=lead.pk, columns=("rules_number",)))
            continue
        expected = (
            measure(subject=subject, edition=edition, now=lead.scored_at)
            if subject
            else get_blank(edition=edition, now=lead.scored_at)
        )
        if columns := tuple(_get_differing(lead, expected)):
            differences.append(Difference(lead_id=lead.pk, columns=columns))
    return behind, differences


def _get_differing(lead: Lead, expected: dict[str, Any]) -> Iterator[str]:
    for name in COMPARED:
        if name in expected and _normalise(getattr(lead, name)) != _normalise(expected[name]):
            yield name


def _normalise(value: Any) -> Any:
    """The order of reasons of equal weight means nothing."""
    return sorted(map(repr, map(_sort, value))) if isinstance(value, list) else value


def _sort(reason: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted(reason.items())
