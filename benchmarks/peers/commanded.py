"""A peer that sends by its own management command: `python -m benchmarks.peers.commanded NAME`.

Says "ready" when everything is loaded and connected, waits for a line, sends, says "done" with
a note, and waits to be ended, so that what it took can be read meanwhile.
"""

import json
import os
import sys
import time

import django

ENQUEUED_AT_ONCE = 500
PROCESSES = 2


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peers.settings")
    django.setup()
    from django.urls import get_resolver

    from benchmarks.peers.naive.tasks import warm

    send = {"drip": send_drips, "newsletter": send_newsletter, "post_office": send_post_office}
    warm()  # one mail by Django's own means, to connect and to read modules
    assert get_resolver().url_patterns
    say("ready")
    sys.stdin.readline()
    note = send[sys.argv[1]]()
    say(f"done {note}".strip())
    sys.stdin.readline()


def send_drips() -> str:
    from django.core.management import call_command

    call_command("send_drips")
    return ""


def send_newsletter() -> str:
    from django.core.management import call_command

    call_command("submit_newsletter")
    return ""


def send_post_office() -> str:
    from django.conf import settings
    from django.core.management import call_command

    started = time.perf_counter()
    enqueue()
    took = time.perf_counter() - started
    lock = settings.FOLDER / "post_office"
    call_command("send_queued_mail", processes=PROCESSES, lockfile=str(lock))
    return f"enqueue {took:.1f} s"


def enqueue() -> None:
    """In parts, so that it need not hold all in memory; one template object for all."""
    from django.contrib.auth.models import User
    from post_office import mail
    from post_office.models import EmailTemplate

    from benchmarks.peers.settings import FOLDER

    contexts = json.loads((FOLDER / "letter.json").read_text(encoding="utf-8"))["values"]
    template = EmailTemplate.objects.get(name="letter")
    addresses = list(User.objects.order_by("pk").values_list("email", flat=True))
    for first in range(0, len(addresses), ENQUEUED_AT_ONCE):
        part = enumerate(addresses[first : first + ENQUEUED_AT_ONCE], first)
        mail.send_many([build(to, contexts[n % len(contexts)], template) for n, to in part])


def build(to: str, context: dict[str, str], template: object) -> dict[str, object]:
    return {
        "recipients": [to],
        "template": template,
        "context": context,
        "headers": {"List-Unsubscribe": f"<{context['unsubscribe_url']}>"},
        "render_on_delivery": os.environ.get("RENDER_ON_DELIVERY") == "1",
    }


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
