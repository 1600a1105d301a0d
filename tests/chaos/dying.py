"""Does one piece of work as a process of its own, for a test that has it die there.

Run as a program: `python -m tests.chaos.dying plan|send|purge|report`.
"""

import sys

import django


def main() -> None:
    django.setup()
    {"plan": plan, "send": send, "purge": purge, "report": report}[sys.argv[1]]()


def plan() -> None:
    from campaigns import tasks

    tasks.plan_due_messages()


def send() -> None:
    from campaigns import tasks

    tasks.send_due_messages()


def purge() -> None:
    from campaigns import tasks

    tasks.purge()


def report() -> None:
    """The one message there is has bounced, says the provider."""
    from django.utils import timezone

    from campaigns import delivery
    from campaigns.models import Message

    message, now = Message.objects.get(), timezone.now()
    bounced = delivery.Report(
        provider="Postmark",
        event_type="bounced",
        event_id="1",
        message_id=f"<{message.pk}@example.com>",
        provider_id="",
        recipient=message.to,
        reject_reason="invalid",
        words="550 5.1.1 unknown user",
        happened_at=now,
    )
    delivery.record(report=bounced, received_at=now)


if __name__ == "__main__":
    main()
