"""The list of leads: the order to call, what narrows it, and the views that colleagues keep."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import profiles
from leads import saving
from leads.admin import filters
from leads.admin.actions import LeadActions
from leads.admin.names import strip_directions
from leads.assigning import TO_CALL
from leads.models import Lead, SavedView
from leads.overview import REASONS_SHOWN
from leads.words import describe_reasons, describe_silence
from pmoportal.cockpit import History, get_mark
from pmoportal.paging import BoundedPaginator

# The views everybody has, as the filters they are.
VIEWS = (
    (_("To call"), ""),
    (_("Mine"), "whose=mine"),
    (_("Unowned A"), "whose=nobodys&grade=A"),
    (_("Silent for 14 days"), "silent=14"),
)


class ViewForm(forms.Form):
    name = forms.CharField(max_length=40)
    query = forms.CharField(max_length=2000, required=False)
    is_shared = forms.BooleanField(required=False)


# A cell that a phone leaves out.
NOTHING = mark_safe('<span class="none">–</span>')


class LeadList(LeadActions, History):
    """Mixed into the admin of leads. What may be seen is decided by the queryset."""

    list_display = (
        "mark",
        "person",
        "why",
        "weakest_role",
        "whose",
        "stage",
        "planned",
        "silence",
    )
    list_display_links = ("mark", "person")
    list_filter = (
        filters.OwnerFilter,
        filters.GradeFilter,
        filters.StageFilter,
        filters.RoleFilter,
        filters.SilenceFilter,
        filters.OrganisationFilter,
    )
    list_select_related = ("respondent", "owner")
    search_fields = ("respondent__email",)  # so that Django shows the field
    search_help_text = _("Name, address or organisation")
    ordering = TO_CALL
    paginator = BoundedPaginator
    list_max_show_all = 0

    class Media:
        js = ("leads.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        """Wherever the admin looks for leads, it looks here."""
        return Lead.objects.seen_by(request.user).order_by(*TO_CALL)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        """By beginnings of words in name and address, of which the organisation is the end."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(respondent__in=profiles.find_people(search_term)), False

    @admin.display(description=_("grade"), ordering="effective_grade")
    def mark(self, lead: Lead) -> SafeString:
        grade = lead.effective_grade
        mark = get_mark(f"grade-{grade[:1].lower()}", grade)
        if not lead.override_grade:
            return mark
        computed = gettext("computed %(grade)s") % {"grade": lead.grade}
        return format_html('{}<span class="under">{}</span>', mark, computed)

    @admin.display(description=_("person"))
    def person(self, lead: Lead) -> SafeString:
        person = lead.respondent
        name = strip_directions(person.first_name)
        return format_html(
            '{}<span class="under">{}</span>', name or person.email, person.email if name else ""
        )

    @admin.display(description=_("why"))
    def why(self, lead: Lead) -> SafeString:
        lines = describe_reasons([each for each in lead.reasons if each["points"]][:REASONS_SHOWN])
        shown = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
        return format_html('<ul class="reasons">{}</ul>', shown)

    @admin.display(description=_("owner"))
    def whose(self, lead: Lead) -> SafeString | str:
        return str(lead.owner) if lead.owner else NOTHING

    @admin.display(description=_("next step"), ordering="next_step_at")
    def planned(self, lead: Lead) -> SafeString | str:
        if lead.next_step_at is None:
            return NOTHING
        shown = date_format(lead.next_step_at, "Y-m-d")
        is_late = lead.next_step_at < timezone.localdate()
        day = get_mark("warn", shown) if is_late else shown
        return format_html('{}<span class="under">{}</span>', day, lead.next_step)

    @admin.display(description=_("silent"), ordering="quiet_since")
    def silence(self, lead: Lead) -> SafeString:
        """On a phone there is no heading to say what the days are."""
        if lead.quiet_since is None:
            return NOTHING
        days = describe_silence((timezone.now() - lead.quiet_since).days)
        return format_html('<span class="on-phone">{}: </span>{}', gettext("silent"), days)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("views/", wrap(self.keep_view), name="leads_lead_view_keep"),
            path(
                "views/<int:view_id>/remove/", wrap(self.drop_view), name="leads_lead_view_remove"
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        shown = self._get_views(request)
        return super().changelist_view(request, {**(extra_context or {}), **shown})

    def _get_views(self, request: HttpRequest) -> Mapping[str, Any]:
        query = saving.clean(request.GET.urlencode())
        mine = list(saving.get_views(user_id=request.user.pk or 0))
        return {
            "shipped_views": [
                (label, asked, saving.clean(asked) == query) for label, asked in VIEWS
            ],
            "saved_views": [(view, view.query == query) for view in mine],
            "kept_view": _find_own(mine, query, request.user.pk),
            "query": query,
        }

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        if refused := self._refuse(request):
            return refused
        form = ViewForm(request.POST)
        query = saving.clean(request.POST.get("query", "")[:2000])
        if form.is_valid():
            self._keep(request, form.cleaned_data)
        else:
            self.message_user(request, gettext("A view needs a name."), messages.ERROR)
        return redirect(f"{reverse('admin:leads_lead_changelist')}?{query}")

    def drop_view(self, request: HttpRequest, view_id: int) -> HttpResponse:
        if refused := self._refuse(request):
            return refused
        if saving.remove(owner_id=request.user.pk or 0, view_id=view_id):
            self.message_user(request, gettext("The view is removed."), messages.SUCCESS)
        return redirect("admin:leads_lead_changelist")

    def _refuse(self, request: HttpRequest) -> HttpResponse | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return None

    def _keep(self, request: HttpRequest, asked: Mapping[str, Any]) -> None:
        try:
            saving.save(owner_id=request.user.pk or 0, **asked)
        except saving.TooManyViews:
            most = gettext("You have %(n)d views. Remove one first.") % {"n": saving.MOST_VIEWS}
            self.message_user(request, most, messages.ERROR)
        else:
            self.message_user(request, gettext("The view is kept."), messages.SUCCESS)


def _find_own(views: list[SavedView], query: str, user_id: int | None) -> SavedView | None:
    return next((each for each in views if each.query == query and each.owner_id == user_id), None)
