"""A draft's mail as a made-up respondent would get it, on a page with the languages to choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language

from assessments import examples, overview, profiles
from campaigns import drafts, letters, placeholders, rendering
from campaigns.models import Step, Tip
from campaigns.words import PARTS, describe_problem
from pmoportal.cockpit import LANGUAGES, build_frame


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The mail, or `faults` in words when the text cannot be made into one."""

    mail: rendering.Rendered | None = None
    profile: profiles.Profile | None = None
    faults: tuple[str, ...] = ()


def preview_tip(*, tip: Tip, language: str, now: datetime) -> Preview:
    roles = overview.get_roles()
    key = next((key for key, each in roles.items() if tip.role_key in each), "")
    profile = _make_up(key, language, now, role=tip.role_key, tier=tip.tier)
    return _render(
        profile=profile,
        step={"kind": Step.Kind.TIP},
        tip={"role": tip.role_key},
        texts=_get_texts(tip, language),
        allowed=placeholders.TIP_VARIABLES,
    )


def preview_step(*, step: Step, language: str, now: datetime) -> Preview:
    key = step.campaign.assessment.key
    profile = _make_up(key, language, now, role="", tier="weak")
    return _render(
        profile=profile,
        step={"kind": step.kind},
        tip=None,
        texts=_get_texts(step, language),
        allowed=placeholders.CAMPAIGN_VARIABLES,
    )


def get_chosen_language(request: HttpRequest) -> str:
    """The language asked for, else the reader's own, else Swedish."""
    wanted = request.GET.get("language") or (get_language() or "")[:2]
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def show(
    request: HttpRequest,
    *,
    model_admin: admin.ModelAdmin,
    preview: Preview,
    original: Model,
    extra: dict[str, Any],
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": original,
        "preview": preview,
        "languages": LANGUAGES,
        "language": get_chosen_language(request),
        **extra,
    }
    return TemplateResponse(request, "admin/campaigns/preview.html", context)


def show_frame(preview: Preview) -> HttpResponse:
    return build_frame(preview.mail.html if preview.mail else "")


def _get_texts(row: Model, language: str) -> dict[str, str]:
    return {part: drafts.get_texts(row, part)[language] for part in drafts.PARTS}


def _make_up(
    key: str, language: str, now: datetime, *, role: str, tier: str
) -> profiles.Profile | None:
    """The first made-up respondent with a name whose weakest role is `role` (any: "") in `tier`."""
    for profile in examples.build_grid(assessment_key=key, now=now):
        weakest = profile.weakest[0] if profile.weakest else None
        if weakest is None or not profile.first_name or profile.language != language:
            continue
        if weakest == (role or weakest) and profile.get_role(weakest).tier == tier:
            return profile
    return None


def _render(
    *,
    profile: profiles.Profile | None,
    step: dict[str, Any],
    tip: dict[str, Any] | None,
    texts: Mapping[str, str],
    allowed: Mapping[str, placeholders.Variable],
) -> Preview:
    problems = rendering.check_mail(**texts, allowed=allowed)
    faults = tuple(f"{PARTS[each.place]}: {describe_problem(each)}" for each in problems)
    if faults or profile is None:
        return Preview(profile=profile, faults=faults)
    compiled = rendering.compile_mail(
        **texts,
        layout=rendering.get_layout(step["kind"]),
        language="en" if profile.language == "en" else "sv",
        allowed=allowed,
    )
    values = letters.build_values(profile=profile, step=step, tip=tip) | letters.SAMPLE_LINKS
    return Preview(mail=rendering.render(compiled=compiled, values=values), profile=profile)
