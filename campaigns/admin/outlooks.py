"""What goes out on one coming day: which mails, how many, to whom, and why on that day."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import drafts, permit, publishing, sequences
from campaigns.admin.forecasts import DAYS, get_day_url
from campaigns.admin.messages import get_subject
from campaigns.admin.pages import Page
from campaigns.admin.steps import Name, get_names, get_text
from campaigns.forecasting import outlook
from campaigns.forecasting.departures import WAITING, Departure, get_end
from campaigns.models import Campaign, Message, Step
from campaigns.words import describe_permit, describe_reason
from pmoportal.cockpit import get_mark

PLACE = re.compile(r"(\d{1,17})-(\d{1,18})")
CERTAINTIES = {"expected": _("Expected"), "likely": _("Likely")}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One mail to one person. `url` leads to the line of their ledger that it has, or will have."""

    at: datetime
    person: str
    url: str
    mail: str
    subject: str
    mark: SafeString
    whys: list[str]


@dataclass(frozen=True, kw_only=True)
class Count:
    name: Name | str
    planned: int
    foreseen: int


def show(request: HttpRequest, campaign: Campaign, day: str) -> Mapping[str, Any]:
    now = timezone.now()
    chosen = _read_day(day)
    page = {"day": chosen, "title": capfirst(date_format(chosen, "l j F"))}
    if refusal := _refuse(chosen, timezone.localdate(now)):
        return page | {"refusal": refusal}
    version = publishing.get_published(key=campaign.key)
    document = version.document if version else drafts.build_document(campaign=campaign)
    if not document["campaign"]["steps"]:
        return page | {"refusal": gettext("The campaign has no steps yet.")}
    names = get_names({0: document["campaign"]["steps"]})
    found = outlook.get_outlook(campaign=campaign, document=document, now=now, day=chosen)
    may_see = request.user.has_perm("campaigns.view_enrolment")
    return {
        **page,
        **_get_neighbours(campaign, chosen, timezone.localdate(now)),
        "outlook": found,
        "version": version,
        "newcomers": round(found.newcomers),
        "counts": _build_counts(found, names),
        "holiday": sequences.get_holiday(chosen),
        "no_permit": describe_permit(permit.get_standing().reason),
        "may_see": may_see,
        "planned_total": sum(found.planned.values()),
        "planned_more": sum(found.planned.values()) > outlook.LISTED,
        **(_list_people(request, campaign, now, chosen, names) if may_see else {}),
    }


def _read_day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Http404 from None


def _refuse(day: date, today: date) -> str:
    if day < today:
        return gettext("That day is over. The ledger says what became of each mail.")
    if day >= today + timedelta(days=DAYS):
        return gettext("The forecast reaches %(n)d days ahead.") % {"n": DAYS}
    return ""


def _get_neighbours(campaign: Campaign, day: date, today: date) -> dict[str, str]:
    last = today + timedelta(days=DAYS - 1)
    return {
        "before": get_day_url(campaign, day - timedelta(days=1)) if day > today else "",
        "after": get_day_url(campaign, day + timedelta(days=1)) if day < last else "",
    }


def _build_counts(found: outlook.Outlook, names: Mapping[str, Name]) -> list[Count]:
    """In the order of the sequence; what only earlier versions have comes last."""
    there = found.planned.keys() | found.foreseen.keys()
    in_order = [key for key in names if key in there] + sorted(there - names.keys())
    return [
        Count(
            name=names.get(key, key),
            planned=found.planned.get(key, 0),
            foreseen=found.foreseen.get(key, 0),
        )
        for key in in_order
    ]


def _list_people(
    request: HttpRequest,
    campaign: Campaign,
    now: datetime,
    day: date,
    names: Mapping[str, Name],
) -> dict[str, Any]:
    """The planned mails stand on the first page only; the list of mail has all of them."""
    place = _read_place(request.GET.get("after", ""))
    part = outlook.list_part(campaign=campaign, now=now, day=day, after=place)
    more = f"?{urlencode({'after': _write_place(part.next)})}#people" if part.next else ""
    planned = [] if place or campaign.paused_at else _list_planned(campaign, now, day, names)
    return {
        "rows": [*planned, *(_build_row(each, names) for each in part.departures)],
        "part": part,
        "more": more,
        "is_first": place is None,
        "mail_list": _get_mail_list(campaign, day, timezone.localdate(now)),
    }


