"""One lead, and the list of them: who to call next, and why."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from leads import handover
from leads.admin.brief import Briefed
from leads.admin.choices import Choosing
from leads.admin.exchange import Exchanging
from leads.admin.grades import Grading
from leads.admin.listing import LeadList
from leads.models import Lead


@admin.register(Lead)
class LeadAdmin(Exchanging, Choosing, Grading, LeadList, Briefed):
    """Each part is a module of its own; who sees which lead is decided by the list's queryset."""

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
        taken = handover.take(lead_ids=lead_ids, owner_id=request.user.pk or 0, now=timezone.now())
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
