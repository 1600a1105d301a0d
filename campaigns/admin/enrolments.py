"""Who is under way in which campaign, with a ledger of every step; and the frozen versions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns import mime
from campaigns.admin.filters import AtStepFilter, CampaignFilter
from campaigns.admin.lines import build_lines
from campaigns.models import Enrolment
from campaigns.words import describe_reason
from pmoportal.cockpit import Story, get_mark

State = Enrolment.State
MARKS = {State.ACTIVE: "good", State.STOPPED: "warn"}


def get_standing(enrolment: Enrolment) -> SafeString:
    return get_mark(MARKS.get(State(enrolment.state), "plain"), enrolment.get_state_display())


@admin.register(Enrolment)
class EnrolmentAdmin(Story):
    list_display = (
        "person",
        "first_name",
        "campaign",
        "number",
        "mark",
        "next_look",
        "started_at",
    )
    list_filter = (
        "state",
        ("campaign", CampaignFilter),
        AtStepFilter,
        ("started_at", admin.DateFieldListFilter),
    )
    search_fields = ("respondent__email",)
    search_help_text = _("Part of an address.")
    ordering = ("-started_at", "-pk")
    change_form_template = "admin/campaigns/enrolment.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        return (
            super()
            .get_queryset(request)
            .select_related("respondent", "campaign", "version")
            .defer("version__document", "version__compiled")
        )

    @admin.display(description=_("person"), ordering="respondent__email")
    def person(self, enrolment: Enrolment) -> str:
        return enrolment.respondent.email

    @admin.display(description=_("first name"))
    def first_name(self, enrolment: Enrolment) -> str:
        return mime.clean_subject(enrolment.respondent.first_name) or "–"

    @admin.display(description=_("version"), ordering="version__number")
    def number(self, enrolment: Enrolment) -> int:
        return enrolment.version.number

    @admin.display(description=_("state"), ordering="state")
    def mark(self, enrolment: Enrolment) -> SafeString:
        reason = describe_reason(enrolment.reason or enrolment.hold_reason)
        return format_html('{}<span class="under">{}</span>', get_standing(enrolment), reason)

    @admin.display(description=_("next look"), ordering="next_due_at")
    def next_look(self, enrolment: Enrolment) -> Any:
        return enrolment.next_due_at

    def get_page(self, request: HttpRequest, row: Enrolment) -> dict[str, Any]:
        return {
            "enrolment": row,
            "title": row.respondent.email,
            "mark": get_standing(row),
            "why": describe_reason(row.reason or row.hold_reason),
            "ledger": build_lines(row),
        }
