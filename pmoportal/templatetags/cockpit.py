"""What the admin's own templates ask for: the dashboard, and a menu in the order of the work."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from pmoportal.dashboard import Dashboard, build_dashboard

register = template.Library()

MENU = (
    (_("Content"), ("Assessment", "Tip", "Campaign")),
    (_("Mail"), ("Enrolment", "Message", "Lane", "Permit")),
    (
        _("People"),
        (
            "Lead",
            "ScoreRules",
            "Consultant",
            "OpeningQuestion",
            "ClosingReason",
            "Reply",
            "TipAnswer",
            "Respondent",
            "Response",
        ),
    ),
    (
        _("Consent"),
        (
            "ConsentWording",
            "ConsentOrigin",
            "Consent",
            "ConsentEvent",
            "Suppression",
            "RightsRequest",
            "Erasure",
        ),
    ),
    (_("Other systems"), ("Token", "Hook", "Delivery")),
    (_("Published"), ("AssessmentVersion", "CampaignVersion")),
)
REST = _("Access")
# These come from axes, which speaks no Swedish.
AXES = (
    gettext_noop("access attempts"),
    gettext_noop("access failures"),
    gettext_noop("access logs"),
)


@register.simple_tag(takes_context=True)
def get_dashboard(context: template.Context) -> Dashboard:
    return build_dashboard(user=context["request"].user, now=timezone.now())


@register.simple_tag
def get_menu(apps: Iterable[Mapping[str, Any]]) -> list[tuple[Any, list[Any]]]:
    """What the reader may see of the menu; whatever has no place of its own comes last."""
    models = {each["object_name"]: each for app in apps for each in app["models"]}
    groups = [
        (title, [models.pop(name) for name in names if name in models]) for title, names in MENU
    ]
    groups.append((REST, list(models.values())))
    return [(title, found) for title, found in groups if found]


@register.simple_tag
def get_brand() -> str:
    return settings.SENDER_NAME
