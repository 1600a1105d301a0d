"""One lead, and the list of them: who to call next, and why."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext

from assessments import profiles
from leads import handover
from leads.admin.grades import Grading
from leads.admin.listing import LeadList
from leads.admin.names import strip_directions
from leads.assigning import get_colleagues
from leads.models import Lead
from leads.words import describe_reasons

EDITABLE = ("owner", "stage")


@admin.register(Lead)
class LeadAdmin(Grading, LeadList):
    fields = EDITABLE
    change_form_template = "admin/leads/lead.html"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("leads.change_lead")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Lead | None:
        """A colleague's lead is refused, and said to be refused; others are not there at all."""
        lead: Lead | None = super().get_object(request, object_id, from_field)
        is_number = object_id.isascii() and object_id.isdecimal() and len(object_id) < 19
        if lead is None and is_number and Lead.objects.to_contact().filter(pk=object_id).exists():
            raise PermissionDenied(
                gettext("This lead is a colleague’s. Ask them, or an administrator.")
            )
        return lead

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.take_one)
        return [path("<int:lead_id>/take/", view, name="leads_lead_take"), *super().get_urls()]

    def take_one(self, request: HttpRequest, lead_id: int) -> HttpResponse:
        self.require_lead(request, lead_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.take_leads(request, [lead_id])
        return redirect("admin:leads_lead_change", lead_id)

    def require_lead(self, request: HttpRequest, lead_id: int) -> Lead:
        """The lead, to somebody who may change it; else 403, or 404 when it is nobody's."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        lead = self.get_object(request, str(lead_id))
        if lead is None:
            raise Http404
        return lead

    def take_leads(self, request: HttpRequest, lead_ids: list[int]) -> None:
        taken = handover.take(lead_ids=lead_ids, owner_id=request.user.pk or 0)
        if taken:
            sentence = ngettext("The lead is yours.", "%(n)d leads are yours.", taken) % {
                "n": taken
            }
            self.message_user(request, sentence, messages.SUCCESS)
        if taken < len(lead_ids):
            self.message_user(
                request,
                gettext(
                    "A lead that already has an owner was left with them. Change it on its page."
                ),
                messages.WARNING,
            )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            kwargs["queryset"] = get_colleagues()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_page(self, request: HttpRequest, row: Lead) -> dict[str, Any]:
        person = row.respondent
        return {
            "lead": row,
            "title": strip_directions(person.first_name) or person.email,
            "mark": self.mark(row),
            "reasons": describe_reasons(row.reasons),
            "profile": profiles.get_profile(row.response_id),
            "override": self.get_override(row),
            "show_save_and_continue": False,
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only what was edited: the score may have been computed again meanwhile."""
        obj.save(update_fields=[name for name in form.changed_data if name in EDITABLE])
