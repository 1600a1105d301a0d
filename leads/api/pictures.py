"""Leads and events as others see them."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from assessments import profiles
from campaigns import engagement
from leads.hooks import dealing
from leads.models import Event, Lead, StageChange
from leads.words import describe_reason


def show_moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def get_moves(leads: Collection[Lead]) -> dict[int, StageChange]:
    """By lead, the newest move to another stage, of those that ever moved."""
    moves = StageChange.objects.filter(lead__in=leads).order_by("lead", "-at", "-pk")
    return {each.lead_id: each for each in moves.distinct("lead")}


def show_lead(lead: Lead, move: StageChange | None, *, with_contact: bool) -> dict[str, Any]:
    """What colleagues wrote in words of their own may name the person, so it comes with the
    name; what they chose from a list does not.
    """
    shown = {
        "id": lead.pk,
        "grade": lead.effective_grade,
        "graded_by": "person" if lead.override_grade else "score",
        "graded_until": _show_day(lead.override_until),
        "computed_grade": lead.grade,
        "fit": lead.fit,
        "engagement": lead.engagement,
        "weakest_role": lead.weakest_role,
        "organisation": lead.organisation,
        "stage": lead.stage,
        "stage_since": show_moment(move.at if move else lead.created_at),
        "stage_reason": move.reason if move else "",
        "owner": lead.owner.get_username() if lead.owner else None,
        "taken_at": _show(lead.taken_at) if lead.owner else None,
        "next_step_at": _show_day(lead.next_step_at),
        "created_at": show_moment(lead.created_at),
        "changed_at": show_moment(lead.changed_at),
        "url": settings.SITE_URL + reverse("admin:leads_lead_change", args=[lead.pk]),
    }
    return shown | (_show_contact(lead, move) if with_contact else {})


def _show_contact(lead: Lead, move: StageChange | None) -> dict[str, str]:
    return {
        "email": lead.respondent.email,
        "first_name": lead.respondent.first_name,
        "stage_words": move.text if move else "",
        "next_step": lead.next_step,
    }


def _show(at: datetime | None) -> str | None:
    return show_moment(at) if at else None


def _show_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def show_details(lead: Lead) -> dict[str, Any]:
    """What the list leaves out: why the grade, what they did, and what the test said."""
    standing = engagement.get_standing(respondent_id=lead.respondent_id)
    profile = profiles.get_profile(lead.response_id)
    return {
        "scored_at": show_moment(lead.scored_at),
        "reasons": [_show_reason(reason) for reason in lead.reasons],
        "facts": [
            {"kind": fact.kind, "at": show_moment(fact.at)}
            for fact in (standing.facts if standing else ())
        ],
        "result": _show_result(profile) if profile else None,
    }


def _show_reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: reason.get(key, "") for key in ("axis", "key", "label", "points")}
    return {**shown, "days_ago": reason.get("days_ago"), "words": describe_reason(reason)}


def show_event(event: Event, owners: Mapping[int, str]) -> dict[str, Any]:
    """As webhooks tell it, with its number."""
    return {"number": event.number, **dealing.describe(event, owners)}


def _show_result(profile: profiles.Profile) -> dict[str, Any]:
    return {
        "completed_at": show_moment(profile.completed_at),
        "points": profile.points,
        "tier": profile.tier,
        "roles": [
            {"key": role.key, "name": role.name, "points": role.points, "tier": role.tier}
            for role in profile.roles
        ],
        "background": [
            {"question": each.question, "choice": each.choice, "label": each.label}
            for each in profile.background
        ],
    }
