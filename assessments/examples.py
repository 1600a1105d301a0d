"""Made-up respondents, for trying mail before anybody gets it.

A door. Nothing here is a row, and nobody is counted.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assessments import document, profiles, scoring

NAME = "Åsa Ö’Brien-Lindström"


# A kind of respondent: the weakest role and its tier. All roles alike, or none scored:
ALIKE = ""
UNSCORED = ("", "")
Kind = tuple[str, str]
Points = Mapping[str, int | None]


def build_grid(*, assessment_key: str, now: datetime) -> tuple[profiles.Profile, ...]:
    """Every kind of respondent of the published test, made up: each role as the weakest in each
    tier, all roles equal in each tier, and nobody scored; each in every language, with and
    without a name. Empty when the test was never published.
    """
    version = profiles.get_published(assessment_key)
    if version is None:
        return ()
    return tuple(
        _make_up(version.document, points, language, first_name, now)
        for points in _get_kinds(document.get_scheme(version.document)).values()
        for language in document.LANGUAGES
        for first_name in ("", NAME)
    )


def get_kinds(*, assessment_key: str) -> tuple[Kind, ...]:
    """The kinds of respondent in the grid, nobody scored first; none before the first version."""
    version = profiles.get_published(assessment_key)
    return tuple(_get_kinds(document.get_scheme(version.document))) if version else ()


def make_kind(
    *, assessment_key: str, kind: Kind, language: str, first_name: str, now: datetime
) -> profiles.Profile | None:
    """One respondent of that kind; None when the published test has none."""
    version = profiles.get_published(assessment_key)
    kinds = _get_kinds(document.get_scheme(version.document)) if version else {}
    if version is None or kind not in kinds:
        return None
    return _make_up(version.document, kinds[kind], language, first_name, now)


def make_up(
    *,
    assessment_key: str,
    weakest: Sequence[str],
    tier: str,
    language: str,
    first_name: str,
    now: datetime,
) -> profiles.Profile | None:
    """One respondent whose weakest roles are these, the weakest first, all of one tier; the other
    roles are strong. None when the test was never published.
    """
    version = profiles.get_published(assessment_key)
    if version is None:
        return None
    scheme = document.get_scheme(version.document)
    level = _get_levels(scheme)[tier]
    points: dict[str, int | None] = dict.fromkeys(scheme.roles, 100)
    points |= {role: level + place for place, role in enumerate(weakest)}
    return _make_up(version.document, points, language, first_name, now)


def _get_kinds(scheme: scoring.Scheme) -> dict[Kind, Points]:
    kinds: dict[Kind, Points] = {UNSCORED: dict.fromkeys(scheme.roles)}
    for tier, points in _get_levels(scheme).items():
        kinds[ALIKE, tier] = dict.fromkeys(scheme.roles, points)
        for weakest in scheme.roles:
            kinds[weakest, tier] = {
                role: points if role == weakest else 100 for role in scheme.roles
            }
    return kinds


def _get_levels(scheme: scoring.Scheme) -> dict[str, int]:
    return {"weak": 0, "developing": scheme.developing_from, "strong": scheme.strong_from}


def _make_up(
    source: document.Document,
    points: Points,
    language: str,
    first_name: str,
    now: datetime,
) -> profiles.Profile:
    scheme = document.get_scheme(source)
    scores = {role: _make_up_score(each, scheme) for role, each in points.items()}
    known = [each for each in points.values() if each is not None]
    result = {
        "overall": _make_up_score(sum(known) // len(known) if known else None, scheme),
        "roles": scores,
        "weakest": sorted(
            (role for role, each in points.items() if each is not None),
            key=lambda role: points[role] or 0,
        ),
    }
    return profiles.Profile(
        response_id=uuid.UUID(int=0),
        respondent_id=None,
        email="",
        first_name=first_name,
        language=language,
        completed_at=now,
        background=(),
        **profiles.build_result(document.localise(source, language), result, language),
    )


def _make_up_score(points: int | None, scheme: scoring.Scheme) -> dict[str, Any]:
    tier = None if points is None else scoring.get_tier(points=points, scheme=scheme)
    return {"points": points, "tier": tier}
