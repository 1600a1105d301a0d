"""What one consultant wants to hear and when, and the secret address of their calendar."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from leads import feeds
from leads.forms import ChoicesForm
from leads.models import Calendar, Preference


class Choosing(admin.ModelAdmin):
    """The list of leads has a page for each reader's own choices."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.choose)
        return [path("choices/", view, name="leads_lead_choices"), *super().get_urls()]

    def choose(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        user_id = request.user.pk or 0
        choice = Preference.objects.filter(user=user_id).first() or Preference(user_id=user_id)
        act = request.POST.get("act", "")
        form = ChoicesForm(request.POST if act == "choose" else None, instance=choice)
        if request.method == "POST" and self._do(request, act, form, user_id):
            return redirect("admin:leads_lead_choices")
        return TemplateResponse(
            request, "admin/leads/choices.html", self._get_context(request, form, user_id)
        )

    def _do(self, request: HttpRequest, act: str, form: ChoicesForm, user_id: int) -> bool:
        said = ""
        match act:
            case "choose":
                if not form.is_valid():
                    return False
                form.save()
                said = gettext("Your choices are kept.")
            case "renew":
                said = _renew(user_id)
            case "revoke" if feeds.revoke(user_id=user_id):
                said = gettext("The calendar's address leads nowhere any more.")
        if said:
            messages.success(request, said)
        return True

    def _get_context(self, request: HttpRequest, form: ChoicesForm, user_id: int) -> dict[str, Any]:
        calendar = Calendar.objects.filter(user=user_id).first()
        return {
            **self.admin_site.each_context(request),
            "title": gettext("Your choices"),
            "opts": self.opts,
            "form": form,
            "calendar": calendar,
            "address": feeds.get_address(calendar) if calendar else "",
        }


def _renew(user_id: int) -> str:
    is_first = not Calendar.objects.filter(user=user_id).exists()
    feeds.renew(user_id=user_id, now=timezone.now())
    if is_first:
        return gettext("The calendar has an address: copy it into your calendar program.")
    return gettext("The calendar has a new address. An earlier one leads nowhere.")
