"""The receiver in the documentation takes a real delivery, and nothing that is not ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from leads.hooks import dealing, secrets, telling
from leads.models import Delivery, Hook
from pmoportal.env import networks
from tests.factories import TUESDAY
from tests.leads.integrating import make_hook, make_lead

pytestmark = pytest.mark.django_db
EXAMPLE = Path(django_settings.BASE_DIR) / "docs" / "examples" / "receiver.py"


@pytest.fixture
def hook(settings: Settings) -> Hook:
    settings.WEBHOOK_ALLOWED_PRIVATE = networks("127.0.0.0/8")
    return make_hook()


@pytest.fixture
def output(hook: Hook) -> Iterator[IO[str]]:
    """What the receiver prints; the hook leads to it and has its secret."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(EXAMPLE), "0"],
        env=os.environ | {"WEBHOOK_SECRET": secrets.get_secret(hook=hook)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().split()[-1]
    Hook.objects.update(url=f"http://127.0.0.1:{port}/")
    try:
        yield process.stdout
    finally:
        process.terminate()
        process.wait()


def tell(hook: Hook) -> list[int | None]:
    telling.tell(hook_id=hook.pk, now=timezone.now(), limit=9, clock=timezone.now)
    return list(Delivery.objects.order_by("number").values_list("status", flat=True))


def test_a_real_delivery_is_taken_once(hook: Hook, output: IO[str]) -> None:
    lead = make_lead()
    dealing.deal(now=TUESDAY, limit=10)
    Delivery.objects.update(until=timezone.now() + timedelta(days=1))
    assert tell(hook) == [204, 204]
    assert output.readline() == f'consent.given {{"lead_id": {lead.pk}, "purpose": "contact"}}\n'
    assert output.readline().startswith("lead.created ")
    everything = [str(pk) for pk in Delivery.objects.values_list("pk", flat=True)]
    telling.replay(delivery_ids=everything, now=timezone.now())
    make_lead(number=1)
    dealing.deal(now=TUESDAY, limit=10)
    assert tell(hook) == [204] * 4
    assert "consent.given" in output.readline()  # of the second lead: the first was known


def test_the_old_secret_works_for_a_day_after_a_new_one(hook: Hook, output: IO[str]) -> None:
    make_lead()
    dealing.deal(now=TUESDAY, limit=10)
    secrets.renew(hook=hook, now=timezone.now())
    assert tell(hook) == [204, 204]


def test_another_secret_and_an_old_message_are_refused(hook: Hook, output: IO[str]) -> None:
    make_lead()
    dealing.deal(now=TUESDAY, limit=10)
    now = timezone.now()
    late = now - timedelta(minutes=6)
    telling.tell(hook_id=hook.pk, now=now, limit=1, clock=lambda: late)
    assert Delivery.objects.order_by("number").values_list("status", flat=True)[0] == 401
    Hook.objects.update(generation=7)
    Delivery.objects.update(next_at=now)
    telling.tell(hook_id=hook.pk, now=now, limit=1, clock=timezone.now)
    assert Delivery.objects.order_by("number").values_list("status", flat=True)[0] == 401
