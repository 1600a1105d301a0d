"""What every page may say about its sender."""

from django.conf import settings
from django.http import HttpRequest


def sender(request: HttpRequest) -> dict[str, str]:
    return {"sender_name": settings.SENDER_NAME, "postal_address": settings.POSTAL_ADDRESS}
