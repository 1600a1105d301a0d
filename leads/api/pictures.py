"""Leads and events as others see them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from assessments import profiles
from campaigns import engagement
from leads.hooks import dealing
from leads.models import Event, Lead


def show_moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def show_lead(lead: Lead, *, with_contact: bool) -> dict[str, Any]:
    person = lead.respondent
    shown = {
        "id": lead.pk,
        "grade": lead.effective_grade,
        "fit": lead.fit,
        "engagement": lead.engagement,
        "weakest_role": lead.weakest_role,
        "organisation": lead.organisation,
        "stage": lead.stage,
        "owner": lead.owner.get_username() if lead.owner else None,
        "created_at": show_moment(lead.created_at),
        "changed_at": show_moment(lead.changed_at),
        "url": settings.SITE_URL + reverse("admin:leads_lead_change", args=[lead.pk]),
    }
    if with_contact:
        shown |= {"email": person.email, "first_name": person.first_name}
    return shown


def show_details(lead: Lead) -> dict[str, Any]:
    """What the list leaves out: why the grade, what they did, and what the test said."""
    standing = engagement.get_standing(respondent_id=lead.respondent_id)
    profile = profiles.get_profile(lead.response_id)
    return {
        "reasons": [
            {key: reason.get(key, "") for key in ("axis", "key", "label", "points")}
            for reason in lead.reasons
        ],
        "facts": [
            {"kind": fact.kind, "at": show_moment(fact.at)}
            for fact in (standing.facts if standing else ())
        ],
        "result": _show_result(profile) if profile else None,
    }


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
