"""What takes long to count is counted once a while; without a cache, each time."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Counted = TypeVar("Counted")


def remember(key: str, count: Callable[[], Counted], *, seconds: int) -> Counted:
    """What `count` returns, at most `seconds` old; not None."""
    try:
        known = cache.get(key)
        if known is None:
            known = count()
            cache.set(key, known, seconds)
    except RedisError:
        logger.warning("%s could not be remembered", key)
        return count()
    return known
