"""A draft's mail as one kind of respondent would get it, as all kinds would, and in one's own
inbox. The same pages for a step and for a tip.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import examples, overview
from campaigns import proofs
from campaigns.admin.readers import (
    NAME,
    TIERS,
    Reader,
    get_kind_names,
    get_language_choices,
    name_kind,
)
from campaigns.faults import describe_problem
from campaigns.models import Step, Tip
from campaigns.placeholders import PlaceholderError
from campaigns.tasks import send_due_messages
from campaigns.words import PARTS
from pmoportal.bell import ring
from pmoportal.cockpit import build_frame
from pmoportal.limits import is_over

VIEWS = {
    "desktop": _("Computer"),
    "phone": _("Phone"),
    "dark": _("Dark"),
    "text": _("Plain text"),
}
# A browser shows what its owner's system asks for; here the author chooses.
DARK = "(prefers-color-scheme: dark)"
MOST_TESTS = 40  # an hour, from one address

Row = Step | Tip
Find = Callable[..., Row]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One mail's pages: in whose admin they are, and what their addresses are made of."""

    model_admin: admin.ModelAdmin
    name: str
    row: Row
    ids: dict[str, int]

    def get_url(self, page: str = "", **query: str) -> str:
        address = reverse(f"admin:{self.name}_preview{page and '_' + page}", kwargs=self.ids)
        return f"{address}?{urlencode(query)}" if query else address

    def get_kinds(self) -> tuple[str, Sequence[examples.Kind]]:
        """The test, and the kinds of respondent who may get this mail. Of a tip one."""
        if isinstance(self.row, Step):
            key = self.row.campaign.assessment.key
            return key, examples.get_kinds(assessment_key=key)
        own = (self.row.role_key, self.row.tier)
        tests = [key for key, roles in overview.get_roles().items() if own[0] in roles]
        key = next(iter(tests), "")
        return key, [each for each in examples.get_kinds(assessment_key=key) if each == own]

    def get_reader(self, request: HttpRequest) -> Reader:
        key, kinds = self.get_kinds()
        return Reader(request, assessment_key=key, kinds=kinds)


def build_urls(
    model_admin: admin.ModelAdmin, *, name: str, page: str, find: Find
) -> list[URLPattern]:
    """The pages under `page`; `find(request, **ids)` brings the row, or refuses."""

    def open_page(request: HttpRequest, *, view: Any, **ids: int) -> HttpResponse:
        row = find(request, **ids)
        return view(request, Desk(model_admin=model_admin, name=name, row=row, ids=ids))

    views = {"": show, "frame": show_frame, "wall": show_wall, "send": send}
    return [
        path(
            f"{page}preview/{each and each + '/'}",
            model_admin.admin_site.admin_view(partial(open_page, view=view)),
            name=f"{name}_preview{each and '_' + each}",
        )
        for each, view in views.items()
    ]


def show(request: HttpRequest, desk: Desk) -> HttpResponse:
    reader, chosen = desk.get_reader(request), _get_view(request)
    profile = reader.get_profile(timezone.now())
    proof = proofs.make(row=desk.row, profile=profile) if profile else None
    query = request.GET.dict()
    context = {
        "form": reader,
        "profile": profile,
        "mail": proof and proof.mail,
        "faults": [_describe(each) for each in proof.problems] if proof else [],
        "view": chosen,
        "views": [(f"?{urlencode(query | {'view': key})}", key, VIEWS[key]) for key in VIEWS],
        "frame": desk.get_url("frame", **query),
        "wall": desk.get_url("wall", language=profile.language if profile else "sv"),
        "send": desk.get_url("send", **query),
        "to": getattr(request.user, "email", ""),
    }
    return _show(request, desk, "preview", context)


def show_frame(request: HttpRequest, desk: Desk) -> HttpResponse:
    profile = desk.get_reader(request).get_profile(timezone.now())
    proof = proofs.make(row=desk.row, profile=profile) if profile else None
    if proof is None or proof.mail is None:
        return build_frame("")
    wanted = "all" if _get_view(request) == "dark" else "not all"
    return build_frame(proof.mail.html.replace(DARK, wanted))


def show_wall(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every kind of respondent at once, small; each leads to its own preview."""
    language = request.GET.get("language", "sv")
    context = {
        "thumbnails": list(_get_thumbnails(desk, language)),
        "languages": [
            (desk.get_url("wall", language=code), name, code == language)
            for code, name in get_language_choices()
        ],
    }
    return _show(request, desk, "wall", context)


def send(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A test to the author's own address; nobody else's."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    answer = redirect(desk.get_url(**request.GET.dict()))
    to = getattr(request.user, "email", "")
    profile = desk.get_reader(request).get_profile(timezone.now())
    if not to:
        sentence = gettext("Your login has no e-mail address. Ask an administrator to add it.")
        messages.error(request, sentence)
    elif profile is None or is_over(request, "test-mail", limit=MOST_TESTS, seconds=3600):
        messages.error(request, gettext("Not sent. Wait an hour, or choose somebody else."))
    else:
        try:
            proofs.send(row=desk.row, profile=profile, to=to, now=timezone.now())
        except PlaceholderError:
            messages.error(request, gettext("This text cannot be made into a mail yet."))
            return answer
        ring(send_due_messages)
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": to})
    return answer


def _get_thumbnails(desk: Desk, language: str) -> Iterator[tuple[str, str, str]]:
    """Where it leads, what it shows, and its words."""
    key, kinds = desk.get_kinds()
    names, tiers = get_kind_names(key), dict(TIERS)
    for kind, name in product(kinds, (NAME, "")):
        code = name_kind(kind)
        query = {"weakest": code, "language": language}
        query |= {"tier": kind[1]} if kind[1] else {}
        query |= {"name": "on"} if name else {}
        words = [names[code], str(tiers.get(kind[1], "")), name or gettext("without a name")]
        frame = desk.get_url("frame", **query)
        yield desk.get_url(**query), frame, " · ".join(filter(None, words))


def _show(request: HttpRequest, desk: Desk, name: str, context: dict[str, Any]) -> HttpResponse:
    """A step is edited on its campaign's page, a tip on its own."""
    original = desk.row.campaign if isinstance(desk.row, Step) else desk.row
    model = original._meta.model_name  # noqa: SLF001  # Django's own way
    shown = {
        **desk.model_admin.admin_site.each_context(request),
        "opts": desk.model_admin.opts,
        "original": original,
        "back": reverse(f"admin:campaigns_{model}_change", args=[original.pk]),
        "preview": desk.get_url(),
        "title": gettext("Preview"),
        "heading": desk.row.heading,
        **context,
    }
    return TemplateResponse(request, f"admin/campaigns/{name}.html", shown)


def _get_view(request: HttpRequest) -> str:
    asked = request.GET.get("view", "")
    return asked if asked in VIEWS else "desktop"


def _describe(problem: Any) -> str:
    return f"{PARTS[problem.place]}: {describe_problem(problem)}"
