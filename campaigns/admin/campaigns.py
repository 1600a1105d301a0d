"""Campaigns with their steps, and publishing them."""

from typing import Any

from adminsortable2.admin import SortableAdminBase, SortableInlineAdminMixin
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Window
from django.forms.widgets import Script
from django.http import Http404, HttpRequest
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin, TranslationStackedInline

from campaigns import drafts, moving, placeholders, publishing
from campaigns.admin import drafting, previews
from campaigns.admin.figures import FIGURES
from campaigns.admin.forecasts import FORECAST
from campaigns.admin.forms import TEXTS, CampaignForm, StepForm, list_placeholders
from campaigns.admin.ledgers import EXPORT, LEDGER
from campaigns.admin.outlooks import OUTLOOK
from campaigns.admin.pages import Pages
from campaigns.admin.pauses import PAUSE, get_pause
from campaigns.admin.ports import COPY, DOWNLOAD, Importing
from campaigns.admin.publications import UNDO, Publishing
from campaigns.admin.steps import describe_hours
from campaigns.admin.subjects import SUBJECTS
from campaigns.admin.walks import WALK, WALK_MAIL
from campaigns.models import Campaign, CampaignVersion, Enrolment, Step
from campaigns.words import ROLE_RANKS
from pmoportal.cockpit import Bilingual, get_mark, pair


class StepInline(Bilingual, SortableInlineAdminMixin, TranslationStackedInline):
    model = Step
    form = StepForm
    template = "admin/campaigns/steps.html"
    ordering = ("position",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        in_order = [F("position").asc(), F("pk").asc()]
        day = Window(Sum("delay_days"), partition_by=F("campaign"), order_by=in_order)
        return super().get_queryset(request).annotate(day=day)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        timing = ("kind", "role_rank", "delay_days", "useful_days", "position")
        return [
            (None, {"fields": [timing]}),
            (
                _("The mail's text"),
                {
                    "classes": ["collapse", "texts"],
                    "fields": TEXTS,
                    "description": list_placeholders(
                        placeholders.CAMPAIGN_VARIABLES, kind="campaign"
                    ),
                },
            ),
        ]


@admin.register(Campaign)
class CampaignAdmin(Bilingual, SortableAdminBase, Pages, Importing, Publishing, TranslationAdmin):
    class Media:
        js = (Script("editor.js", defer=True),)

    form = CampaignForm
    inlines = [StepInline]
    pages = (
        *(WALK, WALK_MAIL, FORECAST, OUTLOOK, LEDGER, EXPORT, FIGURES, SUBJECTS),
        *(PAUSE, UNDO, DOWNLOAD, COPY),
    )
    list_display = ("name", "published", "under_way", "purpose", "priority")
    prepopulated_fields = {"key": ("name_sv",)}
    fieldsets = [
        (None, {"fields": [pair("name"), ("assessment", "purpose")]}),
        (
            _("When mail may leave"),
            {
                "fields": [
                    "weekdays",
                    ("opens", "closes", "zone"),
                    ("cap_days", "priority"),
                    "blackout_dates",
                ],
                "classes": ["collapse"],
            },
        ),
        (_("Technical"), {"fields": ["key"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        versions = CampaignVersion.objects.filter(
            campaign=OuterRef("pk"), withdrawn_at=None
        ).order_by("-number")
        state = Q(enrolments__state=Enrolment.State.ACTIVE)
        return (
            super()
            .get_queryset(request)
            .annotate(
                newest=Subquery(versions.values("number")[:1], output_field=IntegerField()),
                people=Count("enrolments", filter=state),
            )
        )

    @admin.display(description=_("published"))
    def published(self, campaign: Any) -> SafeString:
        if campaign.newest is None:
            return get_mark("warn", gettext("not yet"))
        if campaign.paused_at is not None:
            return get_mark("warn", gettext("paused"))
        if campaign.closed_at is not None:
            return get_mark("plain", gettext("closed"))
        return get_mark("good", gettext("version %(number)d") % {"number": campaign.newest})

    @admin.display(description=_("under way"))
    def under_way(self, campaign: Any) -> str:
        return ngettext("%(n)d person", "%(n)d people", campaign.people) % {"n": campaign.people}

    def get_urls(self) -> list[URLPattern]:
        own = previews.build_urls(
            self,
            name="campaigns_step",
            page="<int:object_id>/steps/<int:step_id>/",
            find=self._get_step,
        )
        return [*drafting.build_urls(self), *own, *super().get_urls()]

    def get_page(self, request: HttpRequest, row: Campaign) -> dict[str, Any]:
        # As it is kept: a form that was refused has written what it was given into `row`.
        row = Campaign.objects.select_related("assessment").get(pk=row.pk)
        newest = publishing.get_published(key=row.key)
        draft = drafts.build_document(campaign=row)
        return {
            "newest": newest,
            "tabs": self.get_tabs(request, row, ""),
            "paused": get_pause(row),
            "may_undo": newest is not None and moving.may_undo(version=newest),
            "is_changed": newest is not None and newest.document != draft,
            "steps": self._get_steps(row),
            "hours": describe_hours(row),
        }

    def _get_step(self, request: HttpRequest, object_id: int, step_id: int) -> Step:
        if not self.has_view_permission(request):
            raise PermissionDenied
        steps = Step.objects.select_related("campaign__assessment")
        step = steps.filter(pk=step_id, campaign__pk=object_id).exclude(kind=Step.Kind.TIP).first()
        if step is None:
            raise Http404
        return step

    def _get_steps(self, campaign: Campaign) -> list[tuple[Step, str]]:
        day = Window(Sum("delay_days"), order_by=[F("position").asc(), F("pk").asc()])
        steps = campaign.steps.order_by("position", "pk").annotate(day=day)
        return [(step, str(ROLE_RANKS.get(step.role_rank or 0, ""))) for step in steps]
