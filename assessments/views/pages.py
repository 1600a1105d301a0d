"""The article and the privacy notice."""

from itertools import cycle, islice
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments import charts, papers
from assessments.views.links import get_page_language, get_test, get_version

EXAMPLE_POINTS = (78, 52, 36, 84)  # the made-up picture beside the article


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    test = get_test(get_version(settings.HOME_ASSESSMENT))
    points = list(islice(cycle(EXAMPLE_POINTS), len(test["roles"])))
    radar = charts.build_radar_of(test, points)
    return render(request, "assessments/home.html", {"test": test, "radar": radar})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    source = Path(settings.CONTENT_DIR) / f"privacy.{get_page_language()}.md"
    text = source.read_text(encoding="utf-8")
    for name, value in papers.build_notice().items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return render(request, "assessments/privacy.html", {"text": text})
