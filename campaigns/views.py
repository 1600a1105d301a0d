"""The consent panel, and the pages behind the links in mails. GET shows, POST acts.

Respondents have no login and get no cookie: the signed token in the address is the right to
act, so the POSTs need no CSRF token.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assessments import profiles
from campaigns import enrolment, tokens
from campaigns.forms import OptInForm, StopForm, get_page_language
from campaigns.models import Purpose
from campaigns.panel import build_panel
from campaigns.tasks import plan_due_messages, send_due_messages
from pmoportal.bell import ring
from pmoportal.limits import TooMany, get_address, is_over

page = require_http_methods(["GET", "HEAD", "POST"])

ENOUGH = gettext_lazy(
    "Many confirmation mails have been asked for from your network. Try again in an hour, or "
    "tomorrow. Your result is still there."
)


@csrf_exempt
@never_cache
@page
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """The consent panel alone; a POST asks the address's owner to confirm."""
    response_id = profiles.get_response_id(token)
    profile = profiles.get_profile(response_id) if response_id else None
    if profile is None:
        raise _get_wrong_link(request)
    now = timezone.now()
    if request.method != "POST":
        return _show_panel(request, token, profile, OptInForm(now=now), status=200)
    form = OptInForm(request.POST, now=now)
    if form.is_filled_by_program():
        return redirect("panel:asked", token)
    if not form.is_valid():
        return _show_panel(request, token, profile, form, status=422)
    if _has_asked_enough(request):
        form.add_error(None, ENOUGH)
        return _show_panel(request, token, profile, form, status=429)
    _ask(request, profile, form, now)
    return redirect("panel:asked", token)


@never_cache
@require_safe
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """The same words whoever asked, whatever address: they say nothing about it."""
    if profiles.get_response_id(token) is None:
        raise _get_wrong_link(request)
    return render(request, "campaigns/asked.html", {"token": token})


@csrf_exempt
@never_cache
@page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    content: Any = tokens.read("confirm", token)
    if content is None:
        raise _get_wrong_link(request)
    asked_for = {"origin_id": content[0], "response_id": UUID(hex=content[1])}
    now = timezone.now()
    if request.method == "POST":
        answer = enrolment.confirm(**asked_for, now=now)
        ring(plan_due_messages)
    else:
        answer = enrolment.get_request(**asked_for, now=now)
    status = 410 if answer.standing == enrolment.Standing.GONE else 200
    with translation.override(answer.language):
        context = {"request_for_mail": answer, "is_done": request.method == "POST"}
        return render(request, "campaigns/confirm.html", context, status=status)


@csrf_exempt
@never_cache
@page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a POST acts at once, needs nothing else, and never redirects."""
    link = _read_stop_link(token)
    if link is None:
        if is_over(request, "wrong-link", limit=20, seconds=60):
            raise TooMany
        return render(request, "campaigns/stop.html", {"form": StopForm()}, status=404)
    respondent_id, purpose = link
    if request.method == "POST":
        is_all = not purpose or request.POST.get("scope") == "all"
        is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        enrolment.unsubscribe(
            respondent_id=respondent_id,
            purposes=Purpose.values if is_all else [purpose],
            source="one-click" if is_one_click else "page",
            now=timezone.now(),
        )
    with translation.override(enrolment.get_language(respondent_id=respondent_id)):
        context = {"purpose": purpose, "is_done": request.method == "POST"}
        return render(request, "campaigns/unsubscribe.html", context)


@csrf_exempt
@never_cache
@page
def stop(request: HttpRequest) -> HttpResponse:
    """For a broken link: type the address, get a fresh link by mail. Says nothing about it."""
    form = StopForm(request.POST or None)
    if request.method == "POST" and is_over(request, "stop", limit=20, seconds=3600):
        raise TooMany
    is_done = request.method == "POST" and form.is_valid()
    if is_done:
        enrolment.mail_stop_link(email=form.cleaned_data["email"], now=timezone.now())
        ring(send_due_messages)
    status = 422 if form.is_bound and not is_done else 200
    context = {"form": form, "is_done": is_done}
    return render(request, "campaigns/stop.html", context, status=status)


@never_cache
@require_safe
def sample(request: HttpRequest, language: str) -> HttpResponse:
    """Where a test mail leads to what would be somebody's own page."""
    with translation.override(language):
        return render(request, "campaigns/sample.html")


@never_cache
@require_safe
def go(request: HttpRequest, token: str) -> HttpResponse:
    """On to a target that we have signed, and to no other."""
    target = tokens.read_target(token)
    if target is None:
        raise _get_wrong_link(request)
    return HttpResponseRedirect(target)


def _show_panel(
    request: HttpRequest, token: str, profile: profiles.Profile, form: OptInForm, *, status: int
) -> HttpResponse:
    context = build_panel(token=token, is_taken=profile.respondent_id is not None, form=form)
    return render(request, "campaigns/opt_in.html", context, status=status)


def _has_asked_enough(request: HttpRequest) -> bool:
    """Counts this request, for the visitor's address and for the network it is in."""
    hourly, daily = settings.CONFIRMATIONS_PER_HOUR, settings.CONFIRMATIONS_PER_DAY
    return is_over(request, "opt-in", limit=hourly, seconds=3600) or is_over(
        request, "opt-in-net", limit=daily, seconds=24 * 3600, ipv4_prefix=24
    )


def _ask(request: HttpRequest, profile: profiles.Profile, form: OptInForm, now: datetime) -> None:
    email = form.cleaned_data["email"]
    if profile.respondent_id is not None and profile.email != email:
        return
    enrolment.opt_in(
        response_id=profile.response_id,
        email=email,
        first_name=form.cleaned_data["first_name"],
        wordings=form.wordings,
        language=get_page_language(),
        ip=get_address(request),
        path=request.path,
        now=now,
    )
    ring(send_due_messages)


def _read_stop_link(token: str) -> tuple[int, str] | None:
    """The person and the purpose ("" means all) that a stop link is for."""
    content: Any = tokens.read("unsubscribe", token)
    return None if content is None else (content[0], content[1])


def _get_wrong_link(request: HttpRequest) -> Exception:
    if is_over(request, "wrong-link", limit=20, seconds=60):
        return TooMany()
    return Http404()
