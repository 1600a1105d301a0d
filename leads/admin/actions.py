"""What is done with many leads at once. Each action calls one verb and says what came of it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from leads import assigning, grading
from leads.models import Lead
from pmoportal.paging import MOST_COUNTED


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return get_name(obj)


class AssignForm(forms.Form):
    colleague = ColleagueField(label=_("colleague"), queryset=get_user_model().objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["colleague"]
        field.queryset = assigning.get_colleagues()


class LeadActions(admin.ModelAdmin):
    """Mixed into the admin of leads."""

    actions = ["take", "assign", "share_out", "judge_good", "judge_bad"]

    @admin.action(description=_("Take the lead"), permissions=["change"])
    def take(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        self.take_leads(request, get_ids(queryset))

    def take_leads(self, request: HttpRequest, lead_ids: list[int]) -> None:
        raise NotImplementedError

    @admin.action(description=_("Assign to a colleague…"), permissions=["change"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponse | None:
        lead_ids = get_ids(queryset)
        form = AssignForm(request.POST if "colleague" in request.POST else None)
        if not form.is_valid():
            return self._ask_for_colleague(request, form, lead_ids)
        colleague = form.cleaned_data["colleague"]
        changed = assigning.assign(
            lead_ids=lead_ids, owner_id=colleague.pk, by_id=request.user.pk, now=timezone.now()
        )
        sentence = ngettext(
            "%(name)s has got %(n)d lead.", "%(name)s has got %(n)d leads.", len(changed)
        )
        self._tell(request, sentence % {"name": get_name(colleague), "n": len(changed)})
        return None

    @admin.action(description=_("Share out by room"), permissions=["change"])
    def share_out(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        shared = assigning.share_out(
            lead_ids=get_ids(queryset), by_id=request.user.pk, now=timezone.now()
        )
        names = {each.pk: get_name(each) for each in assigning.get_colleagues()}
        if shared.dealt:
            got = ", ".join(f"{names[owner]} {n}" for owner, n in sorted(shared.dealt.items()))
            self._tell(request, gettext("Shared out: %(who)s.") % {"who": got})
        if shared.left:
            left = ngettext(
                "Nobody here has room for %(n)d lead. Room and absence are set under Consultants.",
                "Nobody here has room for %(n)d leads. Room and absence are set under Consultants.",
                shared.left,
            )
            self._tell(request, left % {"n": shared.left}, messages.WARNING)
        if not shared.dealt and not shared.left:
            nothing = gettext("Only open leads without an owner are shared out. None was marked.")
            self._tell(request, nothing, messages.WARNING)

    @admin.action(description=_("Note: this was a good lead"), permissions=["change"])
    def judge_good(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        self._judge(request, queryset, Lead.Judgement.GOOD)

    @admin.action(description=_("Note: this was a bad lead"), permissions=["change"])
    def judge_bad(self, request: HttpRequest, queryset: QuerySet[Lead]) -> None:
        self._judge(request, queryset, Lead.Judgement.BAD)

    def _judge(
        self, request: HttpRequest, queryset: QuerySet[Lead], judgement: Lead.Judgement
    ) -> None:
        count = grading.judge(lead_ids=get_ids(queryset), judgement=judgement, now=timezone.now())
        sentence = ngettext(
            "Noted for %(n)d lead. The rules of the score are tried on such leads.",
            "Noted for %(n)d leads. The rules of the score are tried on such leads.",
            count,
        )
        self._tell(request, sentence % {"n": count})

    def _ask_for_colleague(
        self, request: HttpRequest, form: AssignForm, lead_ids: list[int]
    ) -> HttpResponse:
        title = ngettext("Assign %(n)d lead", "Assign %(n)d leads", len(lead_ids))
        context = {
            **self.admin_site.each_context(request),
            "title": title % {"n": len(lead_ids)},
            "opts": self.opts,
            "form": form,
            "lead_ids": lead_ids,
        }
        return TemplateResponse(request, "admin/leads/assign.html", context)

    def _tell(self, request: HttpRequest, text: str, level: int = messages.SUCCESS) -> None:
        self.message_user(request, text, level)


def get_name(colleague: AbstractUser) -> str:
    return colleague.get_full_name() or colleague.username


def get_ids(queryset: QuerySet[Lead]) -> list[int]:
    """In the order of the list, and no more than it counts."""
    return list(queryset.values_list("pk", flat=True)[:MOST_COUNTED])
