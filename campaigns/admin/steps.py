"""What the steps of a campaign's versions are called, and where the people and mails of one are
listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, ngettext

from campaigns import placeholders
from campaigns.ledger import OF_MESSAGES, Ending, Steps
from campaigns.models import Campaign, Step
from campaigns.words import ROLE_RANKS


@dataclass(frozen=True, kw_only=True)
class Name:
    """`day` counts from the first mail; `words` are the subject, or whom the tip is for."""

    day: int
    words: str

    def __str__(self) -> str:
        return gettext("Day %(day)d: %(mail)s") % {"day": self.day, "mail": self.words}


def get_names(steps: Steps) -> Mapping[str, Name]:
    """Step key -> its name in the newest version that has it."""
    names: dict[str, Name] = {}
    for own in steps.values():
        day = 0
        for step in own:
            day += step["delay_days"]
            names.setdefault(step["key"], Name(day=day, words=_describe(step)))
    return names


def get_text(texts: Mapping[str, str]) -> str:
    """A subject in the reader's language, as a colleague would call it."""
    text = texts["en" if (get_language() or "").startswith("en") else "sv"]
    return placeholders.read_out(text=text)


def get_list(
    campaign_id: int, *, ending: Ending, step_key: str = "", reason: str | None = None
) -> str:
    """Where those are listed: messages for what has one, people for what has none."""
    if ending not in OF_MESSAGES:
        at = ":".join((ending, step_key, *(() if reason is None else (reason,))))
        query = {"campaign__id__exact": campaign_id, "at": at}
        return f"{reverse('admin:campaigns_enrolment_changelist')}?{urlencode(query)}"
    query = {"enrolment__campaign__id__exact": campaign_id}
    states = OF_MESSAGES[ending]
    query |= {"state__exact": states[0]} if len(states) == 1 else {"state__in": ",".join(states)}
    query |= {"step": step_key} if step_key else {}
    query |= {} if reason is None else {"reason" if reason else "reason__exact": reason}
    return f"{reverse('admin:campaigns_message_changelist')}?{urlencode(query)}"


def describe_hours(campaign: Campaign) -> str:
    """When its mail leaves, in one sentence."""
    days = [str(WEEKDAYS_ABBR[number - 1]) for number in sorted(campaign.weekdays)]
    is_row = campaign.weekdays == list(range(campaign.weekdays[0], campaign.weekdays[-1] + 1))
    apart = ngettext(
        "at most one mail in %(n)d day", "at most one mail in %(n)d days", campaign.cap_days
    )
    return gettext(
        "The result letter leaves at once. All else leaves %(days)s between %(opens)s and "
        "%(closes)s, not on public holidays, and to each person %(apart)s."
    ) % {
        "days": f"{days[0]}–{days[-1]}" if is_row and len(days) > 1 else ", ".join(days),
        "opens": f"{campaign.opens:%H:%M}",
        "closes": f"{campaign.closes:%H:%M}",
        "apart": apart % {"n": campaign.cap_days},
    }


def _describe(step: Mapping[str, Any]) -> str:
    kind = str(Step.Kind(step["kind"]).label)
    if step["kind"] == Step.Kind.TIP:
        return f"{kind}: {ROLE_RANKS.get(step['role_rank'], step['role_rank'])}"
    return get_text(step["subject"]) or kind
