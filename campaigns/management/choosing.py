"""What several commands ask of their arguments."""

from collections.abc import Iterable

from django.core.management.base import CommandError

from campaigns.models import Campaign


def get_campaign(key: str) -> Campaign:
    """Raises CommandError with the keys there are."""
    campaign = Campaign.objects.select_related("assessment").filter(key=key).first()
    if campaign is None:
        raise _refuse(
            "campaign", key, Campaign.objects.order_by("key").values_list("key", flat=True)
        )
    return campaign


def choose(what: str, given: str, choices: Iterable[str]) -> str:
    """`given`, if it is one of the choices. Raises CommandError with those."""
    if given not in (known := list(choices)):
        raise _refuse(what, given, known)
    return given


def _refuse(what: str, given: str, choices: Iterable[str]) -> CommandError:
    return CommandError(f"There is no {what} “{given}”. There is: {', '.join(choices) or 'none'}.")
