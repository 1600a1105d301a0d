"""Who was erased, by receipt; and the record of processing, for administrators."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import papers, personal_data
from assessments.models import Erasure
from pmoportal.cockpit import History


@admin.register(Erasure)
class ErasureAdmin(History):
    list_display = ("receipt", "erased_at", "subject")
    list_filter = (("erased_at", admin.DateFieldListFilter),)
    search_fields = ("=receipt", "=subject_key")
    search_help_text = _("A receipt, or the address that was erased.")
    ordering = ("-erased_at", "pk")
    change_list_template = "admin/assessments/erasures.html"

    @admin.display(description=_("hash of the address"))
    def subject(self, erasure: Erasure) -> str:
        return erasure.subject_key[:12]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Erasure], search_term: str
    ) -> tuple[QuerySet[Erasure], bool]:
        if "@" in search_term:
            search_term = personal_data.get_subject_key(search_term.strip())
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.record_view)
        return [path("record/", view, name="assessments_erasure_record"), *super().get_urls()]

    def record_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Record of processing"),
            "opts": self.opts,
            "tables": papers.build_record(),
        }
        return TemplateResponse(request, "admin/assessments/record.html", context)