def _read_place(written: str) -> outlook.Place | None:
    """What cannot be read is the beginning."""
    found = PLACE.fullmatch(written)
    if found is None:
        return None
    return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])


def _write_place(place: outlook.Place) -> str:
    at, pk = place
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{pk}"


def _list_planned(
    campaign: Campaign, now: datetime, day: date, names: Mapping[str, Name]
) -> list[Row]:
    mails = outlook.get_planned(campaign=campaign, now=now, day=day)
    mails = mails.select_related("compiled").defer("compiled__html", "compiled__text")
    return [
        Row(
            at=mail.due_at,
            person=mail.to,
            url=reverse("admin:campaigns_message_change", args=[mail.pk]),
            mail=str(names.get(mail.step_key, mail.step_key)),
            subject=get_subject(mail),
            mark=get_mark("good", gettext("Planned")),
            whys=list(_explain_planned(mail)),
        )
        for mail in mails[: outlook.LISTED]
    ]


def _explain_planned(mail: Message) -> Iterator[str]:
    at = date_format(timezone.localtime(mail.created_at), "j F H:i")
    yield gettext("Planned %(at)s, when the step was due.") % {"at": at}
    if mail.reason:
        yield describe_reason(mail.reason)


def _build_row(departure: Departure, names: Mapping[str, Name]) -> Row:
    person, key = departure.enrolment, departure.step.key
    page = reverse("admin:campaigns_enrolment_change", args=[person.pk])
    document = sequences.get_document(person.version_id)
    own = get_names({person.version_id: document["campaign"]["steps"]})
    tip = next((each for each in document["tips"] if each["key"] == departure.tip), None)
    return Row(
        at=departure.at,
        person=person.respondent.email,
        url=f"{page}#step-{key}",
        mail=str(own.get(key) or names.get(key) or key),
        subject=get_text(tip["subject"]) if tip else "",
        mark=get_mark("plain", CERTAINTIES[departure.certainty]),
        whys=list(_explain(departure)),
    )


def _explain(departure: Departure) -> Iterator[str]:
    """Why it leaves on this day and on no other."""
    yield _explain_delay(departure)
    if departure.stood_still:
        yield gettext("Time stood still in between, so it is later.")
    if departure.is_overdue:
        due = date_format(timezone.localtime(departure.due_at), "j F")
        yield gettext("Was to leave %(day)s already.") % {"day": due}
    for wait in departure.waits:
        holiday = sequences.get_holiday(timezone.localdate(wait.at))
        yield describe_reason(wait.reason) + (f" {holiday}." if holiday else "")
    if departure.ahead:
        yield ngettext(
            "%(n)d mail comes before it; if that is late, so is this.",
            "%(n)d mails come before it; if they are late, so is this.",
            departure.ahead,
        ) % {"n": departure.ahead}


def _explain_delay(departure: Departure) -> str:
    if departure.step.kind == Step.Kind.RESULT:
        return gettext("The result letter leaves at once.")
    day = date_format(timezone.localtime(departure.since), "j F")
    days = departure.step.delay_days
    if departure.is_first:
        words = ngettext(
            "%(n)d day after the person entered, %(day)s.",
            "%(n)d days after the person entered, %(day)s.",
            days,
        )
    else:
        words = ngettext(
            "%(n)d day after the step before it, %(day)s.",
            "%(n)d days after the step before it, %(day)s.",
            days,
        )
    return words % {"n": days, "day": day}


def _get_mail_list(campaign: Campaign, day: date, today: date) -> str:
    """Where all planned mails of the day are listed."""
    query = {
        "enrolment__campaign__id__exact": str(campaign.pk),
        "state__in": ",".join(WAITING),
        "due_at__lte": get_end(day).isoformat(),
    }
    if day > today:
        query["due_at__gt"] = get_end(day - timedelta(days=1)).isoformat()
    return f"{reverse('admin:campaigns_message_changelist')}?{urlencode(query)}"


OUTLOOK = Page(name="outlook", view=show, path="forecast/<str:day>/", tab="forecast")
