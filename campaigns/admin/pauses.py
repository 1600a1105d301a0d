"""The page on which a campaign is paused, closed or stopped, or let go on: GET says what each of
these means, POST does it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import pausing, permit
from campaigns.admin.pages import Page
from campaigns.models import Campaign, Enrolment, Message, Pause
from campaigns.tasks import plan_due_messages
from campaigns.words import (
    describe_pause,
    describe_permit,
    describe_reason,
    describe_reputation,
)
from pmoportal.bell import ring


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any] | HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        _act(request, campaign, request.POST.get("act", ""), now)
        return redirect("admin:campaigns_campaign_pause", campaign.pk)
    waiting = _count_people(campaign)
    return {
        "paused": get_pause(campaign),
        "waiting": ngettext(
            "%(n)d person is under way in it.", "%(n)d people are under way in it.", waiting
        )
        % {"n": waiting},
        "people": waiting,
        "queued": Message.objects.filter(
            enrolment__campaign=campaign, state=Message.State.QUEUED
        ).count(),
        "pauses": [
            (pause, _describe_cause(pause)) for pause in campaign.pauses.order_by("-began_at")[:5]
        ],
        "no_permit": describe_permit(permit.get_standing().reason),
        "reputation": describe_reputation(pausing.get_reputation(campaign=campaign, now=now)),
    }


def get_pause(campaign: Campaign) -> str:
    """When it was paused, and by whom or by what; empty when it runs."""
    return describe_pause(
        at=campaign.paused_at, reason=campaign.pause_reason, by=campaign.paused_by
    )


def get_name(user: Any) -> str:
    return user.get_full_name() or user.get_username()


def _describe_cause(pause: Pause) -> str:
    if pause.paused_by:
        return gettext("by %(name)s") % {"name": pause.paused_by}
    return describe_reason(pause.reason)


def _act(request: HttpRequest, campaign: Campaign, act: str, now: datetime) -> None:
    said = _do(campaign, act, now, by=get_name(request.user))
    if not said:
        said = gettext("Nothing was changed: it is so already.")
        messages.info(request, said)
        return
    LogEntry.objects.log_actions(request.user.pk or 0, [campaign], CHANGE, said, single_object=True)
    messages.success(request, said)
    ring(plan_due_messages)


def _do(campaign: Campaign, act: str, now: datetime, *, by: str) -> str:
    """What was done, in words; empty when nothing was."""
    pk = campaign.pk
    match act:
        case "pause" if pausing.pause(campaign_id=pk, reason=pausing.BY_HAND, now=now, by=by):
            return gettext("The campaign is paused. Nothing of it leaves.")
        case "resume" if pausing.resume(campaign_id=pk, now=now):
            return gettext("The campaign goes on.")
        case "close" if pausing.close(campaign_id=pk, now=now):
            return gettext("The campaign takes in nobody new. Those under way go on.")
        case "reopen" if pausing.reopen(campaign_id=pk):
            return gettext("People enter the campaign again.")
        case "stop":
            people = pausing.stop(campaign_id=pk, now=now)
            return ngettext(
                "The campaign is stopped. It is over for %(n)d person.",
                "The campaign is stopped. It is over for %(n)d people.",
                people,
            ) % {"n": people}
    return ""


def _count_people(campaign: Campaign) -> int:
    people = Enrolment.objects.filter(campaign=campaign, state=Enrolment.State.ACTIVE)
    return people.aggregate(people=Count("pk"))["people"]


PAUSE = Page(name="pause", view=show, label=_("Pause or stop"), is_to_change=True)
