"""A consultant's next steps as a calendar to subscribe to (RFC 5545). Holds no address."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.urls import reverse
from django.utils.translation import gettext, override
from icalendar import Calendar as Ics
from icalendar import Event

from leads import tokens
from leads.models import Calendar, Lead
from leads.words import get_name

SHOWN = 500
OFTEN = "PT1H"  # how often a calendar program may ask again


def get_calendar(*, token: str) -> Calendar | None:
    """None for an address that was never ours, was renewed or revoked, or whose owner may not
    see leads any more.
    """
    key = tokens.read(token)
    calendar = Calendar.objects.filter(key=key).select_related("user").first() if key else None
    if calendar is None or not _may_see(calendar.user):
        return None
    return calendar


def renew(*, user_id: int, now: datetime) -> Calendar:
    """A new address, the first or instead of the one before, which leads nowhere from now on."""
    revoke(user_id=user_id)
    return Calendar.objects.create(user_id=user_id, created_at=now)


def revoke(*, user_id: int) -> bool:
    return bool(Calendar.objects.filter(user=user_id).delete()[0])


def get_address(calendar: Calendar) -> str:
    return settings.SITE_URL + reverse("leads:calendar", args=[tokens.make(calendar.key)])


def build_feed(*, user_id: int, language: str) -> bytes:
    """The same rows give the same bytes."""
    leads = Lead.objects.filter(owner=user_id, may_contact=True, next_step_at__isnull=False)
    coming = leads.exclude(stage__in=Lead.CLOSED).select_related("respondent")
    with override(language):
        return _build(coming.order_by("next_step_at", "pk")[:SHOWN])


def _build(leads: Iterable[Lead]) -> bytes:
    feed = Ics()
    feed.add("prodid", f"-//{settings.SENDER_NAME}//leads//SV")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("name", gettext("Next steps"))
    feed.add("x-wr-calname", gettext("Next steps"))
    feed.add("refresh-interval", OFTEN, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", OFTEN)
    for lead in leads:
        feed.add_component(_build_event(lead))
    return bytes(feed.to_ical())


def _build_event(lead: Lead) -> Event:
    assert lead.next_step_at is not None
    page = settings.SITE_URL + reverse("admin:leads_lead_change", args=[lead.pk])
    event = Event()
    event.add("uid", f"lead-{lead.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", lead.touched_at or lead.created_at)
    event.add("dtstart", lead.next_step_at)
    event.add("dtend", lead.next_step_at + timedelta(days=1))
    event.add("summary", gettext("Next step: %(name)s") % {"name": get_name(lead)})
    event.add("description", page)
    event.add("url", page)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _may_see(user: AbstractUser) -> bool:
    return user.is_active and user.is_staff and user.has_perm("leads.view_lead")
