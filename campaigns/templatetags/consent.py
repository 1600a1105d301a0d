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
    is_taken = response_id is not None and profiles.is_taken(response_id)
    return build_panel(token=token, is_taken=is_taken)
