"""How facts become points, and points become grades: a value, and the document that holds it.

Pure. What a rule may name is listed here, so that nobody can give points to a scanner's click or
to a mail that was merely opened: such facts have no kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

# In the order of a form: what says most about a person's wish to talk comes first.
KINDS = (
    "answered",
    "replied",
    "contact_allowed",
    "asked_again",
    "confirmed",
    "sequence_completed",
    "clicked",
)
FITS = ("A", "B", "C", "D")
ENGAGEMENTS = ("1", "2", "3", "4")
GRADES = tuple(fit + engagement for fit in FITS for engagement in ENGAGEMENTS)
MOST_POINTS = 100
LONGEST_HALF_LIFE = 730


@dataclass(frozen=True, kw_only=True)
class FactRule:
    """What a fresh fact is worth, and in how many days it is worth half of that."""

    points: int
    half_life_days: int


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`fit_floors` are the fewest points of A, B and C, `engagement_floors` those of 1, 2 and 3;
    what is below them is D and 4. Neither axis goes above `most`.
    """

    facts: Mapping[str, FactRule]
    fit_floors: tuple[int, int, int]
    engagement_floors: tuple[int, int, int]
    most: int


# Never edited: leads are scored by these as number 0, and compared with them ever after. Other
# rules are published, in the admin or by a migration.
SHIPPED = Rules(
    facts={
        "answered": FactRule(points=50, half_life_days=30),
        "replied": FactRule(points=45, half_life_days=30),
        "contact_allowed": FactRule(points=40, half_life_days=30),
        "asked_again": FactRule(points=30, half_life_days=30),
        "confirmed": FactRule(points=25, half_life_days=30),
        "sequence_completed": FactRule(points=10, half_life_days=30),
        "clicked": FactRule(points=8, half_life_days=14),
    },
    fit_floors=(60, 40, 20),
    engagement_floors=(60, 40, 20),
    most=100,
)


def write(rules: Rules) -> dict[str, Any]:
    """The document of the rules."""
    return {
        "facts": {
            kind: {"points": rule.points, "half_life_days": rule.half_life_days}
            for kind, rule in rules.facts.items()
        },
        "fit_floors": dict(zip(FITS, rules.fit_floors, strict=False)),
        "engagement_floors": dict(zip(ENGAGEMENTS, rules.engagement_floors, strict=False)),
        "most": rules.most,
    }


def read(document: Mapping[str, Any]) -> Rules:
    """The rules of a document that `write` made. A kind it does not name is worth nothing."""
    fit, engagement = document["fit_floors"], document["engagement_floors"]
    return Rules(
        facts={
            kind: FactRule(points=rule["points"], half_life_days=rule["half_life_days"])
            for kind, rule in document["facts"].items()
        },
        fit_floors=(fit["A"], fit["B"], fit["C"]),
        engagement_floors=(engagement["1"], engagement["2"], engagement["3"]),
        most=document["most"],
    )


def find_faults(rules: Rules) -> tuple[str, ...]:
    """Why these rules cannot be in force; empty when they can."""
    faults = []
    if set(rules.facts) - set(KINDS):
        faults.append("unknown_kind")
    if not all(0 <= rule.points <= MOST_POINTS for rule in rules.facts.values()):
        faults.append("points")
    if not all(1 <= rule.half_life_days <= LONGEST_HALF_LIFE for rule in rules.facts.values()):
        faults.append("half_life")
    if not 1 <= rules.most <= MOST_POINTS:
        faults.append("most")
    for axis, floors in (("fit", rules.fit_floors), ("engagement", rules.engagement_floors)):
        if not _fall(rules.most, floors):
            faults.append(f"{axis}_floors")
    return tuple(faults)


def _fall(most: int, floors: tuple[int, ...]) -> bool:
    """The best grade can be reached, and each one is harder to reach than the next."""
    return most >= floors[0] and floors[-1] >= 1 and all(a > b for a, b in pairwise(floors))
