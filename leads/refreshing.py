"""Keep each lead's row true to what assessments and campaigns know. Rows can always be rebuilt."""

import re
from dataclasses import asdict
from datetime import datetime, timedelta

from assessments import profiles
from campaigns import engagement
from leads.lead_scoring import Fact, LeadScore, Trait, score_lead
from leads.models import Lead

# Points of a fresh fact.
FACT_VALUES = {
    "contact_allowed": 40,
    "confirmed": 25,
    "asked_again": 30,
    "clicked": 12,
    "sequence_completed": 10,
}
STALE_AFTER = timedelta(days=1)
# An address here says nothing about an organisation.
FREE_MAIL = re.compile(
    r"(gmail|hotmail|outlook|live|icloud|me|msn|yahoo|proton|protonmail|telia|bredband|comhem)"
    r"\.(com|se|me|net)"
)


def refresh_lead(*, respondent_id: int, now: datetime) -> Lead | None:
    """Compute the lead again from rows; None when the person never confirmed an address, or
    objected: then what was worked out is forgotten.

    Owner and stage are people's decisions and are left as they are.
    """
    if engagement.has_objected(respondent_id=respondent_id):
        _forget_score(respondent_id, now)
        return None
    standing = engagement.get_standing(respondent_id=respondent_id)
    profile = profiles.get_profile(standing.response_id) if standing else None
    if standing is None or profile is None:
        return None
    score = score_lead(
        traits=[
            Trait(key=each.question, label=each.label, points=each.fit)
            for each in profile.background
        ],
        facts=[Fact(key=fact.kind, at=fact.at) for fact in standing.facts],
        values=FACT_VALUES,
        now=now,
    )
    columns = _get_columns(profile, score, now) | {"may_contact": standing.may_contact}
    lead, _ = Lead.objects.update_or_create(
        respondent_id=respondent_id,
        defaults=columns,
        create_defaults=columns | {"created_at": standing.facts[0].at},
    )
    return lead


def refresh_stale(*, now: datetime, limit: int) -> int:
    """Refresh up to `limit` leads that were missed when something happened, or that decay has
    moved on since yesterday. Returns how many.
    """
    recent = engagement.get_people_since(at=now - STALE_AFTER, limit=limit)
    scored = dict(
        Lead.objects.filter(respondent_id__in=recent).values_list("respondent_id", "scored_at")
    )
    missed = [pk for pk, at in recent.items() if pk not in scored or scored[pk] < at]
    decayed = Lead.objects.filter(scored_at__lt=now - STALE_AFTER).order_by("scored_at")
    people = [*missed, *decayed.values_list("respondent_id", flat=True)[:limit]][:limit]
    for respondent_id in dict.fromkeys(people):
        refresh_lead(respondent_id=respondent_id, now=now)
    return len(people)


def _forget_score(respondent_id: int, now: datetime) -> None:
    """Off the consultants' list, without a score. What people wrote down stays theirs."""
    Lead.objects.filter(respondent_id=respondent_id).update(
        may_contact=False,
        fit=0,
        engagement=0,
        grade="",
        reasons=[],
        weakest_role="",
        organisation="",
        scored_at=now,
    )


def _get_columns(profile: profiles.Profile, score: LeadScore, now: datetime) -> dict[str, object]:
    weakest = profile.get_role(profile.weakest[0]).name if profile.weakest else ""
    return {
        "response_id": profile.response_id,
        "fit": score.fit,
        "engagement": score.engagement,
        "grade": score.grade,
        "reasons": [asdict(reason) for reason in score.reasons],
        "weakest_role": weakest,
        "organisation": get_organisation(profile.email),
        "scored_at": now,
    }


def get_organisation(email: str) -> str:
    """The address's domain as a label; empty for a free mail service."""
    domain = email.rpartition("@")[2]
    return "" if FREE_MAIL.fullmatch(domain) else domain
