"""What keeps our mail from being received, for those who can do something about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from redis.exceptions import RedisError

from campaigns import doctor
from campaigns.doctor import words
from campaigns.doctor.findings import Finding, State
from campaigns.doctor.received import LARGEST
from pmoportal.remembering import remember

KEY = "doctor"
KEPT_SECONDS = 120
MARKS: dict[State, str] = {"fail": "bad", "unknown": "warn", "pass": "good"}


@dataclass(frozen=True, kw_only=True)
class Line:
    check: str
    sentence: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """All findings of one state, with the colour of its mark."""

    state: State
    title: Any
    mark: str
    lines: list[Line]


def show(request: HttpRequest, *, context: dict[str, Any]) -> HttpResponse:
    """A GET looks, at most every other minute; a POST looks anew, or at a mail. Neither changes
    anything.
    """
    if not request.user.has_perm("campaigns.view_permit"):
        raise PermissionDenied
    mail = request.FILES.get("mail")
    if request.method == "POST" and mail is None:
        _forget()
        return redirect("admin:campaigns_doctor")
    findings = remember(KEY, partial(_examine, request), seconds=KEPT_SECONDS)
    checked: Sequence[Finding] = ()
    if mail is not None:
        raw = mail.read(LARGEST + 1)
        checked = doctor.examine_mail(raw)
        messages.info(request, gettext("The mail was looked at, and not kept."))
    context |= {
        "title": gettext("Is our mail received?"),
        "groups": build_groups(findings),
        "checked": build_groups(checked),
        "domain": doctor.get_domain(),
    }
    return TemplateResponse(request, "admin/campaigns/doctor.html", context)


def build_groups(findings: Sequence[Finding]) -> list[Group]:
    """What is to be mended first; of what does not occur, nothing."""
    lines: dict[State, list[Line]] = {state: [] for state in MARKS}
    for finding in findings:
        lines[finding.state].append(
            Line(
                check=words.describe_check(finding),
                sentence=words.describe(finding),
                detail=finding.detail,
            )
        )
    return [
        Group(state=state, title=words.STATES[state], mark=MARKS[state], lines=found)
        for state, found in lines.items()
        if found
    ]


def _examine(request: HttpRequest) -> list[Finding]:
    return doctor.examine(now=timezone.now())


def _forget() -> None:
    try:
        cache.delete(KEY)
    except RedisError:
        return
