"""The frozen versions of campaigns: what each changed, and making one of them the draft again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import drafts, porting
from campaigns.admin.enrolments import CampaignFilter
from campaigns.admin.places import describe_changes
from campaigns.models import CampaignVersion
from pmoportal.cockpit import Versions
from pmoportal.differences import Change


@admin.register(CampaignVersion)
class CampaignVersionAdmin(Versions):
    draft = "campaign"
    list_filter = (("campaign", CampaignFilter),)
    change_form_template = "admin/campaigns/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignVersion]:
        return super().get_queryset(request).defer("document", "compiled")

    @admin.display(description=_("campaign"), ordering="campaign__key")
    def name(self, version: CampaignVersion) -> str:
        return version.campaign.name

    def describe_changes(self, old: Any, new: Any) -> list[Change]:
        return describe_changes(old, new)

    def get_page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        may_roll_back = request.user.has_perm("campaigns.change_campaign")
        return super().get_page(request, row) | {"may_roll_back": may_roll_back}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.roll_back)
        here = path("<int:version_id>/draft/", view, name="campaigns_campaignversion_draft")
        return [here, *super().get_urls()]

    def roll_back(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """GET says what would change in the draft, POST makes the version the draft."""
        if not request.user.has_perms(["campaigns.change_campaign", "campaigns.change_tip"]):
            raise PermissionDenied
        versions = CampaignVersion.objects.select_related("campaign__assessment")
        version = versions.filter(pk=version_id).first()
        if version is None:
            raise Http404
        if request.method == "POST":
            self._roll_back(request, version)
            return redirect("admin:campaigns_campaign_change", version.campaign_id)
        draft = drafts.build_document(campaign=version.campaign)
        return TemplateResponse(
            request,
            "admin/campaigns/draft.html",
            {
                **self.admin_site.each_context(request),
                "title": gettext("Make it the draft again"),
                "opts": self.opts,
                "version": version,
                "changes": describe_changes(draft, version.document),
            },
        )

    def _roll_back(self, request: HttpRequest, version: CampaignVersion) -> None:
        campaign = porting.roll_back(version=version)
        said = gettext("Version %(number)d is the draft again. Publish it to put it in force.")
        said %= {"number": version.number}
        LogEntry.objects.log_actions(
            request.user.pk or 0, [campaign], CHANGE, said, single_object=True
        )
        messages.success(request, said)
