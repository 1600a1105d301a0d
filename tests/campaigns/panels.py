"""The consent panel as a browser fills it in."""

import re
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from campaigns import forms


def fill_in(client: Client, panel: str, content: dict[str, str]) -> dict[str, str]:
    """What a browser posts: the hidden fields too, from a page that was opened a while ago."""
    page = client.get(panel).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    shown = forms._make_stamp(timezone.now() - timedelta(seconds=5))
    return {**hidden, "remarks": "", "shown": shown, **content}


def post(client: Client, panel: str, content: dict[str, str], **extra: Any) -> HttpResponse:
    return client.post(panel, fill_in(client, panel, content), **extra)
