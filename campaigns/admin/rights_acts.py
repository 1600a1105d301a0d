"""What an administrator does for a person who asked by phone or letter: GET says what goes and
what stays, POST does it. Each leaves a line in the register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import personal_data, profiles
from campaigns import acts, preferring, rights
from campaigns.models import RightsRequest
from campaigns.tasks import send_due_messages
from pmoportal.bell import ring

Kind = RightsRequest.Kind


@dataclass(frozen=True, kw_only=True)
class Act:
    """`link`: what the person can do alone by a fresh link, which is the better way."""

    name: str
    label: Any
    kind: str
    link: acts.Act | None = None


ACTS: Mapping[str, Act] = {
    "export": Act(name="export", label=_("Get the data"), kind=Kind.ACCESS, link=acts.Act.EXPORT),
    "erase": Act(name="erase", label=_("Erase the person"), kind=Kind.ERASURE, link=acts.Act.ERASE),
    "object": Act(name="object", label=_("Carry out the objection"), kind=Kind.OBJECTION),
}


class Acting(admin.ModelAdmin):
    """The register's pages about one person."""

    def has_keep_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_rightsrequest")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act_view)
        name = "campaigns_rightsrequest_act"
        own = path("person/<int:person_id>/<slug:act>/", view, name=name)
        return [own, *super().get_urls()]

    def act_view(self, request: HttpRequest, person_id: int, act: str) -> HttpResponse:
        if not self.has_keep_permission(request):
            raise PermissionDenied
        person = profiles.get_people().filter(pk=person_id).first()
        if person is None or act not in ACTS:
            raise Http404
        if request.method == "POST":
            return self._act(request, person_id, ACTS[act])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": ACTS[act].label,
            "act": ACTS[act],
            "person": person,
            "has_confirmed": acts.has_confirmed(respondent_id=person_id),
            "evidence_months": settings.CONSENT_EVIDENCE_MONTHS,
        }
        return TemplateResponse(request, "admin/campaigns/rights_act.html", context)

    def _act(self, request: HttpRequest, person_id: int, act: Act) -> HttpResponse:
        now = timezone.now()
        line = rights.find_or_register(
            kind=act.kind, respondent_id=person_id, now=now, by_id=request.user.pk
        )
        if request.POST.get("how") == "link" and act.link:
            self._mail_link(request, line, act.link, now)
        elif act.name == "export":
            return self._export(request, line, now)
        elif act.name == "erase":
            self._erase(request, line, now)
        else:
            self._object(request, line, now)
        return redirect("admin:campaigns_rightsrequest_change", line.pk)

    def _mail_link(
        self, request: HttpRequest, line: RightsRequest, link: acts.Act, now: datetime
    ) -> None:
        if acts.mail_link(act=link, respondent_id=line.respondent_id or 0, now=now):
            ring(send_due_messages)
            said = gettext("The link is on its way to the address that we know.")
            self.log_change(request, line, said)
            self.message_user(request, said, messages.SUCCESS)
        else:
            said = gettext("No link was sent: the person has had one today, or never confirmed.")
            self.message_user(request, said, messages.WARNING)

    def _export(self, request: HttpRequest, line: RightsRequest, now: datetime) -> HttpResponse:
        person_id = line.respondent_id or 0
        with translation.override(personal_data.get_language(respondent_id=person_id)):
            packed = personal_data.build_archive(respondent_id=person_id)
        self.log_change(request, line, gettext("Downloaded to be handed over."))
        answer = HttpResponse(packed, content_type="application/zip")
        name = f"pmo-{line.pk}-{timezone.localdate(now)}.zip"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _erase(self, request: HttpRequest, line: RightsRequest, now: datetime) -> None:
        receipt = personal_data.erase(respondent_id=line.respondent_id or 0, now=now)
        if receipt is None:
            said = gettext("Somebody else has just erased the person.")
            self.message_user(request, said, messages.WARNING)
            return
        rights.sign(request_id=line.pk, by_id=request.user.pk)
        said = gettext("The person is erased. Receipt %(receipt)s: tell it to the person.")
        said %= {"receipt": receipt.receipt}
        self.log_change(request, line, said)
        self.message_user(request, said, messages.SUCCESS)

    def _object(self, request: HttpRequest, line: RightsRequest, now: datetime) -> None:
        preferring.object_to_everything(respondent_id=line.respondent_id or 0, now=now)
        said = gettext("No more mail, no score, and on nobody's list.")
        rights.end(
            request_id=line.pk,
            outcome=RightsRequest.Outcome.DONE,
            reason=said,
            on=timezone.localdate(now),
            by_id=request.user.pk,
        )
        self.log_change(request, line, said)
        self.message_user(request, said, messages.SUCCESS)
