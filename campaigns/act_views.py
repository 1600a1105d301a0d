"""The pages behind the fresh links of `campaigns.acts`, and behind the mail to a new address. GET
shows one clear button, POST acts.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from assessments import personal_data
from campaigns import acts, relocating, tokens
from campaigns.preference_forms import NewAddressForm
from campaigns.tasks import send_due_messages
from pmoportal.bell import ring
from pmoportal.limits import get_wrong_link

page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@never_cache
@page
def act(request: HttpRequest, token: str) -> HttpResponse:
    link = acts.read(token=token, now=timezone.now())
    if link is None:
        raise get_wrong_link(request)
    with translation.override(link.language):
        if link.standing != acts.Standing.OPEN:
            status = 410 if link.standing == acts.Standing.GONE else 200
            return render(request, "campaigns/act_over.html", _get_context(link), status=status)
        return PAGES[link.act](request, link)


@csrf_exempt
@never_cache
@page
def address(request: HttpRequest, token: str) -> HttpResponse:
    """What the mail to a new address leads to."""
    change_id: Any = tokens.read("address", token)
    if change_id is None:
        raise get_wrong_link(request)
    now, is_post = timezone.now(), request.method == "POST"
    look = relocating.confirm if is_post else relocating.get_move
    move = look(change_id=change_id, now=now)
    if is_post:
        ring(send_due_messages)
    status = 410 if move.standing == relocating.Standing.GONE else 200
    with translation.override(move.language):
        context = {"standing": move.standing.value, "is_done": is_post}
        return render(request, "campaigns/address.html", context, status=status)


def _export(request: HttpRequest, link: acts.Link) -> HttpResponse:
    if request.method != "POST":
        return render(request, "campaigns/act_export.html", _get_context(link))
    now = timezone.now()
    packed = personal_data.build_archive(respondent_id=link.respondent_id)
    answer = HttpResponse(packed, content_type="application/zip")
    name = f"pmo-{timezone.localdate(now)}.zip"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _erase(request: HttpRequest, link: acts.Link) -> HttpResponse:
    if request.method != "POST":
        return render(request, "campaigns/act_erase.html", _get_context(link))
    receipt = personal_data.erase(respondent_id=link.respondent_id, now=timezone.now())
    context = {"receipt": receipt, "address": link.email}
    return render(request, "campaigns/erased.html", context)


def _change_address(request: HttpRequest, link: acts.Link) -> HttpResponse:
    form = NewAddressForm(request.POST or None, present=link.email)
    is_done = request.method == "POST" and form.is_valid()
    if is_done:
        email = form.cleaned_data["email"]
        relocating.ask(respondent_id=link.respondent_id, email=email, now=timezone.now())
        ring(send_due_messages)
    status = 422 if form.is_bound and not is_done else 200
    context = _get_context(link) | {"form": form, "is_done": is_done}
    return render(request, "campaigns/act_address.html", context, status=status)


def _get_context(link: acts.Link) -> dict[str, Any]:
    """With the way back to the person's own page."""
    return {"link": link, "preferences": tokens.make("preferences", [link.respondent_id, ""])}


PAGES = {
    acts.Act.EXPORT: _export,
    acts.Act.ERASE: _erase,
    acts.Act.ADDRESS: _change_address,
}
