"""The page on which a campaign is paused, or let go on: GET says what that means, POST does it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from campaigns import pausing
from campaigns.models import Campaign, Enrolment
from campaigns.tasks import plan_due_messages
from campaigns.words import describe_reason
from pmoportal.bell import ring

UNDER_WAY = (Enrolment.State.ACTIVE, Enrolment.State.PAUSED)


class Pausable(admin.ModelAdmin):
    """A campaign's admin with such a page."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pause_view)
        here = path("<int:object_id>/pause/", view, name="campaigns_campaign_pause")
        return [here, *super().get_urls()]

    def pause_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign: Campaign | None = self.get_object(request, str(object_id))
        if not self.has_change_permission(request, campaign):
            raise PermissionDenied
        if campaign is None:
            raise Http404
        if request.method == "POST":
            self._turn(request, campaign)
            return redirect("admin:campaigns_campaign_change", object_id)
        return TemplateResponse(
            request,
            "admin/campaigns/campaign/pause.html",
            {
                **self.admin_site.each_context(request),
                "title": gettext("Let it go on") if campaign.paused_at else gettext("Pause"),
                "opts": self.opts,
                "original": campaign,
                "paused": describe_reason(campaign.pause_reason),
                "waiting": _count_people(campaign),
            },
        )

    def _turn(self, request: HttpRequest, campaign: Campaign) -> None:
        now = timezone.now()
        if campaign.paused_at:
            is_done = pausing.resume(campaign_id=campaign.pk, now=now)
            said = gettext("The campaign goes on.")
        else:
            is_done = pausing.pause(campaign_id=campaign.pk, reason=pausing.BY_HAND, now=now)
            said = gettext("The campaign is paused. Nothing of it leaves.")
        if is_done:
            self.log_change(request, campaign, said)
            self.message_user(request, said, messages.SUCCESS)
            ring(plan_due_messages)


def _count_people(campaign: Any) -> str:
    people = Enrolment.objects.filter(campaign=campaign, state__in=UNDER_WAY).count()
    return ngettext(
        "%(n)d person is under way in it.", "%(n)d people are under way in it.", people
    ) % {"n": people}
