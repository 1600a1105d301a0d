"""Many planners and schedulers at once have the effect of one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import advancing
from campaigns.models import Enrolment, Message
from tests.chaos.people import enrol
from tests.factories import publish_campaign

DUE = 2000
BATCH = 200
PLANNERS = 7  # as many as four that go on while there is work, and three schedulers' ticks


@pytest.mark.django_db(transaction=True)
def test_seven_planners_at_once_write_each_mail_once() -> None:
    now = timezone.now()
    enrol(publish_campaign(), [f"person{n}@example.se" for n in range(DUE)], now=now)
    start = Barrier(PLANNERS)

    def plan() -> int:
        start.wait(30)
        looked_at = 0
        try:
            while Enrolment.objects.filter(next_due_at__lte=now).exists():
                looked_at += advancing.plan_due(now=now, limit=BATCH).looked_at
        finally:
            connection.close()
        return looked_at

    with ThreadPoolExecutor(PLANNERS) as threads:
        looked_at = [each.result() for each in [threads.submit(plan) for _ in range(PLANNERS)]]

    assert sum(looked_at) == DUE
    assert sum(1 for each in looked_at if each) > 1
    assert Message.objects.count() == DUE
    assert Message.objects.values("enrolment", "step_key").distinct().count() == DUE
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
