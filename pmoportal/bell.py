"""Tell a worker that there is something to do. Rows are the truth, so a lost ring only delays."""

import logging
import time
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

SILENCE_AFTER_FAILURE = 30.0

_silent_until = 0.0


def ring(task: Task, **arguments: Any) -> None:
    """Ask for `task`. When the broker does not answer, note it and stay silent for a while,
    rather than let every visitor wait for it: the sweep will find the work.
    """
    global _silent_until  # noqa: PLW0603  # one bell per process
    if time.monotonic() < _silent_until:
        return
    try:
        task.apply_async(kwargs=arguments, expires=600)
    except (OperationalError, RedisError, OSError):
        _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
        logger.warning("the broker did not answer; the sweep will find the work")
