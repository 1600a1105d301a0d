"""The consultants' list: who to call next, and why. Only people who asked to be contacted."""

import re
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads import handover
from leads.admin.brief import Briefed
from leads.admin.choices import Choosing
from leads.admin.exchange import Exchanging
from leads.models import Lead
from leads.overview import REASONS_SHOWN, TO_CALL
from leads.words import describe_reasons
from pmoportal.cockpit import get_mark

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class OwnerFilter(admin.SimpleListFilter):
    title = _("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("nobodys", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        owners = {"mine": request.user.pk, "nobodys": None}
        if self.value() not in owners:
            return queryset
        return queryset.filter(owner=owners[str(self.value())])


@admin.register(Lead)
class LeadAdmin(Exchanging, Choosing, Briefed):
    list_display = (
        "mark",
        "person",
        "why",
        "weakest_role",
        "owner",
        "stage",
        "since",
    )
    list_display_links = ("mark", "person")
    list_filter = (OwnerFilter, "stage", "weakest_role")
    list_select_related = ("respondent", "owner")
    search_fields = ("respondent__email", "respondent__first_name", "organisation")
    ordering = TO_CALL
    actions = ["take"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Whoever asks: a person who has not asked to be contacted is nobody's lead."""
        return super().get_queryset(request).filter(may_contact=True)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("leads.change_lead")

    @admin.display(description=_("grade"), ordering="grade")
    def mark(self, lead: Lead) -> SafeString:
        return get_mark(f"grade-{lead.grade[:1].lower()}", lead.grade)

    @admin.display(description=_("person"), ordering="respondent__email")
    def person(self, lead: Lead) -> SafeString:
        person = lead.respondent
        name = _DIRECTION.sub("", person.first_name)
        return format_html(
            '{}<span class="under">{}</span>', name or person.email, person.email if name else ""
        )

    @admin.display(description=_("why"))
    def why(self, lead: Lead) -> SafeString:
        lines = describe_reasons(lead.reasons[:REASONS_SHOWN])
        shown = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
        return format_html('<ul class="reasons">{}</ul>', shown)

    @admin.display(description=_("since"), ordering="created_at")
    def since(self, lead: Lead) -> str:
        return date_format(timezone.localtime(lead.created_at), "Y-m-d")

    @admin.action(description=_("Take the lead"), permissions=["change"])
    def take(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        wanted = list(queryset.values_list("pk", flat=True))
        self._take(request, wanted)

    def _take(self, request: HttpRequest, wanted: list[int]) -> None:
        taken = handover.take(lead_ids=wanted, owner_id=request.user.pk or 0, now=timezone.now())
        if taken:
            sentence = ngettext("The lead is yours.", "%(n)d leads are yours.", taken) % {
                "n": taken
            }
            self.message_user(request, sentence, messages.SUCCESS)
        if taken < len(wanted):
            self.message_user(
                request,
                gettext(
                    "A lead that already has an owner was left with them. Change it on its page."
                ),
                messages.WARNING,
            )
