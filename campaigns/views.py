"""The consent panel, and the pages behind the links in mails. GET shows, POST acts.

Respondents have no login and get no cookie: the signed token in the address is the right to
act, so the POSTs need no CSRF token.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assessments import profiles
from campaigns import answering, enrolment, idling, measuring, tokens
from campaigns.forms import AnswerForm, OptInForm, StopForm, get_page_language
from campaigns.models import Purpose
from campaigns.panel import ENOUGH, build_panel, has_asked_enough
from campaigns.tasks import plan_due_messages, send_due_messages
from pmoportal.bell import ring
from pmoportal.limits import TooMany, get_address, get_wrong_link, is_over

page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@never_cache
@page
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """The consent panel alone; a POST asks the address's owner to confirm."""
    response_id = profiles.get_response_id(token)
    profile = profiles.get_profile(response_id) if response_id else None
    if profile is None:
        raise get_wrong_link(request)
    now = timezone.now()
    if request.method != "POST":
        return _show_panel(request, token, profile, OptInForm(now=now), status=200)
    form = OptInForm(request.POST, now=now)
    if form.is_filled_by_program():
        return redirect("panel:asked", token)
    if not form.is_valid():
        return _show_panel(request, token, profile, form, status=422)
    if has_asked_enough(request):
        form.add_error(None, ENOUGH)
        return _show_panel(request, token, profile, form, status=429)
    _ask(request, profile, form, now)
    return redirect("panel:asked", token)


@never_cache
@require_safe
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """The same words whoever asked, whatever address: they say nothing about it."""
    if profiles.get_response_id(token) is None:
        raise get_wrong_link(request)
    return render(request, "campaigns/asked.html", {"token": token})


@csrf_exempt
@never_cache
@page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    content: Any = tokens.read("confirm", token)
    if content is None:
        raise get_wrong_link(request)
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
    respondent_id, purpose, message = link
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
        context = {
            "purpose": purpose,
            "is_done": request.method == "POST",
            "preferences": tokens.make("preferences", [respondent_id, message]),
        }
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


@csrf_exempt
@never_cache
@page
def stay(request: HttpRequest, token: str) -> HttpResponse:
    """For somebody who was told that everything is about to be forgotten."""
    respondent_id: Any = tokens.read("stay", token)
    if respondent_id is None:
        raise get_wrong_link(request)
    is_here = (
        idling.stay(respondent_id=respondent_id, now=timezone.now())
        if request.method == "POST"
        else idling.is_here(respondent_id=respondent_id)
    )
    with translation.override(enrolment.get_language(respondent_id=respondent_id)):
        context = {"is_here": is_here, "is_done": request.method == "POST"}
        status = 200 if is_here else 410
        return render(request, "campaigns/stay.html", context, status=status)


@never_cache
@require_safe
def sample(request: HttpRequest, language: str) -> HttpResponse:
    """Where a test mail leads to what would be somebody's own page."""
    with translation.override(language):
        return render(request, "campaigns/sample.html")


@csrf_exempt
@never_cache
@page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """How it went with a tip. Says nothing of what was told before: mails are forwarded."""
    message_id: Any = tokens.read("answer", token)
    if message_id is None:
        raise get_wrong_link(request)
    tip = answering.get_tip(message_id=UUID(hex=message_id))
    with translation.override(tip.language if tip else "sv"):
        if tip is None:
            return render(request, "campaigns/answer.html", {"step": "gone"}, status=410)
        if request.method != "POST":
            context = {"step": "ask", "tip": tip, "form": AnswerForm()}
            return render(request, "campaigns/answer.html", context)
        if is_over(request, "answer", limit=60, seconds=3600):
            raise TooMany
        take = _take_consent if "wording" in request.POST else _take_answer
        context, status = take(request, tip)
        return render(request, "campaigns/answer.html", {"tip": tip, **context}, status=status)


def _take_answer(request: HttpRequest, tip: answering.Tip) -> tuple[dict[str, Any], int]:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return {"step": "ask", "form": form}, 422
    said = form.cleaned_data
    answering.record(
        message_id=tip.message_id, choice=said["choice"], text=said["text"], now=timezone.now()
    )
    return {"step": "told", "choice": said["choice"]}, 200


def _take_consent(request: HttpRequest, tip: answering.Tip) -> tuple[dict[str, Any], int]:
    """Only a tick beside the words that are in force is a yes."""
    if not tip.wording_id:
        return {"step": "agreed"}, 200
    wording_id = request.POST["wording"] if request.POST.get("contact") else ""
    if answering.allow_contact(
        message_id=tip.message_id, wording_id=wording_id, now=timezone.now()
    ):
        return {"step": "agreed"}, 200
    error = gettext("Tick the box if you want us to contact you.")
    if wording_id:
        error = gettext("The words here are new. Read them, and tick again.")
    return {"step": "told", "choice": "talk", "error": error}, 422


@never_cache
@require_safe
def go(request: HttpRequest, token: str) -> HttpResponse:
    """On to a target that we have signed, and to no other. Notes the visit if the person whose
    mail it is allows that now, as the consent says; nothing else changes by it.
    """
    onward = tokens.read_onward(token)
    if onward is None:
        raise get_wrong_link(request)
    if not request.user.is_authenticated:  # who looks at the mail in the admin is somebody else
        measuring.note(
            onward=onward,
            is_head=request.method == "HEAD",
            user_agent=_get_agent(request),
            address=get_address(request),
            now=timezone.now(),
        )
    return HttpResponseRedirect(onward.target)


def _get_agent(request: HttpRequest) -> str:
    """What the visitor says it is; a browser that only fetches ahead is none."""
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return "prefetch" if is_ahead else request.headers.get("User-Agent", "")


def _show_panel(
    request: HttpRequest, token: str, profile: profiles.Profile, form: OptInForm, *, status: int
) -> HttpResponse:
    context = build_panel(token=token, is_taken=profile.respondent_id is not None, form=form)
    return render(request, "campaigns/opt_in.html", context, status=status)


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


def _read_stop_link(token: str) -> tuple[int, str, str] | None:
    """The person and the purpose ("" means all) that a stop link is for, and the mail it was in."""
    content: Any = tokens.read("unsubscribe", token)
    return None if content is None else tuple(content)
