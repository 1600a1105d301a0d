"""The public pages: article, questions, result, privacy notice. They set no cookie.

The token in a test's address is the right to answer it, so these POSTs need no CSRF token.
"""

import math
import uuid
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assessments import answering, charts, document, tokens
from assessments.forms import AnswerForm
from assessments.models import AssessmentVersion, Response, Tier
from assessments.publishing import get_published
from pmoportal.limits import TooMany, is_over

WORDS_PER_MINUTE = 200
SECONDS_PER_CHOICE = 5
EXAMPLE_POINTS = (78, 52, 36, 84)  # the made-up picture beside the article


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    test = _get_test(_get_version(settings.HOME_ASSESSMENT))
    points = list(islice(cycle(EXAMPLE_POINTS), len(test["roles"])))
    context = {"test": test, "radar": _build_radar(test, points)}
    return render(request, "assessments/home.html", context)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    source = Path(settings.CONTENT_DIR) / f"privacy.{_get_language()}.md"
    text = source.read_text(encoding="utf-8")
    for name, value in {
        "sender_name": settings.SENDER_NAME,
        "postal_address": settings.POSTAL_ADDRESS,
        "contact_email": settings.DEFAULT_FROM_EMAIL,
    }.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return render(request, "assessments/privacy.html", {"text": text})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    version = _get_version(key)
    if request.method == "POST":
        response = answering.start_response(
            version=version, language=_get_language(), now=timezone.now()
        )
        token = tokens.make("test", response.pk)
        return redirect("assessments:question", key, token, 1)
    return render(request, "assessments/start.html", {"test": _get_test(version)})


@never_cache
@require_safe
def resume(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """The link to copy: to the first question without an answer, or to the result."""
    response = _get_response(request, "test", token)
    if response.completed_at is not None:
        return _redirect_to_result(response.pk)
    return redirect("assessments:question", key, token, _get_reached(response))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, key: str, token: str, number: int) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, key, token, number)
    response = _get_response(request, "test", token)
    if response.completed_at is not None:
        return _redirect_to_result(response.pk)
    if number > _get_reached(response):
        return redirect("assessments:question", key, token, _get_reached(response))
    return _show_question(request, response, token, number)


@never_cache
@require_safe
def result(request: HttpRequest, token: str) -> HttpResponse:
    response = _get_response(request, "result", token)
    if response.result is None:
        raise Http404
    test = document.localise(response.document, _get_language())
    page = render(
        request,
        "assessments/result.html",
        {
            "test": test,
            "response": response,
            "token": token,
            "link": request.build_absolute_uri(request.path),
            **_read_result(test, response.result),
        },
    )
    page["X-Robots-Tag"] = "noindex"
    return page


def _answer(request: HttpRequest, key: str, token: str, number: int) -> HttpResponse:
    response = _get_response(request, "test", token)
    asked = _get_question(response, number)
    form = AnswerForm(document.localise(asked, _get_language()), request.POST)
    if not form.is_valid():
        return _show_question(request, response, token, number, form, status=422)
    try:
        is_complete = answering.record_answer(
            response_id=response.pk,
            question_key=asked["key"],
            choice_key=form.cleaned_data["choice"],
            now=timezone.now(),
        )
    except answering.NotReached:
        return redirect("assessments:resume", key, token)
    except answering.AlreadyCompleted:
        return _redirect_to_result(response.pk)
    if is_complete:
        answering.complete_response(response_id=response.pk, now=timezone.now())
        return _redirect_to_result(response.pk)
    return redirect("assessments:question", key, token, number + 1)


def _show_question(
    request: HttpRequest,
    response: Response,
    token: str,
    number: int,
    form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = document.localise(_get_question(response, number), _get_language())
    test = document.localise(response.document, _get_language())
    answers = answering.get_answers(response_id=response.pk)
    count = len(test["questions"])
    context = {
        "test": test,
        "question": asked,
        "number": number,
        "count": count,
        "percent": round(100 * (number - 1) / count),
        "minutes_left": _get_minutes(test["questions"][number - 1 :]),
        "chosen": answers.get(asked["key"], ""),
        "form": form,
        "token": token,
        "previous": number - 1,
        "resume_link": request.build_absolute_uri(request.path.removesuffix(f"{number}/")),
    }
    return render(request, "assessments/question.html", context, status=status)


def _read_result(test: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """The result as the page says it: verdict, roles with texts, ties, charts."""
    roles = [
        {
            **role,
            **result["roles"][role["key"]],
            **role["texts"].get(result["roles"][role["key"]]["tier"], {}),
            "label": _get_label(result["roles"][role["key"]]["tier"]),
        }
        for role in test["roles"]
    ]
    by_key = {role["key"]: role for role in roles}
    overall = result["overall"]
    return {
        "overall": overall,
        "verdict": test["verdicts"].get(overall["tier"]),
        "roles": roles,
        "weakest": by_key[result["weakest"][0]] if result["weakest"] else None,
        "tied": [by_key[key] for key in result["tied_weakest"]],
        "unanswered": overall["asked"] - overall["answered"],
        "radar": _build_radar(test, [role["points"] for role in roles]),
    }


def _build_radar(test: dict[str, Any], points: Sequence[int | None]) -> charts.Radar:
    return charts.build_radar(
        names=[role["name"] for role in test["roles"]],
        points=points,
        tiers=(test["tiers"]["developing_from"], test["tiers"]["strong_from"]),
    )


def _get_label(tier: str | None) -> str:
    return str(Tier(tier).label) if tier else ""


def _get_version(key: str) -> AssessmentVersion:
    version = get_published(key=key)
    if version is None:
        raise Http404
    return version


def _get_test(version: AssessmentVersion) -> dict[str, Any]:
    return document.localise(version.document, _get_language())


def _get_response(request: HttpRequest, purpose: tokens.Purpose, token: str) -> Response:
    """Raises Http404 for a wrong or ended link, and refuses those who keep guessing."""
    response_id: uuid.UUID | None = tokens.read(purpose, token)
    response = response_id and Response.objects.filter(pk=response_id).first()
    if not response:
        if is_over(request, "wrong-link", limit=20, seconds=60):
            raise TooMany
        raise Http404
    return response


def _get_question(response: Response, number: int) -> dict[str, Any]:
    questions = response.document["questions"]
    if not 1 <= number <= len(questions):
        raise Http404
    return questions[number - 1]


def _get_reached(response: Response) -> int:
    """The number of the first question without an answer."""
    answers = answering.get_answers(response_id=response.pk)
    for number, each in enumerate(response.document["questions"], start=1):
        if each["key"] not in answers:
            return number
    return len(response.document["questions"])


def _redirect_to_result(response_id: uuid.UUID) -> HttpResponse:
    return redirect("assessments:result", tokens.make("result", response_id))


def _get_minutes(questions: list[dict[str, Any]]) -> int:
    """Expected minutes: reading at 200 words a minute and five seconds for each choice."""
    words = sum(len(each["text"].split()) for each in questions)
    seconds = 60 * words / WORDS_PER_MINUTE + SECONDS_PER_CHOICE * len(questions)
    return math.ceil(seconds / 60)


def _get_language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
