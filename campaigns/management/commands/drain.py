"""One pass of planning and sending in this process, without a broker or a worker."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from campaigns import advancing, sending
from campaigns.tasks import BATCH, get_transport


class Command(BaseCommand):
    help = "Plans and sends everything that is due now, then stops."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sending.settle_stale(now=now)
        looked_at = sent = 0
        while planned := advancing.plan_due(now=now, limit=BATCH).looked_at:
            looked_at += planned
        while True:
            done = sending.send_due(
                now=timezone.now(), limit=BATCH, transport=get_transport(), clock=timezone.now
            )
            sent += done.states["sent"]
            if not done.is_more:
                break
        self.stdout.write(f"{looked_at} enrolments planned, {sent} messages sent")
