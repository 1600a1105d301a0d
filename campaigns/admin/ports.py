"""A campaign out as a file, and in from one: first what it would change, then as the draft."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import files, porting
from campaigns.admin.pages import Page
from campaigns.admin.places import describe_changes
from campaigns.admin.steps import get_text
from campaigns.faults import describe_problem
from campaigns.models import Campaign


class Upload(forms.Form):
    """The file itself, or its text from the page before."""

    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    text = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    key = forms.SlugField(
        label=_("Under another key"),
        required=False,
        max_length=50,
        help_text=_("Leave it empty, or write a new key to make a copy."),
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload is None:
            return ""
        if upload.size > files.LARGEST_FILE:
            raise ValidationError(_("The file is larger than 1 MB."))
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("This is not a text file in UTF-8.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["text"] = cleaned.get("file") or cleaned.get("text", "").replace("\r\n", "\n")
        if not cleaned["text"].strip() and not self.errors:
            raise ValidationError(_("Choose a file that is not empty."))
        return cleaned


class Importing(admin.ModelAdmin):
    """The campaigns' list leads to a page where one is brought in."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="campaigns_campaign_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks for the file, POST shows what it would change, and the next POST does it."""
        may = self.has_add_permission(request) and self.has_change_permission(request)
        if not may or not request.user.has_perm("campaigns.change_tip"):
            raise PermissionDenied
        form = Upload(request.POST or None, request.FILES or None)
        context: dict[str, Any] = {"form": form}
        if request.method == "POST" and form.is_valid():
            text, key = form.cleaned_data["text"], form.cleaned_data["key"]
            try:
                plan = porting.plan(text=text, key=key)
                changes = describe_changes(None if plan.is_new else plan.before, plan.wanted)
                name = get_text(plan.wanted["campaign"]["name"]) or plan.key
                context |= {"plan": plan, "name": name, "changes": changes}
                context |= {"text": text, "key": key}
                if "confirmed" in request.POST:
                    return self._bring_in(request, text, key)
            except porting.BadFile as error:
                context["faults"] = [
                    (each.place, describe_problem(each)) for each in error.problems
                ]
        return TemplateResponse(
            request,
            "admin/campaigns/campaign/import.html",
            {
                **self.admin_site.each_context(request),
                "title": gettext("Import a campaign"),
                "opts": self.opts,
                **context,
            },
        )

    def _bring_in(self, request: HttpRequest, text: str, key: str) -> HttpResponse:
        is_new = porting.plan(text=text, key=key).is_new
        campaign = porting.bring_in(text=text, key=key)
        said = gettext("Imported as a draft. Look at it, and publish it when it is right.")
        LogEntry.objects.log_actions(
            request.user.pk or 0,
            [campaign],
            ADDITION if is_new else CHANGE,
            gettext("Imported from a file."),
            single_object=True,
        )
        messages.success(request, said)
        return redirect("admin:campaigns_campaign_change", campaign.pk)


def download(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any] | HttpResponse:
    name = f"{campaign.key}-{timezone.localdate():%Y-%m-%d}.yaml"
    return HttpResponse(
        porting.export(campaign=campaign),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def copy(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """By POST only: a new draft, opened at once."""
    if not request.user.has_perm("campaigns.add_campaign"):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    made = porting.copy(campaign=campaign)
    said = gettext("A copy of “%(name)s”.") % {"name": campaign}
    LogEntry.objects.log_actions(request.user.pk or 0, [made], ADDITION, said, single_object=True)
    told = gettext("This is a copy of “%(name)s”, as a draft. Both use the same tips.")
    messages.success(request, told % {"name": campaign})
    return redirect("admin:campaigns_campaign_change", made.pk)


COPY = Page(name="copy", view=copy, is_to_change=True)
DOWNLOAD = Page(name="export", view=download)
