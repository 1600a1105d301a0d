"""Fills the queue: confirmed people with results, planned by the planner, nothing sent yet.

Run as a program with the environment of the site: `python -m benchmarks.queueing N FOLDER`.
Leaves in FOLDER, as letter.json, what the peers need to send the same mail.
"""

import itertools
import json
import random
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import django

NAMES = ("Alva", "Björn", "Cecilia", "David", "Eva", "Fredrik", "Gunilla", "Håkan", "Inger", "Åsa")
RESULTS = 40
CONTEXTS = 100
BATCH = 500
PLACEHOLDER = re.compile(r"{{ (\w+)(?: \| ([^}]+))? }}")


def main() -> None:
    from pmoportal import preparing

    preparing.main()
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    django.setup()
    from django.utils import timezone

    now = timezone.now()
    enrol(count, now)
    ready = plan()
    if ready != count:
        raise SystemExit(f"{ready} messages are ready instead of {count}")
    (folder / "letter.json").write_text(json.dumps(describe_letter()), encoding="utf-8")


def enrol(count: int, now: datetime) -> None:
    """What confirming leaves behind, for many at once; results of a few dozen real sittings."""
    from assessments.models import Respondent
    from campaigns.models import Consent, Enrolment
    from tests.factories import publish_campaign

    version, names = publish_campaign(), itertools.cycle(NAMES)
    people = write(
        Respondent(email=f"person.{n}@example.com", first_name=next(names), created_at=now)
        for n in range(count)
    )
    responses = answer(people, now)
    write(
        Consent(
            respondent=person, purpose="tips", state="confirmed", asked_at=now, confirmed_at=now
        )
        for person in people
    )
    write(
        Enrolment(
            respondent=response.respondent,
            response=response,
            campaign=version.campaign,
            version=version,
            started_at=now,
            next_due_at=now,
        )
        for response in responses
    )


def answer(people: list[Any], now: datetime) -> list[Any]:
    from assessments.models import Response
    from tests.factories import publish_test

    test = publish_test()
    results = itertools.cycle(make_results(test, now))
    responses = [
        Response(
            version=test,
            respondent=person,
            language="sv",
            started_at=now,
            completed_at=now,
            result=next(results),
        )
        for person in people
    ]
    for response in responses:
        response.series = response.pk
    return write(responses)


def write(rows: Iterable[Any]) -> list[Any]:
    """In batches: a statement takes 65,535 values."""
    rows = list(rows)
    return type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)  # noqa: SLF001  # Django's own way


def make_results(test: Any, now: datetime) -> list[Any]:
    """Of real sittings with answers by chance, the same in every run."""
    from tests.factories import make_response

    chance = random.Random(1)
    results = []
    for _ in range(RESULTS):
        answers = {
            question["key"]: chance.choice(question["choices"])["key"]
            for question in test.document["questions"]
        }
        results.append(make_response(test, answers=answers, now=now).result)
    return results


def plan() -> int:
    from django.utils import timezone

    from campaigns import advancing

    ready = 0
    while (planned := advancing.plan_due(now=timezone.now(), limit=BATCH)).looked_at:
        ready += planned.ready
    return ready


def describe_letter() -> dict[str, Any]:
    """The mail as Django templates, the values of some people, and its size on the wire."""
    from campaigns import letters
    from campaigns.models import Message

    messages = list(Message.objects.select_related("compiled", "enrolment__campaign")[:CONTEXTS])
    compiled, rendered = letters.get_compiled(messages[0]), letters.render(messages[0])
    return {
        "subject": get_template(compiled.subject),
        "text": get_template(compiled.text),
        "html": get_template(compiled.html),
        "values": [letters.get_all_values(message) for message in messages],
        "size": len(letters.build_mail(messages[0], form="bytes").raw),
        "html_size": len(rendered.html.encode()),
        "text_size": len(rendered.text.encode()),
    }


def get_template(text: str) -> str:
    def translate(found: re.Match[str]) -> str:
        name, fallback = found.groups()
        return f'{{{{ {name}|default:"{fallback}" }}}}' if fallback else f"{{{{ {name} }}}}"

    return PLACEHOLDER.sub(translate, text)


if __name__ == "__main__":
    main()
