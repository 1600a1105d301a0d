"""The consent panel that the result page shows: pages compose, Python does not."""

from typing import Any

from django import template

from assessments import profiles
from campaigns.panel import build_panel

register = template.Library()


@register.inclusion_tag("campaigns/_panel.html")
def consent_panel(token: str) -> dict[str, Any]:
    """`token` is the result link's."""
    response_id = profiles.get_response_id(token)
    profile = profiles.get_profile(response_id) if response_id else None
    return build_panel(token=token, profile=profile)
