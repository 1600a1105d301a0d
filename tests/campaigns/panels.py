"""Asking for mail and confirming it, as the verbs are called and as a browser fills it in."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from assessments.models import Response
from campaigns import enrolment, forms, permission
from campaigns.models import ConsentOrigin
from tests.factories import TUESDAY


def ask(
    response: Response,
    *,
    email: str = "alva@example.se",
    purposes: tuple[str, ...] = ("tips",),
    now: datetime = TUESDAY,
) -> bool:
    return enrolment.opt_in(
        response_id=response.pk,
        email=email,
        first_name="Alva",
        wordings=[permission.get_wordings(language="sv")[each] for each in purposes],
        language="sv",
        ip="192.0.2.1",
        path="/tips/",
        now=now,
    )


def confirm(now: datetime = TUESDAY) -> enrolment.Request:
    newest = ConsentOrigin.objects.order_by("-pk").first()
    assert newest is not None
    return enrolment.confirm(origin_id=newest.pk, response_id=newest.response_id, now=now)


def fill_in(client: Client, panel: str, content: dict[str, str]) -> dict[str, str]:
    """What a browser posts: the hidden fields too, from a page that was opened a while ago."""
    page = client.get(panel).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    shown = forms._make_stamp(timezone.now() - timedelta(seconds=5))
    return {**hidden, "remarks": "", "shown": shown, **content}


def post(client: Client, panel: str, content: dict[str, str], **extra: Any) -> HttpResponse:
    return client.post(panel, fill_in(client, panel, content), **extra)
