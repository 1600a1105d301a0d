"""Who is under way in which campaign, with a ledger of every step; and the frozen versions."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from campaigns import mime
from campaigns.admin.messages import get_state_mark, get_subject
from campaigns.models import CampaignVersion, Enrolment, Message, Step
from campaigns.words import describe_reason
from pmoportal.cockpit import Story, Versions, get_mark

State = Enrolment.State
MARKS = {State.ACTIVE: "good", State.PAUSED: "warn", State.STOPPED: "warn"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step in the ledger. Without a message it is still to come, or will never come."""

    day: int
    kind: str
    subject: str
    message: Message | None
    mark: SafeString
    reason: str


def get_standing(enrolment: Enrolment) -> SafeString:
    return get_mark(MARKS.get(State(enrolment.state), "plain"), enrolment.get_state_display())


class CampaignFilter(admin.RelatedFieldListFilter):
    """Django would name it after the column, in English."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("campaign")


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
    list_filter = ("state", ("campaign", CampaignFilter), ("started_at", admin.DateFieldListFilter))
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
            "ledger": _get_ledger(row),
        }


def _get_ledger(enrolment: Enrolment) -> list[Line]:
    messages = {
        message.step_key: message
        for message in enrolment.messages.select_related("compiled").defer(
            "compiled__html", "compiled__text"
        )
    }
    day = 0
    lines = []
    for step in enrolment.version.document["campaign"]["steps"]:
        day += step["delay_days"]
        lines.append(_get_line(step, day, messages.get(step["key"]), enrolment))
    return lines


def _get_line(
    step: dict[str, Any], day: int, message: Message | None, enrolment: Enrolment
) -> Line:
    language = "en" if (get_language() or "").startswith("en") else "sv"
    written = step.get("subject", {}).get(language, "")
    is_under_way = enrolment.state in (State.ACTIVE, State.PAUSED)
    to_come = get_mark("plain", gettext("To come") if is_under_way else gettext("Never sent"))
    return Line(
        day=day,
        kind=str(Step.Kind(step["kind"]).label),
        subject=get_subject(message) if message and message.compiled else written,
        message=message,
        mark=get_state_mark(message) if message else to_come,
        reason=describe_reason(message.reason) if message else "",
    )


@admin.register(CampaignVersion)
class CampaignVersionAdmin(Versions):
    draft = "campaign"
    list_filter = (("campaign", CampaignFilter),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CampaignVersion]:
        return super().get_queryset(request).defer("document", "compiled")

    @admin.display(description=_("campaign"), ordering="campaign__key")
    def name(self, version: CampaignVersion) -> str:
        return version.campaign.name
