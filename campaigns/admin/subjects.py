"""Two subjects of a mail beside each other: who got which, what they did, and what that says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import cohorts, ledger, trials
from campaigns.admin.figures import describe_share, format_percent
from campaigns.admin.pages import Page
from campaigns.admin.steps import get_names, get_text
from campaigns.drafts import LANGUAGES
from campaigns.models import Campaign, Step
from campaigns.sequels import WITHIN, Measure

MARKS = {"a_better": "good", "b_better": "good", "no_difference": "plain", "too_few": "warn"}
NARROWEST = 0.05  # the axis goes at least so far, so that a hair's breadth looks like one
HALF = 100  # of the drawing's width
LETTERS = ("A", "B")


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The interval of the difference on an axis whose middle is none; 2 × HALF wide."""

    start: float
    width: float
    dot: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One measure of one mail. `mark` chooses the colour of the verdict."""

    label: Any
    shares: list[tuple[str, str, str]]
    between: str
    drawing: Drawing | None
    mark: str
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    subjects: list[tuple[str, list[tuple[str, str]], int]]
    findings: list[Finding]


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any]:
    found = trials.get_trials(campaign=campaign, now=timezone.now())
    names = get_names(ledger.get_steps(campaign_id=campaign.pk))
    return {
        "rows": [_build_row(trial, names) for trial in found],
        "enough": cohorts.ENOUGH,
        "days": WITHIN.days,
    }


def _build_row(trial: trials.Trial, names: Mapping[str, Any]) -> Row:
    kind, _colon, key = trial.source.partition(":")
    ends = [abs(end) for _measure, each in trial.results for end in (each.low, each.high)]
    reach = max(NARROWEST, *ends)  # one axis for all of a mail, so that they can be compared
    return Row(
        name=str(names.get(key, key))
        if kind == "step"
        else f"{Step.Kind.TIP.label}: {get_text(trial.subjects[0])}",
        subjects=[
            (letter, [(each, texts[each]) for each in LANGUAGES if texts.get(each)], sent)
            for letter, texts, sent in zip(LETTERS, trial.subjects, trial.sent, strict=True)
        ],
        findings=[_describe(measure, each, reach) for measure, each in trial.results],
    )


def _describe(measure: Measure, found: cohorts.Comparison, reach: float) -> Finding:
    return Finding(
        label=measure.label,
        shares=[
            _describe_share(letter, share)
            for letter, share in zip(LETTERS, (found.a, found.b), strict=True)
        ],
        between=gettext("B compared with A: %(low)s to %(high)s percentage points")
        % {"low": _sign(found.low), "high": _sign(found.high)},
        drawing=_draw(found, reach) if found.a.of and found.b.of else None,
        mark=MARKS[found.verdict],
        verdict=_judge(found),
    )


def _draw(found: cohorts.Comparison, reach: float) -> Drawing:
    start, dot, end = (
        round(HALF + HALF * each / reach, 1) for each in (found.low, found.difference, found.high)
    )
    return Drawing(start=start, width=end - start, dot=dot)


def _describe_share(letter: str, share: cohorts.Share) -> tuple[str, str, str]:
    counted = gettext("%(count)d of %(of)d") % {"count": share.count, "of": share.of}
    return letter, counted, describe_share(share.value) if share.is_enough else ""


def _judge(found: cohorts.Comparison) -> str:
    a, b = found.a, found.b
    if not (a.is_enough and b.is_enough):
        return gettext("Too few to say: %(a)d and %(b)d people; from %(enough)d each we dare.") % {
            "a": a.of,
            "b": b.of,
            "enough": cohorts.ENOUGH,
        }
    match found.verdict:
        case "a_better":
            return gettext("A does better.")
        case "b_better":
            return gettext("B does better.")
        case "no_difference":
            return gettext(
                "No difference worth acting on: less than %(margin)s percentage points."
            ) % {"margin": format_percent(cohorts.MARGIN)}
    return gettext("Too few to say: it may still go either way.")


def _sign(share: float) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{format_percent(abs(share))}"


SUBJECTS = Page(name="subjects", view=show, label=_("Subject lines"))
