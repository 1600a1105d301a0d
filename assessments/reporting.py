"""The report as PDF: a reading of a result in, bytes out.

typst sets it (docs/decisions says why): everything a marketer wrote arrives as JSON values,
never as markup, and only the fonts inside the library are used, so that it looks the same
everywhere. The PDF is tagged for screen readers (PDF/UA-1).
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

import typst
from babel.dates import format_date
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from assessments.reading import Progress

SOURCE = settings.BASE_DIR / "templates" / "assessments" / "report.typ"


def build_report(
    *,
    reading: dict[str, Any],
    progress: Progress | None,
    completed_at: datetime,
    language: str,
    site_url: str,
) -> bytes:
    """A PDF of two or three pages. `reading` is what `reading.read_result` returns; the words
    around it are in the active language, which must be `language`.
    """
    values = _get_values(reading, progress, language)
    values |= {
        "date": _get_date(completed_at, language),
        "language": language,
        "sender": settings.SENDER_NAME,
        "site": site_url,
    }
    pdf = _get_compiler().compile(
        sys_inputs={"data": json.dumps(values)},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(completed_at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf


@lru_cache(maxsize=1)
def _get_compiler() -> typst.Compiler:
    """Kept: loading the fonts takes longer than setting the report."""
    return typst.Compiler(SOURCE, root=SOURCE.parent, ignore_system_fonts=True)


def _get_values(
    reading: dict[str, Any], progress: Progress | None, language: str
) -> dict[str, Any]:
    test, verdict, weakest = reading["test"], reading["verdict"], reading["weakest"]
    report = gettext("Report")
    then = [each.then for each in progress.changes] if progress else []
    is_compared = bool(then) and None not in then
    return {
        "title": f"{test['title']} – {report}",
        "test-title": test["title"],
        "developing": test["tiers"]["developing_from"],
        "strong": test["tiers"]["strong_from"],
        "verdict": verdict["title"] if verdict else gettext("Too few answers for a verdict"),
        "verdict_text": verdict["text"]
        if verdict
        else gettext(
            "More than half of the statements were left without an opinion, and we would rather "
            "say nothing than guess. Take the test again together with a colleague who sees other "
            "parts of the organisation."
        ),
        "score": reading["overall"]["points"],
        "unanswered": _get_unanswered(reading),
        "roles": [
            _get_role(role, weakest, then[place] if is_compared else None)
            for place, role in enumerate(reading["roles"])
        ],
        "step": {"name": weakest["name"], "text": weakest["step"]} if weakest else None,
        "tied": _get_tied(reading),
        "then": then if is_compared else None,
        "then_label": _get_date(progress.since, language) if progress and is_compared else "",
        "about": gettext(
            "The scores are computed from the answers to the statements of the test and say how "
            "one person sees the PMO on the day of the test."
        ),
        "words": {
            "of_100": gettext("of 100"),
            "begin": gettext("Begin here"),
            "points": gettext("Points per role, of 100"),
            "role": gettext("Role and tier"),
            "now_points": gettext("Points"),
            "by_role": gettext("What the answers say, role by role"),
            "step": gettext("First development step"),
            "radar": gettext(
                "The four roles as a diagram. The table further down has the same numbers."
            ),
        },
    }


def _get_role(
    role: dict[str, Any], weakest: dict[str, Any] | None, then: int | None
) -> dict[str, Any]:
    is_first = weakest is not None and role["key"] == weakest["key"]
    points = role["points"]
    return {
        "name": role["name"],
        "description": role["description"],
        "points": points,
        "shown": "–" if points is None else str(points),
        "then": "–" if then is None else str(then),
        "label": role["label"] or gettext("Too few answers"),
        "first": is_first,
        "text": role.get("text", ""),
        "step": "" if is_first else role.get("step", ""),
    }


def _get_unanswered(reading: dict[str, Any]) -> str:
    count, asked = reading["unanswered"], reading["overall"]["asked"]
    if not count:
        return ""
    return ngettext(
        "%(n)s of the %(asked)s statements was answered with “don’t know” and is not counted.",
        "%(n)s of the %(asked)s statements were answered with “don’t know” and are not counted.",
        count,
    ) % {"n": count, "asked": asked}


def _get_tied(reading: dict[str, Any]) -> str:
    names = ", ".join(role["name"] for role in reading["tied"][1:])
    if not names:
        return ""
    said = gettext("These roles scored the same, so you may just as well begin there:")
    return f"{said} {names}."


def _get_date(at: datetime, language: str) -> str:
    return format_date(timezone.localtime(at).date(), "d MMMM y", locale=language)
