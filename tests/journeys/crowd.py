"""Puts a crowd beside one person: others, an earlier sitting and colleagues, months long.

Run as a program in the environment of a running stack. Prints where that person's result, a
result without company, an invite link and a retake stand, as JSON.
"""

import json
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import django

CHOICES = ("agree-fully", "agree", "neither", "disagree", "disagree-fully")


def main() -> None:
    django.setup()
    print(json.dumps(gather()))


def gather() -> dict[str, str]:
    """Names of pages and their paths, in Swedish and English."""
    from django.utils import timezone

    from assessments import comparing, publishing, tallying
    from tests.factories import make_response

    now, chance = timezone.now(), random.Random(3)
    version = publishing.get_published(key="pmo")
    assert version is not None

    def answer(level: float) -> dict[str, str]:
        places = (round(chance.gauss(level, 1)) for _ in range(9))
        questions = version.document["questions"][:9]
        return {
            question["key"]: CHOICES[min(4, max(0, place))]
            for question, place in zip(questions, places, strict=True)
        }

    for number in range(60):  # every third one leaves somewhere on the way
        sit(version, now - timedelta(hours=30), chance, 13 if number % 3 else number % 12)
    tallying.tally_ended(now=now, limit=100)
    for number in range(60):
        make_response(
            version,
            answers=answer((1.2, 1.8, 2.5)[number % 3]),
            now=now - timedelta(days=40),
            pace=timedelta(seconds=5 + number % 20),
        )
    comparing.freeze_snapshots(now=now)
    first = make_response(version, answers=answer(1.2), now=now - timedelta(days=80))
    own = make_response(version, answers=answer(2.2), previous=first, now=now)
    organisation = comparing.invite(response_id=own.pk, now=now)
    for level in (0.8, 1.5, 2.0, 2.6, 3.3):
        colleague = make_response(version, answers=answer(level), organisation=organisation)
        comparing.share(response_id=colleague.pk, is_sharing=True, now=now)
    watcher = make_response(version, answers=answer(1.5), organisation=organisation, now=now)
    return get_paths(organisation.pk, own.pk, watcher.pk)


def get_paths(organisation: UUID, own: UUID, watcher: UUID) -> dict[str, str]:
    from django.urls import reverse
    from django.utils import translation

    from assessments import tokens

    paths: dict[str, str] = {}
    for language in ("sv", "en"):
        with translation.override(language):
            invitation = tokens.make("invite", organisation)
            again = tokens.make("result", own)
            paths |= {
                f"{language} result in company": reverse("assessments:result", args=[again]),
                f"{language} result of an invited": reverse(
                    "assessments:result", args=[tokens.make("result", watcher)]
                ),
                f"{language} invited": reverse(
                    "assessments:start_invited", args=["pmo", invitation]
                ),
                f"{language} again": reverse("assessments:start_again", args=[again]),
                f"{language} report": reverse("assessments:report", args=[again]),
            }
    return paths


def sit(version: Any, started_at: datetime, chance: random.Random, count: int) -> None:
    """One sitting of `count` answers, each after as long as its words take and a little."""
    from assessments import answering

    response = answering.start_response(version=version, language="sv", now=started_at)
    now = started_at
    for number, question in enumerate(version.document["questions"][:count], start=1):
        words = len(question["text"]["sv"].split())
        now += timedelta(seconds=2 + 0.6 * words + chance.uniform(0, 8))
        choice = question["choices"][chance.randrange(4)]["key"]
        answering.record_answer(response_id=response.pk, number=number, choice_key=choice, now=now)


if __name__ == "__main__":
    main()
