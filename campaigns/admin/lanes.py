"""How fast mail leaves, whom it must wait for, and which hosts may send. Nothing is edited here."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import permit
from campaigns.admin import doctor
from campaigns.models import Lane, Permit
from campaigns.pacing import ALL
from pmoportal.cockpit import Story, get_mark


@admin.register(Lane)
class LaneAdmin(Story):
    list_display = ("domain", "standing", "words", "mails")
    list_display_links = None
    search_fields = ("name",)
    search_help_text = _("Part of a domain.")
    ordering = ("-resumes_at", "name")

    @admin.display(description=_("domain"), ordering="name")
    def domain(self, lane: Lane) -> str:
        return gettext("everybody") if lane.name == ALL else lane.name

    @admin.display(description=_("state"), ordering="resumes_at")
    def standing(self, lane: Lane) -> SafeString:
        if lane.resumes_at is None or lane.resumes_at <= timezone.now():
            return get_mark("good", gettext("open"))
        until = date_format(timezone.localtime(lane.resumes_at), "H:i")
        return get_mark("warn", gettext("rests until %(time)s") % {"time": until})

    @admin.display(description=_("the server's words"))
    def words(self, lane: Lane) -> str:
        return lane.evidence or "–"

    @admin.display(description=_("mails that day"))
    def mails(self, lane: Lane) -> str:
        return f"{lane.used} ({lane.day})" if lane.day else "–"


@admin.register(Permit)
class PermitAdmin(Story):
    list_display = ("host", "granted_at", "granted_by", "mark", "standing")
    list_display_links = None
    ordering = ("-granted_at",)

    @admin.display(description=_("state"))
    def standing(self, row: Permit) -> SafeString:
        if row.revoked_at is not None:
            return get_mark("plain", gettext("revoked"))
        standing = permit.get_standing()
        if standing.permit == row and standing.is_live:
            return get_mark("good", gettext("mail leaves"))
        return get_mark("warn", gettext("not from here"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.show_doctor)
        return [path("doctor/", view, name="campaigns_doctor"), *super().get_urls()]

    def show_doctor(self, request: HttpRequest) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return doctor.show(request, context=context)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
