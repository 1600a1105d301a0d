"""How the mails of each step were received, in shares that say how sure they are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from campaigns import cohorts, figures, ledger
from campaigns.admin.pages import Page
from campaigns.admin.steps import Name, get_list, get_names
from campaigns.ledger import Ending, Line
from campaigns.models import Campaign, DeliveryEvent
from campaigns.sequels import UNSUBSCRIBED, WITHIN
from pmoportal.remembering import remember

Kind = DeliveryEvent.Kind
KEPT_SECONDS = 60  # counting the reports of a million mails takes two
STANDINGS = (Ending.WAITING, Ending.HELD, Ending.SKIPPED, Ending.SENT)
# Shares of what was sent, in the order of the columns.
MEASURES = {
    str(Kind.DELIVERED): _("Delivered"),
    str(Kind.HARD_BOUNCE): _("Bounced: no such address"),
    str(Kind.SOFT_BOUNCE): _("Bounced: not this time"),
    str(Kind.POLICY_BOUNCE): _("Bounced: because of us"),
    str(Kind.COMPLAINT): _("Complained"),
    UNSUBSCRIBED.key: UNSUBSCRIBED.label,
}
MEASURED_LABEL = _("Links measured")
# Shares of the mails whose links are measured.
CLICKS = {
    "clicked_human": _("Followed a link"),
    "clicked_unsure": _("Perhaps followed a link"),
    "clicked_machine": _("Only a scanner did"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number, where those are listed, and of a share what it is and how sure that is."""

    label: Any
    count: int
    url: str = ""
    share: str = ""
    between: str = ""
    is_small: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    name: Name | str
    cells: list[Cell]


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any]:
    steps = ledger.get_steps(campaign_id=campaign.pk)
    lines = ledger.get_lines(campaign_id=campaign.pk, steps=steps)
    receptions = remember(
        f"receptions:{campaign.pk}",
        partial(figures.get_receptions, campaign_id=campaign.pk),
        seconds=KEPT_SECONDS,
    )
    names = get_names(steps)
    return {
        "labels": [*(ending.label for ending in STANDINGS), *MEASURES.values()],
        "rows": [
            Row(
                name=names.get(line.step_key, line.step_key),
                cells=_build_cells(line, receptions.get(line.step_key, Counter()), campaign),
            )
            for line in lines
        ],
        "click_labels": [MEASURED_LABEL, *CLICKS.values()],
        "click_rows": [
            Row(
                name=names.get(line.step_key, line.step_key),
                cells=_build_clicks(receptions[line.step_key]),
            )
            for line in lines
            if receptions.get(line.step_key, Counter())[figures.MEASURED]
        ],
        "enough": cohorts.ENOUGH,
        "days": WITHIN.days,
        "has_reports": any(set(each) & set(figures.REPORTED) for each in receptions.values()),
    }


def describe_share(share: float) -> str:
    return f"{format_percent(share)} %"


def format_percent(share: float) -> str:
    # Rounded first: number_format cuts off what is too much.
    return str(number_format(round(100 * share, 1), 1))


def _build_cells(line: Line, received: Counter[str], campaign: Campaign) -> list[Cell]:
    counts = line.counts
    cells = [
        Cell(
            label=ending.label,
            count=counts[ending],
            url=get_list(campaign.pk, ending=ending, step_key=line.step_key)
            if counts[ending]
            else "",
        )
        for ending in STANDINGS
    ]
    for key, label in MEASURES.items():
        cells.append(_build_share(label, received[key], of=counts[Ending.SENT]))
    return cells


def _build_clicks(received: Counter[str]) -> list[Cell]:
    measured = received[figures.MEASURED]
    cells = [Cell(label=MEASURED_LABEL, count=measured)]
    cells += [_build_share(label, received[key], of=measured) for key, label in CLICKS.items()]
    return cells


def _build_share(label: Any, count: int, *, of: int) -> Cell:
    # A mail that nobody knew of may have been reported without being counted as sent.
    share = cohorts.estimate(count=min(count, of), of=of)
    if not share.is_enough:
        return Cell(label=label, count=count, is_small=bool(of))
    between = f"{format_percent(share.low)}–{format_percent(share.high)}"
    return Cell(label=label, count=count, share=describe_share(share.value), between=between)


FIGURES = Page(name="figures", view=show, label=_("Figures"))
