"""Buttons on a row's page: each is a POST to an address of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers


class Acting(admin.ModelAdmin):
    """`acts` names methods that take request and row, and may return a page of their own."""

    acts: tuple[str, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [self._get_path(act) for act in self.acts] + super().get_urls()

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        return self.has_change_permission(request, row)

    def show_secret(self, request: HttpRequest, row: Any, **context: Any) -> HttpResponse:
        """A page that shows what is shown once. Nobody stores it: no message, no redirect."""
        response = TemplateResponse(
            request,
            "admin/leads/secret.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "original": row,
                **context,
            },
        )
        add_never_cache_headers(response)
        return response

    def _get_path(self, act: str) -> URLPattern:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.get_object(request, object_id)
            if not self.may_act(request, row):
                raise PermissionDenied
            if row is None:
                raise Http404
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            page: HttpResponse | None = getattr(self, act)(request, row)
            return page or redirect(f"admin:{self._name}_change", row.pk)

        address = f"<path:object_id>/{act.replace('_', '-')}/"
        return path(address, self.admin_site.admin_view(view), name=f"{self._name}_{act}")

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
