"""Start, questions, and the way back to them."""

import math
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from assessments import answering, tokens
from assessments.forms import AnswerForm
from assessments.models import Organisation, Response
from assessments.views.links import (
    get_page_language,
    get_response,
    get_test,
    get_version,
    read_token,
    redirect_to_result,
)
from pmoportal.limits import TooMany, get_wrong_link, is_over

WORDS_PER_MINUTE = 200
SECONDS_PER_CHOICE = 5

page = require_http_methods(["GET", "HEAD", "POST"])


@csrf_exempt
@page
def start(request: HttpRequest, key: str) -> HttpResponse:
    return _start(request, key)


@csrf_exempt
@never_cache
@page
def start_again(request: HttpRequest, token: str) -> HttpResponse:
    """A retake; where the result has been forgotten, a first test like any other."""
    response_id = read_token(request, "result", token)
    previous = Response.objects.filter(pk=response_id, completed_at__isnull=False).first()
    key = previous.document["key"] if previous else settings.HOME_ASSESSMENT
    return _start(request, key, previous=previous)


@csrf_exempt
@never_cache
@page
def start_invited(request: HttpRequest, key: str, token: str) -> HttpResponse:
    organisation = Organisation.objects.filter(pk=read_token(request, "invite", token)).first()
    return _start(request, key, organisation=organisation)


@never_cache
@require_safe
def resume(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """The link to copy: to the first question without an answer, or to the result."""
    response = get_response(request, "test", token)
    if response.completed_at is not None:
        return redirect_to_result(response.pk)
    reached = _get_reached(response, answering.get_answers(response_id=response.pk))
    return redirect("assessments:question", key, token, reached)


@csrf_exempt
@never_cache
@page
def question(request: HttpRequest, key: str, token: str, number: int) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, key, token, number)
    return _show_question(request, key, token, number)


def _start(
    request: HttpRequest,
    key: str,
    previous: Response | None = None,
    organisation: Organisation | None = None,
) -> HttpResponse:
    version = get_version(key)
    if request.method != "POST":
        context = {"test": get_test(version), "previous": previous, "organisation": organisation}
        return render(request, "assessments/start.html", context)
    if is_over(request, "start", limit=settings.STARTS_PER_HOUR, seconds=3600):
        raise TooMany
    response = answering.start_response(
        version=version,
        language=get_page_language(),
        now=timezone.now(),
        previous=previous,
        organisation=organisation,
    )
    return redirect("assessments:question", key, tokens.make("test", response.pk), 1)


def _answer(request: HttpRequest, key: str, token: str, number: int) -> HttpResponse:
    choices = request.POST.getlist("choice")
    response_id = read_token(request, "test", token)
    try:
        is_complete = answering.record_answer(
            response_id=response_id,
            number=number,
            choice_key=choices[0] if len(choices) == 1 else "",
            now=timezone.now(),
        )
    except answering.UnknownChoice:
        return _show_question(request, key, token, number, posted=True)
    except answering.NotReached:
        return redirect("assessments:resume", key, token)
    except answering.AlreadyCompleted:
        return redirect_to_result(response_id)
    except Response.DoesNotExist:
        raise get_wrong_link(request) from None
    if is_complete:
        return redirect_to_result(response_id)
    return redirect("assessments:question", key, token, number + 1)


def _show_question(
    request: HttpRequest, key: str, token: str, number: int, *, posted: bool = False
) -> HttpResponse:
    response = get_response(request, "test", token)
    if response.completed_at is not None:
        return redirect_to_result(response.pk)
    test = response.get_texts(get_page_language())
    answers = answering.get_answers(response_id=response.pk)
    reached = _get_reached(response, answers)
    if not 1 <= number <= len(test["questions"]):
        raise Http404
    if number > reached:
        return redirect("assessments:question", key, token, reached)
    asked = test["questions"][number - 1]
    count = len(test["questions"])
    context = {
        "test": test,
        "question": asked,
        "number": number,
        "count": count,
        "percent": round(100 * (number - 1) / count),
        "minutes_left": _get_minutes(test["questions"][number - 1 :]),
        "chosen": answers.get(asked["key"], ""),
        "form": AnswerForm(asked, request.POST) if posted else None,
        "token": token,
        "previous": number - 1,
        "resume_link": request.build_absolute_uri(request.path.removesuffix(f"{number}/")),
    }
    return render(request, "assessments/question.html", context, status=422 if posted else 200)


def _get_reached(response: Response, answers: dict[str, str]) -> int:
    """The number of the first question without an answer."""
    questions: list[dict[str, Any]] = response.document["questions"]
    for number, each in enumerate(questions, start=1):
        if each["key"] not in answers:
            return number
    return len(questions)


def _get_minutes(questions: list[dict[str, Any]]) -> int:
    """Expected minutes: reading at 200 words a minute and five seconds for each choice."""
    words = sum(len(each["text"].split()) for each in questions)
    seconds = 60 * words / WORDS_PER_MINUTE + SECONDS_PER_CHOICE * len(questions)
    return math.ceil(seconds / 60)
