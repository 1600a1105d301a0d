"""What every page may say about its sender."""

from django.conf import settings
from django.http import HttpRequest

from pmoportal.identity import get_imprint


def sender(request: HttpRequest) -> dict[str, str]:
    return {"sender_name": settings.SENDER_NAME, "imprint": get_imprint()}
