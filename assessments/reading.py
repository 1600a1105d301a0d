"""A result as a person reads it, in one language: what the page and the report both say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments import charts, comparing, spread, tokens
from assessments.models import Response, Tier


@dataclass(frozen=True, kw_only=True)
class Change:
    """One role then and now; `difference` is None when one of the two has no score."""

    name: str
    then: int | None
    now: int | None
    difference: int | None

    @property
    def fall(self) -> int:
        return abs(self.difference or 0)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An earlier sitting of the same person."""

    completed_at: datetime
    points: int | None
    token: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The sitting before this one against this one, and all before it, newest first.

    `risen` are the roles that rose most; `is_same_test` is false when the test was edited
    in between; `shape` is the earlier result as a polygon on the radar, when it is whole.
    """

    since: datetime
    changes: tuple[Change, ...]
    risen: tuple[Change, ...]
    is_same_test: bool
    shape: str
    sittings: tuple[Earlier, ...]

    @property
    def risen_names(self) -> str:
        return ", ".join(each.name for each in self.risen)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One score among all others': the columns, and the percentage that scored lower."""

    name: str
    points: int
    bars: tuple[spread.Bar, ...]
    percent_below: int


@dataclass(frozen=True, kw_only=True)
class Range:
    """One role in the organisation's mirror, and one's own points beside it."""

    name: str
    low: int
    high: int
    points: int | None
    is_widest: bool

    @property
    def width(self) -> int:
        """As drawn: a band where all agree is still to be seen."""
        return max(self.high - self.low, 2)


def read_result(response: Response, language: str) -> dict[str, Any]:
    """Verdict, roles with texts, ties and the radar of a completed response."""
    test = response.get_texts(language)
    result = response.result or {}
    roles = [_read_role(role, result["roles"][role["key"]]) for role in test["roles"]]
    by_key = {role["key"]: role for role in roles}
    overall = result["overall"]
    return {
        "test": test,
        "overall": overall,
        "verdict": test["verdicts"].get(overall["tier"]),
        "roles": roles,
        "weakest": by_key[result["weakest"][0]] if result["weakest"] else None,
        "tied": [by_key[key] for key in result["tied_weakest"]],
        "unanswered": overall["asked"] - overall["answered"],
        "radar": charts.build_radar_of(test, [role["points"] for role in roles]),
    }


def read_progress(response: Response, roles: list[dict[str, Any]]) -> Progress | None:
    """None for a first sitting. `roles` as `read_result` gives them."""
    earlier = comparing.get_earlier(response)
    if not earlier:
        return None
    before = earlier[0]
    assert before.result is not None
    assert before.completed_at is not None
    scores = before.result["roles"]
    then = [scores[role["key"]]["points"] if role["key"] in scores else None for role in roles]
    changes = tuple(
        _compare(role["name"], points, role["points"])
        for role, points in zip(roles, then, strict=True)
    )
    best = max((each.difference or 0 for each in changes), default=0)
    return Progress(
        since=before.completed_at,
        changes=changes,
        risen=tuple(each for each in changes if best > 0 and each.difference == best),
        is_same_test=before.version_id == response.version_id,
        shape="" if None in then else charts.build_shape([each or 0 for each in then]),
        sittings=tuple(_read_earlier(each) for each in earlier),
    )


def read_distribution(
    distribution: comparing.Distribution | None, reading: dict[str, Any], whole: str
) -> list[Comparison]:
    """Each of one's scores among others'; `whole` is the name of the overall score."""
    if distribution is None:
        return []
    own = [("overall", whole, reading["overall"]["points"])]
    own += [(role["key"], role["name"], role["points"]) for role in reading["roles"]]
    return [
        Comparison(
            name=name,
            points=points,
            bars=spread.build_bars(distribution.columns[key], points),
            percent_below=spread.get_share_below(distribution.columns[key], points),
        )
        for key, name, points in own
        if points is not None and key in distribution.columns
    ]


def read_mirror(group: comparing.Group | None, roles: list[dict[str, Any]]) -> list[Range]:
    bands = (group and group.bands) or {}
    widest = spread.get_widest(bands)
    return [
        Range(
            name=role["name"],
            low=bands[role["key"]][0],
            high=bands[role["key"]][1],
            points=role["points"],
            is_widest=role["key"] in widest,
        )
        for role in roles
        if role["key"] in bands
    ]


def _read_role(role: dict[str, Any], score: dict[str, Any]) -> dict[str, Any]:
    tier = score["tier"]
    label = str(Tier(tier).label) if tier else ""
    return {**role, **score, **role["texts"].get(tier, {}), "label": label}


def _compare(name: str, then: int | None, now: int | None) -> Change:
    difference = None if then is None or now is None else now - then
    return Change(name=name, then=then, now=now, difference=difference)


def _read_earlier(sitting: Response) -> Earlier:
    assert sitting.result is not None
    assert sitting.completed_at is not None
    return Earlier(
        completed_at=sitting.completed_at,
        points=sitting.result["overall"]["points"],
        token=tokens.make("result", sitting.pk),
    )
