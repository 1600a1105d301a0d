"""The register of what people ask of us by law: what is open, until when, and how it ended."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments import personal_data
from campaigns import rights
from campaigns.admin.rights_acts import ACTS, Acting
from campaigns.doctor.providers import PROVIDERS
from campaigns.models import RightsRequest
from pmoportal.cockpit import Story, get_mark, offer

Kind, Outcome, Road = RightsRequest.Kind, RightsRequest.Outcome, RightsRequest.Road
OUTCOMES = (Outcome.DONE, Outcome.REFUSED, Outcome.TAKEN_BACK)
# What may be done for the person from here.
BY_KIND = {Kind.ACCESS: "export", Kind.ERASURE: "erase", Kind.OBJECTION: "object"}


def refuse_addresses(text: str) -> None:
    if "@" in text:
        raise ValidationError(
            _("Write no address here: this line stays when the person is erased.")
        )


class RequestForm(forms.ModelForm):
    address = forms.EmailField(
        label=_("The person's address"),
        required=False,
        help_text=_(
            "Finds the person, and is not kept here. Empty when it is nobody whom we know."
        ),
    )
    note = forms.CharField(
        label=_("What was asked"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[refuse_addresses],
        help_text=_("Without names and addresses."),
    )

    class Meta:
        model = RightsRequest
        fields = ("kind", "address", "road", "received_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [(kind, kind.label) for kind in Kind if kind != Kind.AT_PROVIDER]
        offer(self, "kind", [("", "---------"), *asked])
        roads = [(road, road.label) for road in Road if road != Road.HERE]
        offer(self, "road", roads)
        self.fields["road"].required = True
        self.fields["received_on"].initial = timezone.localdate
        self.fields["received_on"].help_text = _("The day it reached any of us. The month runs.")

    def clean_address(self) -> int | None:
        address = self.cleaned_data["address"]
        found = personal_data.find(email=address) if address else None
        if address and found is None:
            raise ValidationError(
                _("Nobody here has this address. Leave it empty to register the request anyway.")
            )
        return found

    def clean_received_on(self) -> date:
        on: date = self.cleaned_data["received_on"]
        if on > timezone.localdate():
            raise ValidationError(_("That day has not come yet."))
        return on


class EndForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[(each, each.label) for each in OUTCOMES],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("What was done, or why not"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[refuse_addresses],
    )
    ended_on = forms.DateField(
        label=_("On"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, since: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].initial = timezone.localdate
        self.since = since

    def clean_ended_on(self) -> date:
        on: date = self.cleaned_data["ended_on"]
        if not self.since <= on <= timezone.localdate():
            raise ValidationError(_("It ended between the day it came and today."))
        return on


class StandingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("late", _("late")), ("ended", _("ended"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RightsRequest]
    ) -> QuerySet[RightsRequest]:
        match self.value():
            case "open":
                return queryset.filter(ended_on=None)
            case "late":
                return queryset.filter(ended_on=None, due_on__lt=timezone.localdate())
            case "ended":
                return queryset.filter(ended_on__isnull=False)
        return queryset


@admin.register(RightsRequest)
class RightsRequestAdmin(Acting, Story):
    list_display = ("number", "what", "mark", "received", "last_day", "person")
    list_select_related = ("respondent", "ended_by")
    list_filter = (StandingFilter, "kind")
    search_fields = ("respondent__email", "=receipt")
    search_help_text = _("Part of an address, or a receipt.")
    ordering = ("-ended_on", "due_on", "pk")
    actions = ("end_at_providers",)
    add_form_template = "admin/change_form.html"
    change_form_template = "admin/campaigns/rightsrequest.html"

    @admin.display(description=_("no."), ordering="pk")
    def number(self, row: RightsRequest) -> int:
        return row.pk

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, row: RightsRequest) -> str:
        return (
            f"{row.get_kind_display()}, {row.provider}" if row.provider else row.get_kind_display()
        )

    @admin.display(description=_("state"))
    def mark(self, row: RightsRequest) -> SafeString:
        return _get_mark(row)

    @admin.display(description=_("received"), ordering="received_on")
    def received(self, row: RightsRequest) -> str:
        return date_format(row.received_on, "Y-m-d")

    @admin.display(description=_("last day"), ordering="due_on")
    def last_day(self, row: RightsRequest) -> str:
        return date_format(row.due_on, "Y-m-d")

    @admin.display(description=_("person"))
    def person(self, row: RightsRequest) -> str:
        return row.respondent.email if row.respondent else row.receipt or "–"

    @admin.action(description=_("The provider has erased these"), permissions=["keep"])
    def end_at_providers(self, request: HttpRequest, rows: QuerySet[RightsRequest]) -> None:
        ended = sum(
            rights.end(
                request_id=pk,
                outcome=Outcome.DONE,
                reason=gettext("The provider says so."),
                on=timezone.localdate(),
                by_id=request.user.pk,
            )
            for pk in rows.filter(kind=Kind.AT_PROVIDER).values_list("pk", flat=True)
        )
        sentence = ngettext("%(n)d request has ended.", "%(n)d requests have ended.", ended)
        self.message_user(request, sentence % {"n": ended}, messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.add_rightsrequest")

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:  # type: ignore[override]  # Django's own is no better
        if obj is None:
            kwargs["form"] = RequestForm
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return [] if obj else [(None, {"fields": RequestForm.Meta.fields})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        said = form.cleaned_data
        made = rights.register(
            kind=said["kind"],
            respondent_id=said["address"],
            road=said["road"],
            note=said["note"],
            on=said["received_on"],
            by_id=request.user.pk,
            now=timezone.now(),
        )
        obj.pk = made.pk

    def response_add(
        self, request: HttpRequest, obj: RightsRequest, post_url_continue: str | None = None
    ) -> HttpResponse:
        last = RightsRequest.objects.values_list("due_on", flat=True).get(pk=obj.pk)
        sentence = gettext("Registered. It must be answered by %(day)s.")
        self.message_user(
            request, sentence % {"day": date_format(last, "DATE_FORMAT")}, messages.SUCCESS
        )
        return redirect("admin:campaigns_rightsrequest_change", obj.pk)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_one)
        name = "campaigns_rightsrequest_end"
        return [path("<int:request_id>/end/", view, name=name), *super().get_urls()]

    def get_page(self, request: HttpRequest, row: RightsRequest) -> dict[str, Any]:
        act = BY_KIND.get(Kind(row.kind), "") if row.respondent_id else ""
        return {
            "title": gettext("Request no. %(number)d") % {"number": row.pk},
            "row": row,
            "mark": _get_mark(row),
            "act": ACTS.get(act) if row.ended_on is None else None,
            "end_form": EndForm(since=row.received_on) if row.ended_on is None else None,
            "at_providers": RightsRequest.objects.filter(kind=Kind.AT_PROVIDER, receipt=row.receipt)
            .exclude(receipt="")
            .exclude(pk=row.pk),
            "ids": "\n".join(row.provider_ids),
            "may_act": self.has_keep_permission(request),
            "contract": PROVIDERS[row.provider].contract if row.provider in PROVIDERS else "",
        }

    def end_one(self, request: HttpRequest, request_id: int) -> HttpResponse:
        if not self.has_keep_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.get_object(request, str(request_id))
        if row is None:
            raise Http404
        form = EndForm(request.POST, since=row.received_on)
        if not form.is_valid():
            for errors in form.errors.values():
                self.message_user(request, " ".join(map(str, errors)), messages.ERROR)
        else:
            self._end(request, row, form.cleaned_data)
        return redirect("admin:campaigns_rightsrequest_change", request_id)

    def _end(self, request: HttpRequest, row: RightsRequest, said: dict[str, Any]) -> None:
        has_ended = rights.end(
            request_id=row.pk,
            outcome=said["outcome"],
            reason=said["reason"],
            on=said["ended_on"],
            by_id=request.user.pk,
        )
        if has_ended:
            self.log_change(request, row, gettext("Ended."))
            self.message_user(request, gettext("The request has ended."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("It had ended before."), messages.WARNING)


def _get_mark(row: RightsRequest) -> SafeString:
    if row.ended_on is not None:
        return get_mark("plain", row.get_outcome_display())
    left = (row.due_on - timezone.localdate()).days
    if left < 0:
        return get_mark("bad", gettext("late"))
    kind = "warn" if left <= max(rights.REMINDERS) else "good"
    words = ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}
    return get_mark(kind, words)
