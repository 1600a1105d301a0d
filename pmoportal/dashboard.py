"""The first page of the admin: is anything wrong, what goes out next, what came in, whom to call.

Each part is shown to those whose permissions concern it. A fixed number of queries, however
much there is to count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.overview import get_tests, is_published
from campaigns.overview import (
    Day,
    Health,
    Standstill,
    get_coming_days,
    get_due_requests,
    get_health,
    get_sending,
    get_traffic,
)
from leads.overview import (
    Counts,
    Leads,
    get_broken,
    get_counts,
    get_failing_hooks,
    get_leads,
)
from pmoportal import pulse

DAYS_AHEAD = 7
DAYS_BACK = 7
LEADS_SHOWN = 5
UNOWNED_SHOWN = 3
CAMPAIGNS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that needs a person, and where to look."""

    sentence: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that a person chose, so that nothing is wrong."""

    sentence: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Coming:
    """One day's outlook. `share` is 0-100 of the busiest day; `url` leads to its mails, where one
    campaign alone sends them.
    """

    day: Day
    sentence: str
    share: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    label: str
    today: int
    period: int


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A part that is None is not for this reader. What somebody chose is a fact and no alarm."""

    alarms: Sequence[Alarm] | None = None
    facts: Sequence[Fact] = ()
    coming: Sequence[Coming] | None = None
    forecasts: Sequence[tuple[str, str]] = ()
    figures: Sequence[Figure] | None = None
    lead_counts: Counts | None = None
    leads: Leads | None = None

    @property
    def is_quiet(self) -> bool:
        """Nothing is planned for any of the coming days."""
        return not any(each.day.total for each in self.coming or ())


def build_dashboard(*, user: AbstractUser, now: datetime) -> Dashboard:
    sees_mail = user.has_perm("campaigns.view_message")
    sees_leads = user.has_perm("leads.view_lead")
    health = get_health(now=now) if sees_mail else None
    sending = get_sending(limit=CAMPAIGNS_SHOWN) if sees_mail else []
    return Dashboard(
        alarms=_collect_alarms(user, health, now) if health else None,
        facts=list(_get_facts(health)) if health else (),
        coming=_get_coming(now, sending) if sees_mail else None,
        forecasts=[(_get_url("forecast", pk), name) for pk, name in sending],
        figures=_get_figures(now) if sees_mail else None,
        lead_counts=get_counts() if sees_mail else None,
        leads=_get_leads(user.pk) if sees_leads else None,
    )


def _get_leads(user_id: int) -> Leads:
    return get_leads(owner_id=user_id, limit=LEADS_SHOWN, unowned_limit=UNOWNED_SHOWN)


def _collect_alarms(user: AbstractUser, health: Health, now: datetime) -> list[Alarm]:
    alarms = [*_get_alarms(health), *_get_silence(now)]
    alarms += [Alarm(sentence=each) for each in get_broken(now=now)]
    if user.has_perm("campaigns.view_rightsrequest"):
        alarms += _get_due(now)
    if user.has_perm("leads.view_hook"):
        alarms += _get_silent_hooks()
    return alarms


def _get_alarms(health: Health) -> Iterator[Alarm]:
    yield from _get_missing(health)
    yield from _get_faults(health)
    for broken in health.broken:
        yield Alarm(sentence=f"{broken.sentence}: {broken.count}")


def _get_facts(health: Health) -> Iterator[Fact]:
    for each in health.chosen:
        yield Fact(sentence=_describe_pause(each), url=_get_url("pause", each.campaign_id))
    if len(health.unpublished) < health.campaigns:
        for name in health.unpublished:
            sentence = _("“%(name)s” is a draft that is not published, so it sends nothing.")
            yield Fact(
                sentence=sentence % {"name": name},
                url=reverse("admin:campaigns_campaign_changelist"),
            )


def _describe_pause(standstill: Standstill) -> str:
    return _("“%(name)s”: %(words)s") % {"name": standstill.name, "words": standstill.words}


def _get_silence(now: datetime) -> Iterator[Alarm]:
    """Whether the sweep, which finds all that is due, has been heard lately."""
    try:
        beaten_at = pulse.read()
    except pulse.Unheard:
        yield Alarm(sentence=_("The cache cannot be reached, so nobody knows whether mail leaves."))
        return
    if beaten_at is None:
        yield Alarm(sentence=_("The scheduler has not been heard, so no mail leaves."))
    elif now - beaten_at > pulse.LATE:
        since = date_format(timezone.localtime(beaten_at), "j F H:i")
        sentence = _("The scheduler has not been heard since %(at)s, so no mail leaves.")
        yield Alarm(sentence=sentence % {"at": since})


def _get_url(page: str, campaign_id: int, *more: str) -> str:
    return reverse(f"admin:campaigns_campaign_{page}", args=[campaign_id, *more])


