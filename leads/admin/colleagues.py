"""Who takes part when leads are shared out, and who tried what they may not."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from leads.assigning import get_colleagues
from leads.models import Consultant, Lead, Refusal
from pmoportal.cockpit import History, get_mark


@admin.register(Consultant)
class ConsultantAdmin(admin.ModelAdmin):
    list_display = ("user", "capacity", "held", "presence")
    list_select_related = ("user",)
    ordering = ("user__username",)
    fields = ("user", "capacity", "away_until")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consultant]:
        theirs = Q(user__leads__may_contact=True, user__leads__stage__in=Lead.OPEN)
        return super().get_queryset(request).annotate(leads=Count("user__leads", filter=theirs))

    @admin.display(description=_("open leads"))
    def held(self, consultant: Any) -> int:
        return int(consultant.leads)

    @admin.display(description=_("here"))
    def presence(self, consultant: Consultant) -> SafeString:
        back = consultant.away_until
        if back is not None and back > timezone.localdate():
            return get_mark("warn", gettext("away until %(day)s") % {"day": back.isoformat()})
        if consultant.capacity == 0:
            return get_mark("plain", gettext("gets no leads"))
        return get_mark("good", gettext("here"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = get_colleagues()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Refusal)
class RefusalAdmin(History):
    list_display = ("user", "page", "lead_id", "times", "last_at")
    list_select_related = ("user",)
    ordering = ("-last_at",)
    fields = ("user", "page", "lead_id", "day", "times", "last_at")
