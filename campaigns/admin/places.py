"""Where in the admin a place of a campaign's document is edited, and what it is called."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from assessments import overview
from campaigns import faults
from campaigns.admin.steps import get_names, get_text
from campaigns.drafts import build_document
from campaigns.models import Campaign, Step, Tip
from campaigns.publishing import Advice, Problem
from campaigns.words import PARTS
from pmoportal.cockpit import LANGUAGES, Fault
from pmoportal.differences import Change, get_changes

# Of a document, what is not called as its column is.
COLUMNS = {
    "campaign": gettext_lazy("Campaign"),
    "role": gettext_lazy("role"),
    "steps": gettext_lazy("Steps"),
    "tips": gettext_lazy("Tips"),
    "window": gettext_lazy("Send window"),
}


def describe_faults(problems: Iterable[Problem], campaign: Campaign) -> list[Fault]:
    """The problems as a marketer reads them, each with a link to where it is put right. What is
    wrong for several kinds of respondent is told once.
    """
    said = ((problem.place, faults.describe_problem(problem)) for problem in problems)
    return _build(dict.fromkeys(said), campaign)


def describe_advice(advice: Iterable[Advice], campaign: Campaign) -> list[Fault]:
    """Likewise, what is only worth a second look."""
    said = (
        (each.place, faults.describe_advice(each.code, name=each.name, figure=each.figure))
        for each in advice
    )
    return _build(dict.fromkeys(said), campaign)


def _build(said: Iterable[tuple[str, str]], campaign: Campaign) -> list[Fault]:
    roles = overview.get_roles().get(campaign.assessment.key, {})
    document = build_document(campaign=campaign)
    fields = _find_fields(document, campaign)
    names = _get_names(document)
    return [
        Fault(place=_describe(place, roles, names), url=_get_url(place, fields), sentence=sentence)
        for place, sentence in said
    ]


def describe_changes(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Change]:
    """What differs between two documents, each place in words; nothing without an old one."""
    if old is None:
        return []
    names = _get_names(old) | _get_names(new)
    return [
        replace(each, place=_describe_path(each.place, names)) for each in get_changes(old, new)
    ]


def _get_names(document: Mapping[str, Any]) -> dict[str, str]:
    """Key -> what a step or a tip is called."""
    steps = get_names({0: document["campaign"].get("steps", [])})
    tips = {tip["key"]: f"“{get_text(tip['subject'])}”" for tip in document["tips"]}
    return {key: str(name) for key, name in steps.items()} | tips


def _describe_path(place: str, names: Mapping[str, str]) -> str:
    """`campaign.steps.talk.subject.sv` → “Steps · Day 45: Half an hour · subject · Swedish”."""
    parts = place.removeprefix("campaign.").split(".")
    return " · ".join(names.get(part) or _describe_column(part) for part in parts)


def _describe_column(part: str) -> str:
    if part in LANGUAGES:
        return str(get_language_info(part)["name_translated"])
    if part in COLUMNS:
        return str(COLUMNS[part])
    for model in (Campaign, Step, Tip):
        with suppress(AttributeError):
            return str(label_for_field(part, model))
    return part


def _describe(place: str, roles: Mapping[str, str], called: Mapping[str, str]) -> str:
    """`step:talk.body.sv` → “Day 45: Half an hour · text · Swedish”."""
    head, *rest = place.split(".")
    if head == "tips":
        role, tier = rest
        return " · ".join((_("Tips"), roles.get(role, role), _get_tier_name(tier)))
    kind, _colon, key = head.partition(":")
    names = {"step": _("Step"), "tip": _("Tip"), "steps": _("Steps"), "window": _("Send window")}
    parts = [called.get(key) or f"{names.get(kind, _('Test'))} {key}".strip()]
    return " · ".join([*parts, *map(_describe_part, rest)])


def _get_tier_name(tier: str) -> str:
    return str(Tip(tier=tier).get_tier_display())


def _describe_part(part: str) -> str:
    if part in LANGUAGES:
        return str(get_language_info(part)["name_translated"])
    return str(PARTS.get(part, part))


def _find_fields(document: Mapping[str, Any], campaign: Campaign) -> dict[str, str]:
    """Step or tip -> the page that has it, up to the name of its fields."""
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    steps = {
        f"step:{step['key']}": f"{page}#id_steps-{number}-"
        for number, step in enumerate(document["campaign"]["steps"])
    }
    tips = {
        f"tip:{key}": f"{reverse('admin:campaigns_tip_change', args=[pk])}#id_"
        for key, pk in Tip.objects.values_list("key", "pk")
    }
    return {"": page} | steps | tips


def _get_url(place: str, fields: Mapping[str, str]) -> str:
    """As near to the fault as there is a field for it."""
    head, *rest = place.split(".")
    if head == "tips":
        query = urlencode({"role_key": rest[0], "tier": rest[1]})
        return f"{reverse('admin:campaigns_tip_add')}?{query}"
    if head in fields:
        part, language = (*rest, "", "")[:2]
        return fields[head] + f"{part or 'subject'}_{language or LANGUAGES[0]}"
    return reverse("admin:index") if head.startswith("assessment") else fields[""]
