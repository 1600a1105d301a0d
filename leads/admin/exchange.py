"""Leads out as a sheet, and changes to them in from one: shown first, done after."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from leads import importing
from leads.importing import Line
from leads.models import Lead, Proposal
from leads.sheets import reading, writing
from leads.sheets.columns import get_label
from leads.sheets.reading import BadSheet
from leads.sheets.words import LINE, SHEET

logger = logging.getLogger(__name__)

APPLY_WITHIN = timedelta(hours=24)
SHOWN = 500  # lines of a report on one page
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Bounded(TemporaryFileUploadHandler):
    """Reads a file that is too large to its end without keeping it, so that the browser gets an
    answer and not a broken connection.
    """

    is_over = False
    _count = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._count += len(raw_data)
        if self._count > reading.LARGEST:
            self.is_over = True
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


class SheetForm(forms.Form):
    file = forms.FileField(label=_("File"), allow_empty_file=True)


class Exchanging(admin.ModelAdmin):
    """Two actions that export what is ticked, and the page that imports."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = dict(super().get_actions(request))
        if actions:  # none in a pop-up
            actions["export_csv"] = (Exchanging.export_csv, "export_csv", _("Export as CSV"))
            actions["export_xlsx"] = (Exchanging.export_xlsx, "export_xlsx", _("Export to Excel"))
        return actions

    def export_csv(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse:
        leads = _count_out(request, writing.get_leads(queryset))
        answer: Any = StreamingHttpResponse(
            writing.write_csv(leads), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{_get_name()}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer

    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Lead]) -> Any:
        leads = _count_out(request, writing.get_leads(queryset))
        return FileResponse(
            writing.write_xlsx(leads),
            as_attachment=True,
            filename=f"{_get_name()}.xlsx",
            content_type=XLSX,
            headers={"Cache-Control": "no-store"},
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(_exempt(self.import_view)), name="leads_lead_import"),
            path("import/<uuid:pk>/", wrap(self.apply_view), name="leads_lead_apply"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The handler must stand before anything reads the upload, so this checks CSRF itself."""
        if not self._may_import(request):
            raise PermissionDenied
        handler = Bounded(request)
        request.upload_handlers = [handler]
        return self._import(request, handler)

    @method_decorator(csrf_protect)
    def _import(self, request: HttpRequest, handler: Bounded) -> HttpResponse:
        is_post = request.method == "POST"
        form = SheetForm(request.POST, request.FILES) if is_post else SheetForm()
        context: dict[str, Any] = {"form": form}
        if is_post:
            try:
                if handler.is_over:
                    raise BadSheet("too_large")  # noqa: TRY301  # one place says what is wrong
                if form.is_valid():
                    context |= self._propose(request, form.cleaned_data["file"])
            except BadSheet as error:
                context["fault"] = f"{SHEET[error.reason]} {error.detail}".strip()
        return self._show_import(request, context)

    def _propose(self, request: HttpRequest, file: Any) -> dict[str, Any]:
        now = timezone.now()
        rows = reading.read(file, size=file.size)
        lines = importing.plan(rows=rows, leads=self.get_queryset(request), now=now)
        proposal = Proposal.objects.create(
            by_id=request.user.pk or 0,
            name=str(file.name)[:100],
            lines=[asdict(line) for line in lines if line.changes],
            created_at=now,
        )
        return {"proposal": proposal, **_report(lines)}

    def apply_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Only by whom it was shown to, once, within a day."""
        if not self._may_import(request):
            raise PermissionDenied
        now = timezone.now()
        proposals = Proposal.objects.filter(
            pk=pk, by=request.user.pk, applied_at=None, created_at__gt=now - APPLY_WITHIN
        )
        if request.method != "POST":
            raise Http404
        lines = list(proposals.values_list("lines", flat=True))
        if not proposals.update(applied_at=now):
            self.message_user(
                request, gettext("This import is done already, or too old."), messages.WARNING
            )
            return self._show_import(request, {"form": SheetForm()})
        done = importing.apply(
            lines=[_read_line(each) for each in lines[0]],
            leads=self.get_queryset(request),
            by_id=request.user.pk or 0,
            now=now,
        )
        count = sum(bool(line.changes) for line in done)
        sentence = ngettext("%(n)d lead was changed.", "%(n)d leads were changed.", count)
        self.message_user(request, sentence % {"n": count}, messages.SUCCESS)
        logger.info("user %s changed %d leads from a file", request.user.pk, count)
        left = [line for line in done if line.fault]
        return self._show_import(request, {"form": SheetForm(), **_report(left)} if left else {})

    def _may_import(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def _show_import(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/leads/import.html",
            {
                **self.admin_site.each_context(request),
                "title": gettext("Import changes to leads"),
                "opts": self.opts,
                "form": SheetForm(),
                **context,
            },
        )


def _exempt(view: Any) -> Any:
    @csrf_exempt
    def exempt(request: HttpRequest) -> HttpResponse:
        return view(request)

    return exempt


def _read_line(kept: dict[str, Any]) -> Line:
    changes = {key: (before, after) for key, (before, after) in kept["changes"].items()}
    return Line(**{**kept, "changes": changes})


def _report(lines: list[Line]) -> dict[str, Any]:
    """Faults first: they are what somebody must do something about."""
    faulty = [line for line in lines if line.fault]
    changing = [line for line in lines if line.changes]
    return {
        "is_report": True,
        "faulty": [(line, LINE[line.fault]) for line in faulty[:SHOWN]],
        "faulty_count": len(faulty),
        "changing": [(line, _describe(line)) for line in changing[:SHOWN]],
        "changing_count": len(changing),
        "same_count": len(lines) - len(faulty) - len(changing),
        "shown": SHOWN,
    }


def _describe(line: Line) -> list[tuple[str, ...]]:
    stages = {str(key): str(label) for key, label in Lead.Stage.choices}
    return [
        (get_label(key), *(stages.get(each, each) if key == "stage" else each for each in pair))
        for key, pair in line.changes.items()
    ]


def _count_out(request: HttpRequest, leads: Iterable[Lead]) -> Iterator[Lead]:
    """Who took how many out is in the log."""
    count = 0
    for lead in leads:
        count += 1
        yield lead
    logger.info("user %s exported %d leads", request.user.pk, count)


def _get_name() -> str:
    return f"leads-{timezone.localdate():%Y-%m-%d}"
