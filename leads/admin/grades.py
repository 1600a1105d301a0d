"""A grade set by hand: the page that sets it and takes it back, and what the lead's page shows."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads import grading
from leads.admin.names import strip_directions
from leads.models import GradeOverride, Lead
from leads.scoring_rules import GRADES
from leads.words import ENDINGS

SHOWN = 20


class GradeForm(forms.Form):
    grade = forms.ChoiceField(label=_("grade"), choices=[(each, each) for each in GRADES])
    reason = forms.CharField(
        label=_("reason"), max_length=200, help_text=_("What you know that the points do not.")
    )
    until = forms.DateField(
        label=_("until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day it counts. Empty: until you take it back."),
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and until < timezone.localdate():
            raise forms.ValidationError(_("That day has passed."))
        return until


class Grading(admin.ModelAdmin):
    """Mixed into the admin of leads."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.grade_one)
        return [path("<int:lead_id>/grade/", view, name="leads_lead_grade"), *super().get_urls()]

    def require_lead(self, request: HttpRequest, lead_id: int) -> Lead:
        raise NotImplementedError

    def grade_one(self, request: HttpRequest, lead_id: int) -> HttpResponse:
        lead = self.require_lead(request, lead_id)
        form = GradeForm(request.POST or None, initial={"grade": lead.effective_grade})
        if request.method == "POST" and self._act(request, lead, form):
            return redirect(reverse("admin:leads_lead_change", args=[lead_id]) + "#work")
        person = lead.respondent
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Grade by hand"),
            "opts": self.opts,
            "lead": lead,
            "name": strip_directions(person.first_name) or person.email,
            "form": form,
            "acts": [_describe(each) for each in _get_acts(lead)],
        }
        return TemplateResponse(request, "admin/leads/grade.html", context)

    def get_override(self, lead: Lead) -> GradeOverride | None:
        """The act behind the grade that counts, when a person set it."""
        return _get_acts(lead).first() if lead.override_grade else None

    def _act(self, request: HttpRequest, lead: Lead, form: GradeForm) -> bool:
        now, by_id = timezone.now(), request.user.pk or 0
        if "lift" in request.POST:
            grading.lift(lead_id=lead.pk, by_id=by_id, now=now)
            self._note(request, lead, gettext("The computed grade counts again."))
            return True
        if not form.is_valid():
            return False
        grading.override(lead_id=lead.pk, by_id=by_id, now=now, **form.cleaned_data)
        sentence = gettext("The lead counts as %(grade)s.") % {"grade": form.cleaned_data["grade"]}
        self._note(request, lead, sentence)
        return True

    def _note(self, request: HttpRequest, lead: Lead, sentence: str) -> None:
        self.log_change(request, lead, sentence)
        self.message_user(request, sentence, messages.SUCCESS)


def _get_acts(lead: Lead) -> Any:
    return lead.overrides.select_related("by").order_by("-at", "-pk")[:SHOWN]


def _describe(act: GradeOverride) -> dict[str, Any]:
    return {"act": act, "reason": act.reason if act.grade else ENDINGS.get(act.reason, act.reason)}
