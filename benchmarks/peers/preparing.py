"""Tables, templates and recipients for every peer: `python -m benchmarks.peers.preparing N`."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

# django-newsletter and django-drip-campaigns know a name and an address, and nothing more.
KNOWN = "first_name"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peers.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    letter = json.loads((settings.FOLDER / "letter.json").read_text(encoding="utf-8"))
    if os.environ.get("SHORT_LINES"):
        # Between tags no reader sees it, and Django encodes lines over 998 bytes the slow way.
        letter["html"] = letter["html"].replace("><", ">\n<")
    write_templates(settings.FOLDER / "templates", letter)
    call_command("migrate", run_syncdb=True, verbosity=0)
    count = int(sys.argv[1])
    fill_naive(count, letter["values"])
    fill_post_office(letter)
    fill_drip(count, letter)
    fill_newsletter(count, letter)


def write_templates(folder: Path, letter: dict[str, Any]) -> None:
    plain = "{{% autoescape off %}}{}{{% endautoescape %}}".format
    known = {part: keep_name(letter, part, "subscription.name") for part in ("text", "html")}
    files = {
        "letter/subject.txt": plain(letter["subject"]),
        "letter/letter.txt": plain(letter["text"]),
        "letter/letter.html": letter["html"],
        "newsletter/message/letter/message_subject.txt": plain(letter["subject"]),
        "newsletter/message/letter/message.txt": plain(known["text"]),
        "newsletter/message/letter/message.html": known["html"],
    }
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def keep_name(letter: dict[str, Any], part: str, variable: str) -> str:
    """The template with everybody's values written out, but for the name."""
    from django.template import Context, Template

    mark = "[the name]"
    values = letter["values"][0] | {KNOWN: mark}
    written = str(Template(letter[part]).render(Context(values, autoescape=part == "html")))
    return written.replace(mark, f'{{{{ {variable}|default:"du" }}}}')


def get_address(number: int) -> str:
    return f"person.{number}@example.com"


def get_name(number: int, contexts: list[dict[str, str]]) -> str:
    return contexts[number % len(contexts)][KNOWN]


def fill_naive(count: int, contexts: list[dict[str, str]]) -> None:
    from benchmarks.peers.naive.models import Recipient

    Recipient.objects.bulk_create(
        Recipient(email=get_address(n), values=contexts[n % len(contexts)]) for n in range(count)
    )


def fill_post_office(letter: dict[str, Any]) -> None:
    from post_office.models import EmailTemplate

    EmailTemplate.objects.create(
        name="letter",
        subject=letter["subject"],
        content=letter["text"],
        html_content=letter["html"],
    )


def fill_drip(count: int, letter: dict[str, Any]) -> None:
    from django.contrib.auth.models import User
    from django.utils import timezone
    from drip.models import Drip, QuerySetRule

    joined = timezone.now() - timedelta(days=3)
    User.objects.bulk_create(
        User(
            username=f"person{n}",
            email=get_address(n),
            first_name=get_name(n, letter["values"]),
            date_joined=joined,
        )
        for n in range(count)
    )
    drip = Drip.objects.create(
        name="letter",
        enabled=True,
        subject_template=letter["subject"],
        body_html_template=keep_name(letter, "html", "user.first_name"),
    )
    QuerySetRule.objects.create(
        drip=drip, field_name="date_joined", lookup_type="lte", field_value="now-1 day"
    )


def fill_newsletter(count: int, letter: dict[str, Any]) -> None:
    from newsletter.models import Message, Newsletter, Submission, Subscription

    newsletter = Newsletter.objects.create(
        title="letter", slug="letter", email="pmo@example.com", sender="PMO-testet"
    )
    Subscription.objects.bulk_create(
        Subscription(
            newsletter=newsletter,
            name_field=get_name(n, letter["values"]),
            email_field=get_address(n),
            subscribed=True,
        )
        for n in range(count)
    )
    message = Message.objects.create(title=letter["subject"], slug="letter", newsletter=newsletter)
    submission = Submission.from_message(message)
    submission.prepared = True
    submission.save()


if __name__ == "__main__":
    main()
