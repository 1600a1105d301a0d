"""Publishing a campaign: what is in the way, what is worth a second look, what it means for those
under way; and taking it back before its first mail has left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from campaigns import drafts, moving, pausing, permit, publishing
from campaigns.admin.pages import Page
from campaigns.admin.pauses import get_pause
from campaigns.admin.places import describe_advice, describe_changes, describe_faults
from campaigns.admin.steps import get_names
from campaigns.models import Campaign, CampaignVersion
from campaigns.tasks import plan_due_messages
from campaigns.words import describe_permit, describe_reputation
from pmoportal.bell import ring
from pmoportal.cockpit import Published

People = CampaignVersion.People


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the three, with what it would mean."""

    value: str
    label: str
    consequence: str


class Publishing(Published):
    """The publish page of a campaign."""

    publish_template = "admin/campaigns/campaign/publish.html"

    def publish(self, request: HttpRequest, draft: Campaign) -> CampaignVersion:
        now = timezone.now()
        people = request.POST.get("people", "")
        with transaction.atomic():
            version = publishing.publish(campaign=draft, by=request.user, now=now)  # type: ignore[arg-type]
            if version.published_at == now:
                people = people if people in People.values else People.MOVE
                moving.move(version=version, people=people, now=now)
        ring(plan_due_messages)
        return version

    def get_publish_context(self, request: HttpRequest, draft: Campaign) -> dict[str, Any]:
        now = timezone.now()
        newest = publishing.get_published(key=draft.key)
        document = drafts.build_document(campaign=draft)
        problems = publishing.check(campaign=draft, now=now)
        impact = moving.get_impact(campaign=draft, document=document, now=now)
        steps, tips = len(document["campaign"]["steps"]), len(document["tips"])
        names = get_names({0: document["campaign"]["steps"]})
        return {
            "newest": newest,
            "changes": describe_changes(newest.document if newest else None, document),
            "faults": describe_faults(problems, draft),
            "advice": describe_advice(publishing.get_advice(campaign=draft), draft),
            "facts": [
                ngettext("%(n)d step", "%(n)d steps", steps) % {"n": steps},
                ngettext("%(n)d tip in use", "%(n)d tips in use", tips) % {"n": tips},
                gettext("every mail in Swedish and English, tried on every kind of respondent"),
            ],
            "impact": impact,
            "places": [(names[place.step_key], place) for place in impact.places],
            "choices": _describe_choices(impact),
            "rivals": Campaign.objects.filter(
                purpose=draft.purpose, assessment=draft.assessment_id, closed_at=None
            )
            .exclude(pk=draft.pk)
            .exclude(versions=None)
            .distinct(),
            "no_permit": describe_permit(permit.get_standing().reason),
            "paused": get_pause(draft),
            "reputation": describe_reputation(pausing.get_reputation(campaign=draft, now=now)),
        }


def undo(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any] | HttpResponse:
    """GET says what it means, POST does it."""
    version = publishing.get_published(key=campaign.key)
    may_undo = version is not None and moving.may_undo(version=version)
    if request.method != "POST" or version is None:
        return {"version": version, "may_undo": may_undo, "title": gettext("Take back")}
    if moving.undo(version=version, now=timezone.now()):
        said = gettext("Version %(number)d is taken back. Everybody is where they were.")
        said %= {"number": version.number}
        LogEntry.objects.log_actions(
            request.user.pk or 0, [campaign], CHANGE, said, single_object=True
        )
        messages.success(request, said)
        ring(plan_due_messages)
    else:
        messages.warning(
            request, gettext("Nothing was taken back: a mail of the new version has left.")
        )
    return redirect("admin:campaigns_campaign_change", campaign.pk)


def _describe_choices(impact: moving.Impact) -> list[Choice]:
    at_once = sum(place.at_once for place in impact.places)
    move = gettext("Nobody gets again what they have had.")
    if at_once:
        move += " " + ngettext(
            "%(n)d of them gets a mail as soon as its hours allow.",
            "%(n)d of them get a mail as soon as its hours allow.",
            at_once,
        ) % {"n": at_once}
    if impact.finished:
        move += " " + ngettext(
            "For %(n)d of them nothing is left.",
            "For %(n)d of them nothing is left.",
            impact.finished,
        ) % {"n": impact.finished}
    consequences = {
        People.MOVE: move,
        People.KEEP: gettext("They notice nothing. Only newcomers get the new version."),
        People.FINISH: gettext("They get no more of this campaign. Only newcomers get it."),
    }
    return [
        Choice(value=value, label=str(value.label), consequence=text)
        for value, text in consequences.items()
    ]


UNDO = Page(name="undo", view=undo, is_to_change=True)
