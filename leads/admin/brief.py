"""The page of one lead: what prepares the call, and what is done about it. GET shows, POST acts.

Who sees which lead is decided by `get_queryset` of the list, and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext

from leads import briefing, timeline
from leads.admin import acts
from leads.forms import MoveForm, NoteForm, ReassignForm, ReleaseForm, StepForm, TakeForm
from leads.models import Lead

PER_PAGE = 20


class Briefed(admin.ModelAdmin):
    """The change page of a lead is its brief."""

    def mark(self, lead: Lead) -> Any:
        raise NotImplementedError

    def get_override(self, lead: Lead) -> Any:
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        lead = self.get_object(request, unquote(object_id))
        if lead is None:
            messages.warning(request, gettext("There is no such lead among those you may see."))
            return redirect("admin:leads_lead_changelist")
        forms = build_forms(lead, None)
        if request.method == "POST":
            if not self.has_change_permission(request, lead):
                raise PermissionDenied
            forms = build_forms(lead, request.POST)
            if self._work(request, lead, forms):
                return self._go_on(request, lead)
        return self._show(request, lead, forms)

    def _work(self, request: HttpRequest, lead: Lead, forms: Mapping[str, BaseForm]) -> bool:
        """Whether it is done, and the page may be asked for anew."""
        act = request.POST.get("act", "")
        form = forms.get(act)
        if form is not None and not form.is_valid():
            return False
        said = acts.do(
            act=act,
            lead=lead,
            values=form.cleaned_data if form else request.POST,
            user_id=request.user.pk or 0,
            now=timezone.now(),
        )
        if not said:
            messages.info(request, gettext("Nothing was changed: it is so already."))
            return True
        LogEntry.objects.log_actions(request.user.pk or 0, [lead], CHANGE, said, single_object=True)
        messages.success(request, said)
        return True

    def _go_on(self, request: HttpRequest, lead: Lead) -> HttpResponse:
        """Back to the page; to the list from a lead that is somebody else's by now."""
        if self.get_queryset(request).filter(pk=lead.pk).exists():
            place = "notes" if "note" in request.POST.get("act", "") else "work"
            return redirect(f"{request.path}#{place}")
        return redirect("admin:leads_lead_changelist")

    def _show(
        self, request: HttpRequest, lead: Lead, forms: Mapping[str, BaseForm]
    ) -> HttpResponse:
        seen = self.get_queryset(request).select_related("respondent", "owner")
        brief = briefing.build_brief(
            lead=lead, seen=seen, reader_id=request.user.pk or 0, now=timezone.now()
        )
        may_change = self.has_change_permission(request, lead)
        context = {
            **self.admin_site.each_context(request),
            "title": brief.name,
            "opts": self.opts,
            "original": lead,
            "brief": brief,
            "lead": lead,
            "mark": self.mark(lead),
            "override": self.get_override(lead),
            "forms": forms,
            "may_change": may_change,
            "has_change_permission": may_change,
            "is_mine": lead.owner_id == request.user.pk,
            "today": timezone.localdate(),
            **_get_page(request, brief.timeline),
        }
        return TemplateResponse(request, "admin/leads/lead.html", context)


def build_forms(lead: Lead, posted: Any) -> dict[str, BaseForm]:
    """By act. Only the one that was sent is bound; each has ids of its own on the page."""

    def bind(act: str) -> dict[str, Any]:
        is_sent = posted is not None and posted.get("act") == act
        return {"data": posted if is_sent else None, "prefix": act}

    return {
        "take": TakeForm(**bind("take")),
        "release": ReleaseForm(**bind("release")),
        "reassign": ReassignForm(owner_id=lead.owner_id, **bind("reassign")),
        "move": MoveForm(initial={"stage": lead.stage}, **bind("move")),
        "plan": StepForm(initial={"on": lead.next_step_at, "text": lead.next_step}, **bind("plan")),
        "note": NoteForm(**bind("note")),
    }


def _get_page(request: HttpRequest, entries: Any) -> dict[str, Any]:
    """One page of the timeline, of the kind that was asked for."""
    kinds = {each.kind for each in entries}
    chosen = request.GET.get("kind", "")
    if chosen not in timeline.Kind.values:
        chosen = ""
    shown = [each for each in entries if not chosen or each.kind == chosen]
    return {
        "kinds": [(each.value, each.label) for each in timeline.Kind if each in kinds],
        "chosen": chosen,
        "entries": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
    }
