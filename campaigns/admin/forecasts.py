"""How many mails of a campaign leave on each of the coming days, as a picture and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import drafts, forecasting, permit, publishing
from campaigns.admin.pages import Page
from campaigns.admin.steps import get_names
from campaigns.models import Campaign
from campaigns.words import describe_permit

DAYS = 30
# The picture's size in its own units; each day has a column.
HEIGHT, COLUMN, GAP = 120, 20, 4


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Newcomers' part stands on the others'. All in the picture's units, from its upper edge."""

    date: date
    url: str
    mails: int
    newcomers: float
    is_closed: bool
    is_labelled: bool
    x: int
    middle: int
    top: float
    height: float
    new_top: float
    new_height: float

    @property
    def expected(self) -> int:
        return round(self.mails + self.newcomers)


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any]:
    version = publishing.get_published(key=campaign.key)
    document = version.document if version else drafts.build_document(campaign=campaign)
    if not document["campaign"]["steps"]:
        return {"forecast": None}
    found = forecasting.forecast(
        campaign=campaign, document=document, now=timezone.now(), days=DAYS
    )
    names = get_names({0: document["campaign"]["steps"]})
    bars = build_bars(found.days, campaign)
    return {
        "forecast": found,
        "version": version,
        "bars": bars,
        "most": max((bar.mails + bar.newcomers for bar in bars), default=0),
        "width": DAYS * COLUMN,
        "height": HEIGHT,
        "column": COLUMN - GAP,
        "mails": sum(day.mails for day in found.days),
        "newcomers": round(sum(day.newcomers for day in found.days)),
        "no_permit": describe_permit(permit.get_standing().reason),
        "steps": [(names.get(key, key), count) for key, count in found.steps.items()],
    }


def get_day_url(campaign: Campaign, day: date) -> str:
    return reverse("admin:campaigns_campaign_outlook", args=[campaign.pk, day.isoformat()])


def build_bars(days: Sequence[forecasting.Day], campaign: Campaign) -> list[Bar]:
    most = max((day.mails + day.newcomers for day in days), default=0) or 1
    bars = []
    for number, day in enumerate(days):
        height = HEIGHT * day.mails / most
        new_height = HEIGHT * day.newcomers / most
        bars.append(
            Bar(
                date=day.date,
                url=get_day_url(campaign, day.date),
                mails=day.mails,
                newcomers=day.newcomers,
                is_closed=day.is_closed,
                is_labelled=number == 0 or day.date.isoweekday() == 1,
                x=number * COLUMN + GAP // 2,
                middle=number * COLUMN + COLUMN // 2,
                top=round(HEIGHT - height, 2),
                height=round(height, 2),
                new_top=round(HEIGHT - height - new_height, 2),
                new_height=round(new_height, 2),
            )
        )
    return bars


FORECAST = Page(name="forecast", view=show, label=_("Forecast"))
