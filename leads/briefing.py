"""What a consultant needs before a call, read once: who, why, what they said, what passed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from assessments import portraits
from assessments.portraits import Portrait
from campaigns import stories
from leads import holding, timeline
from leads.models import Lead, OpeningQuestion
from leads.words import describe_reasons, get_name

WEAK_ROLES = 2
COLLEAGUES = 8
NOTES = 2


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One question to begin with, for one role in its tier."""

    role: str
    tier: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Brief:
    """`colleagues` are those whom the reader may see; `others` counts the rest. `notes` are the
    newest.
    """

    lead: Lead
    name: str
    reasons: Sequence[str]
    portrait: Portrait | None
    openings: Sequence[Opening]
    tips: Sequence[stories.Letter]
    allowed: Sequence[stories.Allowed]
    series: Sequence[stories.Series]
    colleagues: Sequence[Lead]
    others: int
    notes: Sequence[timeline.Entry]
    notes_in_all: int
    timeline: Sequence[timeline.Entry]


def build_brief(*, lead: Lead, seen: QuerySet[Lead], reader_id: int, now: datetime) -> Brief:
    """`seen` is every lead that the reader may see. A fixed number of queries."""
    portrait = portraits.get_portrait(lead.response_id)
    person = lead.respondent
    story = stories.get_story(respondent_id=person.pk, email=person.email, now=now)
    same = holding.get_colleagues(lead)
    passed = timeline.build(lead=lead, story=story, reader_id=reader_id)
    notes = [each for each in passed if each.kind == timeline.Kind.NOTE]
    colleagues = list(seen.filter(pk__in=same.values("pk")).order_by("effective_grade", "pk"))
    return Brief(
        lead=lead,
        name=get_name(lead),
        reasons=describe_reasons(lead.reasons),
        portrait=portrait,
        openings=get_openings(portrait.weakest if portrait else ()),
        tips=[each for each in story.letters if each.tip_key and each.is_sent],
        allowed=story.allowed,
        series=story.series,
        colleagues=colleagues[:COLLEAGUES],
        others=same.count() - len(colleagues[:COLLEAGUES]),
        notes=notes[:NOTES],
        notes_in_all=len(notes),
        timeline=passed,
    )


def get_openings(roles: Sequence[Mapping[str, Any]]) -> list[Opening]:
    """For the weakest roles, weakest first; a strong one only when all are. One query."""
    weak = [each for each in roles if each["tier"] != OpeningQuestion.Tier.STRONG] or list(roles)
    chosen = weak[:WEAK_ROLES]
    questions = {
        (each.role_key, each.tier): each.text
        for each in OpeningQuestion.objects.filter(role_key__in=[each["key"] for each in chosen])
    }
    return [
        Opening(role=each["name"], tier=each["label"], text=questions[each["key"], each["tier"]])
        for each in chosen
        if (each["key"], each["tier"]) in questions
    ]
