"""What a lead's score is computed from, and the columns it becomes. Reads many people at once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from assessments import profiles
from campaigns import engagement
from leads.lead_scoring import Fact, Trait, score_lead
from leads.models import Edition

# An address here says nothing about an organisation.
FREE_MAIL = re.compile(
    r"(gmail|hotmail|outlook|live|icloud|me|msn|yahoo|proton|protonmail|telia|bredband|comhem)"
    r"\.(com|se|me|net)"
)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One person, as the score sees them. Somebody who has taken back everything they agreed to
    has no traits and no facts: they are not scored.
    """

    profile: profiles.Profile
    standing: engagement.Standing
    traits: tuple[Trait, ...]
    facts: tuple[Fact, ...]


def get_subjects(*, respondent_ids: Collection[int]) -> dict[int, Subject]:
    """By respondent, without those who never confirmed an address."""
    standings = engagement.get_standings(respondent_ids=respondent_ids)
    found = profiles.get_profiles(each.response_id for each in standings.values())
    return {
        person: _build(found[standing.response_id], standing)
        for person, standing in standings.items()
        if standing.response_id in found
    }


def measure(*, subject: Subject, edition: Edition, now: datetime) -> dict[str, Any]:
    """The columns that follow from rows, by these rules at this moment."""
    profile, standing = subject.profile, subject.standing
    score = score_lead(traits=subject.traits, facts=subject.facts, rules=edition.rules, now=now)
    return {
        "response_id": profile.response_id,
        "may_contact": standing.may_contact,
        "fit": score.fit,
        "engagement": score.engagement,
        "grade": score.grade,
        "reasons": [asdict(reason) for reason in score.reasons],
        "weakest_role": profile.get_role(profile.weakest[0]).name if profile.weakest else "",
        "weakest_key": profile.weakest[0] if profile.weakest else "",
        "organisation": get_organisation(profile.email),
        "heard_at": subject.facts[-1].at if subject.facts else None,
        "scored_at": now,
        "rules_number": edition.number,
    }


def get_blank(*, edition: Edition, now: datetime) -> dict[str, Any]:
    """The columns of a lead whose person is no longer anybody we know something of."""
    score = score_lead(traits=(), facts=(), rules=edition.rules, now=now)
    return {
        "may_contact": False,
        "fit": 0,
        "engagement": 0,
        "grade": score.grade,
        "reasons": [],
        "weakest_role": "",
        "weakest_key": "",
        "organisation": "",
        "heard_at": None,
        "scored_at": now,
        "rules_number": edition.number,
    }


def get_organisation(email: str) -> str:
    """The address's domain as a label; empty for a free mail service."""
    domain = email.rpartition("@")[2]
    return "" if FREE_MAIL.fullmatch(domain) else domain


def get_fit(reasons: Collection[Mapping[str, Any]]) -> int:
    """The points of fit in a stored breakdown, before the most there can be."""
    return sum(reason["points"] for reason in reasons if reason["axis"] == "fit")


def get_facts(standing: engagement.Standing) -> tuple[Fact, ...]:
    if not standing.may_score:
        return ()
    return tuple(Fact(key=fact.kind, at=fact.at) for fact in standing.facts)


def _build(profile: profiles.Profile, standing: engagement.Standing) -> Subject:
    background = profile.background if standing.may_score else ()
    return Subject(
        profile=profile,
        standing=standing,
        traits=tuple(
            Trait(key=each.question, label=each.label, points=each.fit) for each in background
        ),
        facts=get_facts(standing),
    )
