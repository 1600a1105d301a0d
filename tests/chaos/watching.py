"""What looks on and what rings, each in a thread of its own, while the house is torn at."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.chaos.crew import NAME

HOLDERS = "SELECT id, claim FROM campaigns_message WHERE state = 'sending'"
LONGEST_HOLD = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - lease_until)), 0)
    FROM campaigns_message WHERE state IN ('claimed', 'sending')
"""
OPEN = """
    SELECT EXISTS (SELECT FROM campaigns_message WHERE state IN ('claimed', 'sending')
                   OR (state = 'queued' AND due_at <= clock_timestamp())),
           EXISTS (SELECT FROM campaigns_enrolment
                   WHERE state = 'active' AND next_due_at <= clock_timestamp()),
           EXISTS (SELECT FROM campaigns_message WHERE state = 'queued')
"""
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s
"""

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Watch:
    """`holders` is by message the last claim that had it on the wire; `longest_hold` is the most
    seconds that a row was held past its lease; `cuts` is how many connections were cut.
    """

    holders: dict[UUID, UUID] = field(default_factory=dict)
    longest_hold: float = 0
    cuts: int = 0

    def look(self) -> None:
        self.holders |= dict(ask(HOLDERS))
        self.longest_hold = max(self.longest_hold, float(ask(LONGEST_HOLD)[0][0]))

    def cut(self) -> None:
        self.cuts += ask(CUT, NAME)[0][0]


def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def ring() -> None:
    """As a busy site does, where people confirm all the time."""
    from campaigns.tasks import plan_due_messages, send_due_messages

    _ring(plan_due_messages, send_due_messages)


def ring_all() -> None:
    """The sweep's settling too, which would else come every half a minute."""
    from campaigns.tasks import settle_stale

    _ring(settle_stale)
    ring()


def _ring(*tasks: Any) -> None:
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    with suppress(OperationalError, RedisError, OSError):
        for task in tasks:
            task.apply_async(expires=10)


@contextmanager
def every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Done again and again beside what runs inside; its own trouble is told and not raised."""
    is_over = threading.Event()

    def work() -> None:
        from django.db import connection

        while not is_over.wait(seconds):
            try:
                act()
            except Exception:
                logger.exception("%s failed", act)
        connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(60)


def wait_for_end(*, limit: float, tend: Callable[[], None]) -> tuple[float | None, bool]:
    """After how many seconds nothing due was left lying, and whether all ended before `limit`."""
    started, recovered = time.monotonic(), None
    while (passed := time.monotonic() - started) < limit:
        tend()
        is_under_way, is_planned, is_queued = ask(OPEN)[0]
        if recovered is None and not is_under_way and not is_planned:
            recovered = passed
        if not (is_under_way or is_planned or is_queued):
            return recovered, True
        time.sleep(0.25)
    return recovered, False
