"""A campaign's own pages beside its form: one list says which, where and for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from campaigns.models import Campaign


@dataclass(frozen=True, kw_only=True)
class Page:
    """`view` is called with request, campaign and what `path` captures; it returns what the
    template `admin/campaigns/campaign/<name>.html` needs, or a whole answer. A page with a label
    is in the row of tabs on every page of the campaign; one without hangs on another, `tab`.
    """

    name: str
    view: Callable[..., Mapping[str, Any] | HttpResponseBase]
    label: Any = ""
    path: str = ""
    is_to_change: bool = False
    tab: str = ""


class Pages(admin.ModelAdmin):
    """A campaign's admin with such pages, as admin:campaigns_campaign_<name>."""

    pages: tuple[Page, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<int:object_id>/{page.path or page.name + '/'}",
                self.admin_site.admin_view(partial(self.open_page, page=page)),
                name=f"campaigns_campaign_{page.name}",
            )
            for page in self.pages
        ]
        return [*own, *super().get_urls()]

    def open_page(
        self, request: HttpRequest, object_id: int, page: Page, **captured: Any
    ) -> HttpResponseBase:
        campaign: Campaign | None = self.get_object(request, str(object_id))
        may = self.has_change_permission if page.is_to_change else self.has_view_permission
        if not may(request, campaign):
            raise PermissionDenied
        if campaign is None:
            raise Http404
        shown = page.view(request, campaign, **captured)
        if isinstance(shown, HttpResponseBase):
            return shown
        context = {
            **self.admin_site.each_context(request),
            "title": page.label,
            "opts": self.opts,
            "original": campaign,
            "tabs": self.get_tabs(request, campaign, page.tab or page.name),
            **shown,
        }
        return TemplateResponse(request, f"admin/campaigns/campaign/{page.name}.html", context)

    def get_tabs(
        self, request: HttpRequest, campaign: Campaign, current: str
    ) -> list[tuple[str, Any, bool]]:
        """Address, label and whether it is the open one, of each page this person may open."""
        may_change = self.has_change_permission(request, campaign)
        return [
            (_get_url(page.name, campaign), page.label, page.name == current)
            for page in self.pages
            if page.label and (may_change or not page.is_to_change)
        ]


def _get_url(name: str, campaign: Campaign) -> str:
    return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])
