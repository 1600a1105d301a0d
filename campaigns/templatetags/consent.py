"""The consent panel that the result page shows: pages compose, Python does not."""

from typing import Any

from django import template

from campaigns.panel import build_panel

register = template.Library()


@register.inclusion_tag("campaigns/_panel.html")
def consent_panel(token: str, respondent_id: int | None) -> dict[str, Any]:
    """`token` is the result link's; `respondent_id` whose result it is already, if anybody's."""
    return build_panel(token=token, is_taken=respondent_id is not None)
