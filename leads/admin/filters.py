"""Filters of the list of leads. A value that makes no sense filters nothing."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments import profiles
from leads.assigning import get_colleagues
from leads.models import Lead
from leads.scoring_rules import FITS, GRADES

DAYS_SILENT = (7, 14, 30, 60, 90)
LONGEST_SILENCE = 3650
Leads = QuerySet[Lead]


class OwnerFilter(admin.SimpleListFilter):
    """Colleagues are named to those who see their leads."""

    title = _("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        choices: list[tuple[str, Any]] = [("mine", _("Mine")), ("nobodys", _("Nobody's"))]
        if settings.LEADS_SEEN == "all" or request.user.has_perm("leads.see_all_leads"):
            others = get_colleagues().exclude(pk=request.user.pk)
            choices += [(str(each.pk), each.get_full_name() or each.username) for each in others]
        return choices

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        value = self.value() or ""
        owners = {"mine": request.user.pk, "nobodys": None}
        if value in owners:
            return queryset.filter(owner=owners[value])
        return queryset.filter(owner=int(value)) if _is_number(value) else queryset


class StageFilter(admin.SimpleListFilter):
    """Open leads unless something else is asked for: nobody is called who is won or lost."""

    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Lead.Stage.choices, ("all", _("All, also won and lost"))]

    def choices(self, changelist: ChangeList) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext("Open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        if self.value() in Lead.Stage.values:
            return queryset.filter(stage=self.value())
        return queryset if self.value() == "all" else queryset.filter(stage__in=Lead.OPEN)


class RoleFilter(admin.SimpleListFilter):
    """By the key of the role: its name is in the language of whoever took the test."""

    title = _("weakest role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = profiles.get_role_names(
            assessment_key=settings.HOME_ASSESSMENT, language=(get_language() or "sv")[:2]
        )
        chosen = self.used_parameters.get(self.parameter_name)
        unknown = [(str(chosen), str(chosen))] if chosen and chosen not in names else []
        return [*names.items(), *unknown]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        key = _read(self.value())
        return queryset.filter(weakest_key=key) if key else queryset


class GradeFilter(admin.SimpleListFilter):
    """By the grade that counts: a letter, or a letter and a digit."""

    title = _("grade")
    parameter_name = "grade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = str(self.used_parameters.get(self.parameter_name) or "")
        exact = [(chosen, chosen)] if chosen in GRADES else []
        return [*((letter, letter) for letter in FITS), *exact]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        value = self.value()
        if value in FITS:  # a range, which an index finds and keeps in order
            return queryset.filter(
                effective_grade__gte=f"{value}1", effective_grade__lte=f"{value}4"
            )
        return queryset.filter(effective_grade=value) if value in GRADES else queryset


class SilenceFilter(admin.SimpleListFilter):
    """Neither the person nor any of us has done anything for so many days."""

    title = _("silent")
    parameter_name = "silent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = str(self.used_parameters.get(self.parameter_name) or "")
        days = sorted({*DAYS_SILENT, *([int(chosen)] if _is_number(chosen) else [])})
        return [(str(each), describe_silence(each)) for each in days]

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        value = self.value() or ""
        if not _is_number(value):
            return queryset
        days = min(int(value), LONGEST_SILENCE)
        return queryset.filter(quiet_since__lt=timezone.now() - timedelta(days=days))


class OrganisationFilter(admin.SimpleListFilter):
    """There are too many to list, so its name is written."""

    title = _("organisation")
    parameter_name = "org"
    template = "admin/leads/organisation_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # without any, Django leaves the filter out

    def choices(self, changelist: ChangeList) -> Any:
        others = changelist.get_filters_params().items()
        yield {
            "written": self.value() or "",
            "without": changelist.get_query_string(remove=[self.parameter_name]),
            "others": [
                (name, each[-1] if isinstance(each, list) else each)
                for name, each in others
                if name != self.parameter_name
            ],
            "query": changelist.query,
        }

    def queryset(self, request: HttpRequest, queryset: Leads) -> Leads:
        written = _read(self.value()).lower()
        return queryset.filter(organisation=written) if written else queryset


def describe_silence(days: int) -> str:
    return ngettext("for %(n)d day", "for %(n)d days", days) % {"n": days}


def _read(value: str | None) -> str:
    return (value or "").replace("\0", "").strip()


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 10
