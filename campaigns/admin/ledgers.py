"""A campaign's ledger: what became of every step for everybody, why, and all of it as a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import ledger
from campaigns.admin.pages import Page
from campaigns.admin.steps import Name, get_list, get_names
from campaigns.ledger import Ending, Entry, Line, Reasons
from campaigns.models import Campaign, Enrolment
from campaigns.words import describe_reason
from pmoportal.sheets import build_download

# What is said of an ending that needs no reason.
AS_PLANNED = {
    Ending.SENT: _("As planned."),
    Ending.WAITING: _("Its day has not come yet."),
    Ending.UNDER_WAY: _("Waits for its turn."),
}
MARKS = {
    Ending.SENT: "good",
    Ending.HELD: "warn",
    Ending.SKIPPED: "warn",
    Ending.DROPPED: "warn",
    Ending.FAILED: "bad",
    Ending.UNKNOWN: "bad",
}
# Of the file; before them the address, for those who may see it, and after them four times.
COLUMNS = (
    _("enrolment"),
    _("version now"),
    _("step"),
    _("day"),
    _("mail"),
    _("what happened"),
    _("why"),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A number of the sum, and where those are listed; no address for none."""

    ending: Ending
    count: int
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    name: Name | str
    planned: int
    parts: list[Part]

    @property
    def shown(self) -> list[Part]:
        return [part for part in self.parts if part.count]


@dataclass(frozen=True, kw_only=True)
class Why:
    """How often it ended so for this reason, and where those are listed."""

    ending: Ending
    mark: str
    sentence: str
    count: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the reader wants to see; empty for all."""

    step: str
    ending: str
    reason: str

    def has(self, step_key: str, ending: str, reason: str) -> bool:
        return (
            self.step in ("", step_key)
            and self.ending in ("", ending)
            and self.reason in ("", reason)
        )


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any] | HttpResponse:
    if address := request.GET.get("q", "").strip():
        return _find(request, campaign, address)
    steps = ledger.get_steps(campaign_id=campaign.pk)
    lines = ledger.get_lines(campaign_id=campaign.pk, steps=steps)
    names = get_names(steps)
    chosen = _read_choice(request)
    return {
        "rows": [_build_row(line, names, campaign) for line in lines],
        "total": _build_total(lines),
        "endings": list(Ending),
        "whys": _build_whys(lines, chosen, campaign),
        "steps": [(key, str(name)) for key, name in names.items()],
        "reasons": _list_reasons(lines),
        "chosen": chosen,
        "may_find": request.user.has_perm("campaigns.view_enrolment"),
        "has_addresses": _may_see_addresses(request),
    }


def export(request: HttpRequest, campaign: Campaign) -> StreamingHttpResponse:
    """Every chosen step of everybody, a line each; with addresses for those who may see them."""
    steps = ledger.get_steps(campaign_id=campaign.pk)
    people = Enrolment.objects.filter(campaign=campaign)
    chosen = _read_choice(request)
    rows = _write_rows(
        (
            (person, entry)
            for person, entry in ledger.get_all_entries(people=people, steps=steps)
            if chosen.has(entry.step_key, entry.ending, entry.reason)
        ),
        names=get_names(steps),
        with_addresses=_may_see_addresses(request),
    )
    return build_download(rows, name="-".join([campaign.key, gettext("ledger")]))


def _may_see_addresses(request: HttpRequest) -> bool:
    return request.user.has_perm("campaigns.view_message")


def _find(request: HttpRequest, campaign: Campaign, address: str) -> HttpResponse:
    """To the one person's own ledger, or to the list of those who are meant."""
    if not request.user.has_perm("campaigns.view_enrolment"):
        raise PermissionDenied
    people = Enrolment.objects.filter(campaign=campaign, respondent__email__icontains=address)
    found = people.values_list("pk", flat=True)[:2]
    if len(found) == 1:
        return redirect("admin:campaigns_enrolment_change", found[0])
    query = urlencode({"campaign__id__exact": campaign.pk, "q": address})
    return redirect(f"{reverse('admin:campaigns_enrolment_changelist')}?{query}")


def _read_choice(request: HttpRequest) -> Choice:
    step, ending, reason = (request.GET.get(name, "") for name in ("step", "ending", "reason"))
    return Choice(step=step, ending=ending, reason=reason)


def _build_row(line: Line, names: Mapping[str, Name], campaign: Campaign) -> Row:
    counts, key = line.counts, line.step_key
    parts = [
        Part(
            ending=ending,
            count=counts[ending],
            url=get_list(campaign.pk, ending=ending, step_key=key) if counts[ending] else "",
        )
        for ending in Ending
    ]
    return Row(name=names.get(key, key), planned=line.planned, parts=parts)


def _build_total(lines: Iterable[Line]) -> Row:
    whole = Line(step_key="", reasons=sum((line.reasons for line in lines), Reasons()))
    parts = [Part(ending=ending, count=whole.counts[ending]) for ending in Ending]
    return Row(name=gettext("All steps"), planned=whole.planned, parts=parts)


def _build_whys(lines: Iterable[Line], chosen: Choice, campaign: Campaign) -> list[Why]:
    """Most frequent first."""
    counts = Reasons()
    for line in lines:
        for (ending, reason), count in line.reasons.items():
            if chosen.has(line.step_key, ending, reason):
                counts[ending, reason] += count
    return [
        Why(
            ending=ending,
            mark=MARKS.get(ending, "plain"),
            sentence=_describe(ending, reason),
            count=count,
            url=get_list(campaign.pk, ending=ending, step_key=chosen.step, reason=reason),
        )
        for (ending, reason), count in counts.most_common()
    ]


def _list_reasons(lines: Iterable[Line]) -> list[tuple[str, str]]:
    """Those that there are, with their sentences, by the alphabet."""
    codes = {reason for line in lines for _ending, reason in line.reasons if reason}
    return sorted(((code, describe_reason(code)) for code in codes), key=lambda pair: pair[1])


def _write_rows(
    entries: Iterable[tuple[Enrolment, Entry]],
    *,
    names: Mapping[str, Name],
    with_addresses: bool,
) -> Iterator[list[Any]]:
    """The heading first. Times are of the site's clock, as the heading says."""
    zone = timezone.get_current_timezone_name()
    times = [f"{name} ({zone})" for name in (_("planned"), _("due"), _("sent"), _("ended"))]
    address = [_("address")] if with_addresses else []
    yield [str(each) for each in (*address, *COLUMNS, *times)]
    for person, entry in entries:
        mail = entry.message
        name = names.get(entry.step_key)
        yield [
            *([person.respondent.email] if with_addresses else []),
            person.pk,
            person.version.number,
            entry.step_key,
            name.day if name else "",
            name.words if name else "",
            str(entry.ending.label),
            _describe(entry.ending, entry.reason),
            *(
                map(_format, (mail.created_at, mail.due_at, mail.sent_at, mail.ended_at))
                if mail
                else [""] * len(times)
            ),
        ]


def _describe(ending: Ending, reason: str) -> str:
    return describe_reason(reason) if reason else str(AS_PLANNED.get(ending, ""))


def _format(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


LEDGER = Page(name="ledger", view=show, label=_("Ledger"))
EXPORT = Page(name="ledger_export", view=export, path="ledger/export/")