def _get_due(now: datetime) -> Iterator[Alarm]:
    """What people have asked of us by law waits for nothing else, so it comes before mail."""
    due = get_due_requests(now=now)
    late = ngettext(
        "%(n)d request of a person is late. The law gives us a month.",
        "%(n)d requests of persons are late. The law gives us a month.",
        due.late,
    )
    soon = ngettext(
        "%(n)d request of a person must be answered within two weeks.",
        "%(n)d requests of persons must be answered within two weeks.",
        due.soon,
    )
    url = reverse("admin:campaigns_rightsrequest_changelist")
    for sentence, count in ((late, due.late), (soon, due.soon)):
        if count:
            yield Alarm(sentence=sentence % {"n": count}, url=f"{url}?standing=open")


def _get_silent_hooks() -> Iterator[Alarm]:
    for pk, name in get_failing_hooks():
        sentence = _("“%(name)s” does not answer, so it is not told of leads.")
        url = reverse("admin:leads_hook_change", args=[pk])
        yield Alarm(sentence=sentence % {"name": name}, url=url)


def _get_missing(health: Health) -> Iterator[Alarm]:
    """What nobody has done yet."""
    if not is_published():
        yield Alarm(
            sentence=_("The test is not published, so nobody can take it. Publish it first."),
            url=reverse("admin:assessments_assessment_changelist"),
        )
    campaigns = reverse("admin:campaigns_campaign_changelist")
    if not health.campaigns:
        yield Alarm(sentence=_("There is no campaign, so nobody gets any mail."), url=campaigns)
    if len(health.unpublished) == health.campaigns:
        for name in health.unpublished:
            sentence = _("The campaign “%(name)s” is not published, so it sends nothing.")
            yield Alarm(sentence=sentence % {"name": name}, url=campaigns)


def _get_faults(health: Health) -> Iterator[Alarm]:
    """Mails that did not leave as they should."""
    if health.no_permit:
        yield Alarm(sentence=health.no_permit)
    for each in health.halted:
        yield Alarm(sentence=_describe_pause(each), url=_get_url("pause", each.campaign_id))
    for name in health.resting:
        lane = _("The mail server takes no mail for now. We try again in a few minutes.")
        if name != "*":
            lane = _("%(domain)s takes no mail for now. We try again later.") % {"domain": name}
        yield Alarm(sentence=lane, url=reverse("admin:campaigns_lane_changelist"))
    failed = ngettext(
        "%(n)d mail failed in the last 24 hours.",
        "%(n)d mails failed in the last 24 hours.",
        health.failed,
    )
    unknown = ngettext(
        "%(n)d mail left in the last 24 hours without an answer: it may have arrived.",
        "%(n)d mails left in the last 24 hours without an answer: they may have arrived.",
        health.unknown,
    )
    held_back = ngettext(
        "%(n)d confirming mail waits, because very many have been asked for. Is it abuse?",
        "%(n)d confirming mails wait, because very many have been asked for. Is it abuse?",
        health.held_back,
    )
    messages = reverse("admin:campaigns_message_changelist")
    for sentence, count, state in (
        (failed, health.failed, "failed"),
        (unknown, health.unknown, "unknown"),
        (held_back, health.held_back, "queued"),
    ):
        if count:
            yield Alarm(sentence=sentence % {"n": count}, url=f"{messages}?state__exact={state}")


def _get_coming(now: datetime, sending: Sequence[tuple[int, str]]) -> list[Coming]:
    days = get_coming_days(now=now, days=DAYS_AHEAD)
    most = max(day.total for day in days) or 1
    only = sending[0][0] if len(sending) == 1 else None
    return [
        Coming(
            day=day,
            sentence=_describe_day(day),
            share=round(100 * day.total / most),
            url=_get_url("outlook", only, day.date.isoformat()) if only else "",
        )
        for day in days
    ]


def _describe_day(day: Day) -> str:
    parts = []
    if day.queued:
        written = ngettext("%(n)d mail is ready", "%(n)d mails are ready", day.queued)
        parts.append(written % {"n": day.queued})
    if day.due:
        due = ngettext(
            "%(n)d person is due for the next step",
            "%(n)d people are due for their next step",
            day.due,
        )
        parts.append(due % {"n": day.due})
    return ", ".join(parts) or _("nothing planned")


def _get_figures(now: datetime) -> list[Figure]:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=DAYS_BACK - 1)
    tests = get_tests(today=today, since=since)
    traffic = get_traffic(today=today, since=since)
    rows = (
        (_("Tests started"), tests.started),
        (_("Tests completed"), tests.completed),
        (_("Addresses confirmed"), traffic.confirmed),
        (_("Mails sent"), traffic.sent),
        (_("Unsubscribed"), traffic.withdrawn),
    )
    return [Figure(label=label, today=each.today, period=each.period) for label, each in rows]
