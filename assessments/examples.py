"""Made-up respondents, for trying mail before anybody gets it.

A door. Nothing here is a row, and nobody is counted.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assessments import document, profiles, scoring


def build_grid(*, assessment_key: str, now: datetime) -> tuple[profiles.Profile, ...]:
    """Every kind of respondent of the published test, made up: each role as the weakest in each
    tier, all roles equal in each tier, and nobody scored; each in every language, with and
    without a name. Empty when the test was never published.
    """
    version = profiles.get_published(assessment_key)
    if version is None:
        return ()
    scheme = document.get_scheme(version.document)
    results: list[dict[str, int | None]] = [dict.fromkeys(scheme.roles)]
    for points in _get_levels(scheme).values():
        results.append(dict.fromkeys(scheme.roles, points))
        results += [
            {role: points if role == weakest else 100 for role in scheme.roles}
            for weakest in scheme.roles
        ]
    return tuple(
        _make_up(version.document, points, language, first_name, now)
        for points in results
        for language in document.LANGUAGES
        for first_name in ("", "Åsa Ö’Brien-Lindström")
    )


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


def _get_levels(scheme: scoring.Scheme) -> dict[str, int]:
    return {"weak": 0, "developing": scheme.developing_from, "strong": scheme.strong_from}


def _make_up(
    source: document.Document,
    points: Mapping[str, int | None],
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
