from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from benchmarks.peers.naive.models import Recipient


@shared_task
def send_due() -> None:
    for pk in Recipient.objects.filter(is_sent=False).values_list("pk", flat=True):
        send_one.delay(pk)


@shared_task
def send_one(pk: int) -> None:
    recipient = Recipient.objects.get(pk=pk)
    mail_to(recipient)
    recipient.is_sent, recipient.sent_at = True, timezone.now()
    recipient.save(update_fields=["is_sent", "sent_at"])


@shared_task
def warm() -> None:
    """A mail that is not counted."""
    recipient = Recipient.objects.first()
    assert recipient is not None
    mail_to(recipient)


def mail_to(recipient: Recipient) -> None:
    mail = EmailMultiAlternatives(
        subject=render_to_string("letter/subject.txt", recipient.values).strip(),
        body=render_to_string("letter/letter.txt", recipient.values),
        to=[recipient.email],
        headers={"List-Unsubscribe": f"<{recipient.values['unsubscribe_url']}>"},
    )
    html = render_to_string("letter/letter.html", recipient.values)
    mail.attach_alternative(html, "text/html")
    mail.send()
