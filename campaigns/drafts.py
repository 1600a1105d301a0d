"""A campaign's draft as one document, in the shape of the content files, and back into rows."""

from typing import Any

from django.db.models import Model

from assessments.seeding import set_texts
from campaigns.models import Campaign, Step, Tip

LANGUAGES = ("sv", "en")
PARTS = ("subject", "preview", "body")
# A second subject, tried against the first; most mails have none.
SECOND_SUBJECT = "subject_b"


def build_document(*, campaign: Campaign) -> dict[str, Any]:
    tips = Tip.objects.filter(is_active=True).order_by("role_key", "position", "pk")
    return {"campaign": build_campaign(campaign), "tips": [build_tip(tip) for tip in tips]}


def build_campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "key": campaign.key,
        "name": get_texts(campaign, "name"),
        "assessment": campaign.assessment.key,
        "purpose": campaign.purpose,
        "priority": campaign.priority,
        "cap_days": campaign.cap_days,
        "window": {
            "weekdays": list(campaign.weekdays),
            "opens": f"{campaign.opens:%H:%M}",
            "closes": f"{campaign.closes:%H:%M}",
            "zone": campaign.zone,
        },
        "blackout_dates": list(campaign.blackout_dates),
        "steps": [build_step(step) for step in campaign.steps.order_by("position", "pk")],
    }


def build_step(step: Step) -> dict[str, Any]:
    built = {
        "key": step.key,
        "kind": step.kind,
        "delay_days": step.delay_days,
        "useful_days": step.useful_days,
    }
    if step.kind == Step.Kind.TIP:
        return built | {"role_rank": step.role_rank}
    return built | _build_texts(step)


def build_tip(tip: Tip) -> dict[str, Any]:
    head: dict[str, Any] = {"key": tip.key, "role": tip.role_key, "tier": tip.tier}
    if tip.tags:
        head["tags"] = list(tip.tags)
    return head | _build_texts(tip)


def get_texts(row: Model, field: str) -> dict[str, str]:
    """The field in every language, as documents hold it."""
    return {language: getattr(row, f"{field}_{language}") or "" for language in LANGUAGES}


def write_campaign(content: dict[str, Any], assessment_id: int) -> Campaign:
    """The campaign and its steps as `build_campaign` gives them; steps not among them go."""
    window = content["window"]
    campaign, _ = Campaign.objects.update_or_create(
        key=content["key"],
        defaults={
            "assessment_id": assessment_id,
            "purpose": content["purpose"],
            "priority": content["priority"],
            "cap_days": content["cap_days"],
            "weekdays": window["weekdays"],
            "opens": window["opens"],
            "closes": window["closes"],
            "zone": window["zone"],
            "blackout_dates": content["blackout_dates"],
            **set_texts("name", content["name"]),
        },
    )
    campaign.steps.exclude(key__in=[step["key"] for step in content["steps"]]).delete()
    for position, step in enumerate(content["steps"], start=1):
        columns = {name: step[name] for name in ("kind", "delay_days", "useful_days")}
        Step.objects.update_or_create(
            campaign=campaign,
            key=step["key"],
            defaults={
                "position": position,
                "role_rank": step.get("role_rank"),
                **columns,
                **_get_columns(step),
            },
        )
    return campaign


def write_tip(content: dict[str, Any], *, position: int) -> Tip:
    """The tip as `build_tip` gives it. `position` is where a new one comes among the others."""
    columns = _get_columns(content) | {
        "role_key": content["role"],
        "tier": content["tier"],
        "tags": content.get("tags", []),
    }
    tip, _ = Tip.objects.update_or_create(
        key=content["key"],
        defaults=columns,
        create_defaults={"position": position} | columns,
    )
    return tip


def _build_texts(row: Step | Tip) -> dict[str, dict[str, str]]:
    texts = {part: get_texts(row, part) for part in PARTS}
    second = get_texts(row, SECOND_SUBJECT)
    return texts | ({SECOND_SUBJECT: second} if any(second.values()) else {})


def _get_columns(content: dict[str, Any]) -> dict[str, str]:
    nothing = dict.fromkeys(LANGUAGES, "")
    texts = {part: content.get(part, nothing) for part in (*PARTS, SECOND_SUBJECT)}
    return {
        column: text
        for part, each in texts.items()
        for column, text in set_texts(part, each).items()
    }
