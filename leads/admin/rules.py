"""The rules of the score: what changing them would do, publishing them, and trying them on the
past. Those who see no leads see counts here and no persons.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads import backtesting, foreseeing, publishing
from leads.admin.rules_form import RulesForm
from leads.models import Edition, Lead, ScoreRules
from leads.models.rules import AS_SHIPPED
from leads.scoring_rules import ENGAGEMENTS, FITS, Rules, write
from leads.tasks import refresh_stale_leads
from leads.words import describe_rule_place
from pmoportal.bell import ring
from pmoportal.cockpit import Story, get_mark
from pmoportal.differences import Change, get_changes

EDITIONS_TRIED = 5
SHIFTS_SHOWN = 8
MANY = 10_000  # leads, of which grading all is felt


@admin.register(ScoreRules)
class ScoreRulesAdmin(Story):
    list_display = ("edition_number", "note", "published_at", "published_by")
    list_display_links = ("edition_number",)
    list_select_related = ("published_by",)
    ordering = ("-number",)
    change_form_template = "admin/leads/rules.html"
    change_list_template = "admin/leads/rules_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("leads.add_scorerules")

    @admin.display(description=_("edition"), ordering="number")
    def edition_number(self, row: ScoreRules) -> SafeString:
        return get_mark("plain", row.number)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.back_test)
        return [path("back-test/", view, name="leads_scorerules_back_test"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        in_force = ScoreRules.objects.get_in_force()
        waiting = Lead.objects.filter(scored_at__lt=in_force.since).count()
        context = {"in_force": in_force, "waiting": waiting}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Django's name for the page on which the next edition is made."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        in_force = ScoreRules.objects.get_in_force()
        start = _choose_start(request, in_force)
        form = RulesForm(request.POST or None, start=start, in_force=in_force)
        is_valid = form.is_valid()
        if is_valid and "publish" in request.POST and self._publish(request, form):
            return redirect("admin:leads_scorerules_changelist")
        rules = form.get_rules() if is_valid else start.rules
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change the rules"),
            "opts": self.opts,
            "form": form,
            "in_force": in_force,
            "start": start,
            **_warn(foreseeing.count()),
            **(_foresee(rules, in_force) if is_valid or not form.is_bound else {}),
        }
        return TemplateResponse(request, "admin/leads/rules_form.html", context)

    def back_test(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        editions = backtesting.get_newest_editions(limit=EDITIONS_TRIED)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Rules tried on the past"),
            "opts": self.opts,
            "trials": [_describe(each) for each in backtesting.try_rules(wanted=editions)],
        }
        return TemplateResponse(request, "admin/leads/back_test.html", context)

    def get_page(self, request: HttpRequest, row: ScoreRules) -> dict[str, Any]:
        earlier = ScoreRules.objects.filter(number=row.number - 1).first()
        before = earlier.document if earlier else write(AS_SHIPPED.rules)
        return {
            "version": row,
            "name": gettext("Rules of the score"),
            "before": before,
            "changes": list(_get_changes(before, row.document)),
            "is_in_force": ScoreRules.objects.get_in_force().number == row.number,
        }

    def _publish(self, request: HttpRequest, form: RulesForm) -> bool:
        try:
            row = publishing.publish(
                rules=form.get_rules(),
                note=form.cleaned_data["note"],
                by_id=request.user.pk,
                expected=form.cleaned_data["expected"],
                now=timezone.now(),
            )
        except publishing.SomebodyElsePublished:
            form.add_error(
                None, gettext("A colleague published other rules meanwhile. Look again.")
            )
            return False
        if row is None:
            form.add_error(None, gettext("Exactly these rules are in force already."))
            return False
        sentence = gettext("Edition %(number)d is in force. All leads are scored again now.")
        self.log_addition(request, row, sentence % {"number": row.number})
        self.message_user(request, sentence % {"number": row.number}, messages.SUCCESS)
        ring(refresh_stale_leads)
        return True


def _choose_start(request: HttpRequest, in_force: Edition) -> Edition:
    """An earlier edition may be taken up again; anything else starts from what is in force."""
    asked = request.GET.get("from", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 10:
        return ScoreRules.objects.get_editions().get(int(asked), in_force)
    return in_force


def _warn(count: int) -> dict[str, int]:
    """Of very many leads, that looking at all of them takes time, and how much."""
    if count < MANY:
        return {}
    asked = min(count, foreseeing.MOST_ASKED)
    return {"many": asked, "seconds": max(1, round(asked / foreseeing.PER_SECOND))}


def _foresee(rules: Rules, in_force: Edition) -> dict[str, Any]:
    changes = list(_get_changes(write(in_force.rules), write(rules)))
    if not changes:
        return {"is_foreseen": True}
    outlook = foreseeing.foresee(rules=rules, now=timezone.now())
    wanted: dict[int | None, Rules] = {in_force.number: in_force.rules, None: rules}
    return {
        "is_foreseen": True,
        "outlook": outlook,
        "shifts": [_describe_shift(each, outlook) for each in outlook.shifts[:SHIFTS_SHOWN]],
        "columns": ENGAGEMENTS,
        "rows": [
            (fit, [_get_cell(outlook, fit + engagement) for engagement in ENGAGEMENTS])
            for fit in FITS
        ],
        "changes": changes,
        "trials": [_describe(each) for each in backtesting.try_rules(wanted=wanted)],
    }


def _describe_shift(shift: foreseeing.Shift, outlook: foreseeing.Outlook) -> str:
    if shift.way == "up":
        words = ngettext(
            "%(n)d lead would become %(grade)s", "%(n)d leads would become %(grade)s", shift.count
        )
    else:
        words = ngettext(
            "%(n)d lead would fall to %(grade)s", "%(n)d leads would fall to %(grade)s", shift.count
        )
    sentence = words % {"n": shift.count, "grade": shift.grade}
    return (
        gettext("about %(sentence)s") % {"sentence": sentence} if outlook.is_estimate else sentence
    )


def _get_cell(outlook: foreseeing.Outlook, grade: str) -> dict[str, Any]:
    before, after = outlook.before.get(grade, 0), outlook.after.get(grade, 0)
    return {"before": before, "after": after, "is_changed": before != after}


def _get_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for each in get_changes(old, new):
        yield Change(
            place=describe_rule_place(each.place), kind=each.kind, old=each.old, new=each.new
        )


def _describe(trial: backtesting.Trial) -> dict[str, Any]:
    names = {None: gettext("These rules"), 0: gettext("As shipped")}
    name = names.get(trial.number) or gettext("Edition %(number)d") % {"number": trial.number}
    verdict = trial.verdict
    return {
        "name": name,
        "verdict": verdict,
        "auc": _get_percents(verdict.auc),
        "precision": _get_percents(verdict.precision),
    }


def _get_percents(estimate: Any) -> dict[str, int] | None:
    if estimate is None:
        return None
    return {name: round(100 * getattr(estimate, name)) for name in ("value", "low", "high")}
