"""Keep each lead's row true to what assessments and campaigns know. Rows can always be rebuilt."""

import re
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from assessments import profiles
from campaigns import engagement
from leads import holding
from leads.lead_scoring import Fact, LeadScore, Trait, score_lead
from leads.models import Lead
from leads.signals import lead_created, lead_graded

# Points of a fresh fact.
FACT_VALUES = {
    "contact_allowed": 40,
    "confirmed": 25,
    "asked_again": 30,
    "sequence_completed": 10,
}
STALE_AFTER = timedelta(days=1)
# An address here says nothing about an organisation.
FREE_MAIL = re.compile(
    r"(gmail|hotmail|outlook|live|icloud|me|msn|yahoo|proton|protonmail|telia|bredband|comhem)"
    r"\.(com|se|me|net)"
)


def refresh_lead(*, respondent_id: int, now: datetime) -> Lead | None:
    """Compute the lead again from rows; None when the person never confirmed an address.

    Owner and stage are people's decisions and are left as they are.
    """
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
    return _save(respondent_id, columns, standing.facts[0].at, now)


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


@transaction.atomic
def _save(
    respondent_id: int, columns: dict[str, object], created_at: datetime, now: datetime
) -> Lead:
    rows = Lead.objects.select_for_update(no_key=True).filter(respondent=respondent_id)
    before = rows.values_list("may_contact", "grade").first()
    if before and columns["may_contact"] and not before[0]:
        columns["alerted_grade"] = ""  # to those who may call, it is a new lead
    lead, is_new = Lead.objects.update_or_create(
        respondent_id=respondent_id,
        defaults=columns,
        create_defaults=columns | {"created_at": created_at},
    )
    holding.settle(lead=lead, is_new=is_new, now=now)
    _tell(lead, *(before or (False, "")))
    return lead


def _tell(lead: Lead, could_contact: bool, grade: str) -> None:  # noqa: FBT001  # a column's value
    """What others hear of it, once it is committed; nothing of those who want no call."""
    if not lead.may_contact:
        return
    before = grade if could_contact else ""
    if not could_contact:
        transaction.on_commit(partial(lead_created.send_robust, sender=None, lead_id=lead.pk))
    if lead.grade != before:
        tell = partial(lead_graded.send_robust, sender=None, lead_id=lead.pk, before=before)
        transaction.on_commit(partial(tell, grade=lead.grade))


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
