"""Where in the admin a place of a campaign's document is edited, and what it is called."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from assessments import overview
from campaigns import words
from campaigns.models import Campaign, Tip
from campaigns.publishing import Advice, Problem
from campaigns.words import PARTS, describe_problem
from pmoportal.cockpit import LANGUAGES, Fault


def describe_faults(problems: Iterable[Problem], campaign: Campaign) -> list[Fault]:
    """The problems as a marketer reads them, each with a link to where it is put right."""
    roles = overview.get_roles().get(campaign.assessment.key, {})
    tips = dict(Tip.objects.values_list("key", "pk"))
    return [
        Fault(
            place=_describe(problem.place, roles),
            url=_get_url(problem.place, campaign, tips),
            sentence=describe_problem(problem),
        )
        for problem in problems
    ]


def describe_advice(advice: Iterable[Advice], campaign: Campaign) -> list[Fault]:
    """Likewise, what is only worth a second look."""
    roles = overview.get_roles().get(campaign.assessment.key, {})
    tips = dict(Tip.objects.values_list("key", "pk"))
    return [
        Fault(
            place=_describe(each.place, roles),
            url=_get_url(each.place, campaign, tips),
            sentence=words.describe_advice(each.code, name=each.name, figure=each.figure),
        )
        for each in advice
    ]


def _describe(place: str, roles: Mapping[str, str]) -> str:
    """`step:talk.body.sv` → “Step talk · text · Swedish”."""
    head, *rest = place.split(".")
    if head == "tips":
        role, tier = rest
        return " · ".join((_("Tips"), roles.get(role, role), _get_tier_name(tier)))
    kind, _colon, key = head.partition(":")
    names = {"step": _("Step"), "tip": _("Tip"), "steps": _("Steps"), "window": _("Send window")}
    parts = [f"{names.get(kind, _('Test'))} {key}".strip()]
    return " · ".join([*parts, *map(_describe_part, rest)])


def _get_tier_name(tier: str) -> str:
    return str(Tip(tier=tier).get_tier_display())


def _describe_part(part: str) -> str:
    if part in LANGUAGES:
        return str(get_language_info(part)["name_translated"])
    return str(PARTS.get(part, part))


def _get_url(place: str, campaign: Campaign, tips: Mapping[str, Any]) -> str:
    head, *rest = place.split(".")
    kind, _colon, key = head.partition(":")
    if kind == "tips":
        query = urlencode({"role_key": rest[0], "tier": rest[1]})
        return f"{reverse('admin:campaigns_tip_add')}?{query}"
    if kind == "tip" and key in tips:
        return reverse("admin:campaigns_tip_change", args=[tips[key]])
    if kind == "assessment":
        return reverse("admin:index")
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])
