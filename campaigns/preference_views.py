"""A person's own page about our mail, reached from every mail. GET shows, POST acts.

Whoever has a mail has its link, so what is done here can do no more harm than stop our mail. The
rest begins with a fresh link: see `campaigns.acts`.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns import acts, enrolment, explaining, permission, preferring, tokens
from campaigns.forms import StopForm
from campaigns.models import Freeze, Purpose
from campaigns.panel import has_asked_enough
from campaigns.preference_forms import ActForm, CapForm, LanguageForm, PauseForm, PurposeForm
from campaigns.tasks import plan_due_messages, send_due_messages
from pmoportal.bell import ring
from pmoportal.limits import TooMany, get_address, is_over

SOURCE = "preferences"
page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, kw_only=True)
class Link:
    """Whose page it is, and from which mail."""

    respondent_id: int
    message_id: uuid.UUID | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a POST came to: `note` names the sentence that says so; or what was wrong with it."""

    note: str = ""
    status: int = 200
    pause: PauseForm | None = None


UNCLEAR = Outcome(note="unclear", status=422)


@csrf_exempt
@never_cache
@page
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    link = _read_link(token)
    if link is None:
        if is_over(request, "wrong-link", limit=20, seconds=60):
            raise TooMany
        return render(request, "campaigns/stop.html", {"form": StopForm()}, status=404)
    language = explaining.get_person_language(respondent_id=link.respondent_id)
    if language is None:
        return render(request, "campaigns/gone.html", status=410)
    outcome, now = Outcome(), timezone.now()
    if request.method == "POST":
        with translation.override(language):
            outcome = _act(request, link, now)
        language = explaining.get_person_language(respondent_id=link.respondent_id)
    with translation.override(language or "sv"):
        context = {
            "picture": explaining.get_picture(
                respondent_id=link.respondent_id, message_id=link.message_id, now=now
            ),
            "outcome": outcome,
            "pause": outcome.pause or PauseForm(now=now),
            "caps": preferring.CAPS,
        }
        return render(request, "campaigns/preferences.html", context, status=outcome.status)


def _read_link(token: str) -> Link | None:
    content: Any = tokens.read("preferences", token)
    if content is None:
        return None
    respondent_id, message = content
    return Link(respondent_id=respondent_id, message_id=uuid.UUID(hex=message) if message else None)


def _act(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    act = ACTS.get(request.POST.get("do", ""))
    return act(request, link, now) if act else UNCLEAR


def _stop(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return UNCLEAR
    return _withdraw(link, [form.cleaned_data["purpose"]], now)


def _stop_all(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    return _withdraw(link, Purpose.values, now)


def _withdraw(link: Link, purposes: list[str], now: datetime) -> Outcome:
    enrolment.unsubscribe(
        respondent_id=link.respondent_id, purposes=purposes, source=SOURCE, now=now
    )
    return Outcome(note="stopped")


def _say_yes(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    """A confirming mail, and nothing more: the page may be in somebody else's hands."""
    asking = explaining.get_asking(respondent_id=link.respondent_id)
    language = translation.get_language() or "sv"
    shown = permission.get_wordings(language=language)
    ticked = [each for each in Purpose.values if each in request.POST]
    wordings = [
        shown[each]
        for each in ticked
        if each in shown and request.POST.get(f"{each}_wording") == str(shown[each].pk)
    ]
    if asking is None or not ticked:
        return Outcome(note="tick", status=422)
    if len(wordings) < len(ticked):
        return Outcome(note="new_words", status=422)
    if has_asked_enough(request):
        return Outcome(note="enough", status=429)
    enrolment.opt_in(
        response_id=asking.response_id,
        email=asking.email,
        first_name=asking.first_name,
        wordings=wordings,
        language=language,
        ip=get_address(request),
        path="/m/preferences/",
        source=SOURCE,
        now=now,
    )
    ring(send_due_messages)
    return Outcome(note="look_for_confirmation")


def _pause(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    form = PauseForm(request.POST, now=now)
    if not form.is_valid():
        return Outcome(note="missing", status=422, pause=form)
    enrolment.freeze(
        respondent_ids=[link.respondent_id],
        reason=Freeze.Reason.ASKED,
        until=form.get_end(),
        now=now,
    )
    return Outcome(note="paused")


def _resume(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    enrolment.release(respondent_ids=[link.respondent_id], reason=Freeze.Reason.ASKED, now=now)
    ring(plan_due_messages)
    return Outcome(note="resumed")


def _set_cap(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    form = CapForm(request.POST)
    if not form.is_valid():
        return UNCLEAR
    cap_days = form.cleaned_data["cap_days"]
    preferring.set_cap(respondent_id=link.respondent_id, cap_days=cap_days, now=now)
    return Outcome(note="saved")


def _set_language(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return UNCLEAR
    language = form.cleaned_data["language"]
    preferring.set_language(respondent_id=link.respondent_id, language=language)
    return Outcome(note="saved")


def _object(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    preferring.object_to_everything(respondent_id=link.respondent_id, now=now)
    return Outcome(note="objected")


def _mail_link(request: HttpRequest, link: Link, now: datetime) -> Outcome:
    """The same words whether or not a mail left today already: it is in the inbox then."""
    form = ActForm(request.POST)
    if not form.is_valid():
        return UNCLEAR
    acts.mail_link(
        act=acts.Act(form.cleaned_data["act"]), respondent_id=link.respondent_id, now=now
    )
    ring(send_due_messages)
    return Outcome(note="look_for_link")


ACTS: dict[str, Callable[[HttpRequest, Link, datetime], Outcome]] = {
    "stop": _stop,
    "stop_all": _stop_all,
    "yes": _say_yes,
    "pause": _pause,
    "resume": _resume,
    "cap": _set_cap,
    "language": _set_language,
    "object": _object,
    "link": _mail_link,
}
