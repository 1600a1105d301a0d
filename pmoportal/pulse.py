"""A mark that the scheduler's work leaves behind, so that others can tell whether it is alive."""

from datetime import datetime, timedelta

from django.core.cache import cache
from redis.exceptions import RedisError

KEY = "pulse"
KEPT_SECONDS = 7 * 24 * 60 * 60
# After so long without a mark the scheduler is taken to be away.
LATE = timedelta(minutes=3)


class Unheard(Exception):
    """Nobody can say: the cache is away."""


def leave(*, now: datetime) -> None:
    """Without a cache the scheduler seems to be away, and nothing else happens."""
    try:
        cache.set(KEY, now, KEPT_SECONDS)
    except RedisError:
        return


def read() -> datetime | None:
    """When it was last left; None for never. Raises Unheard."""
    try:
        found = cache.get(KEY)
    except RedisError:
        raise Unheard from None
    return found if isinstance(found, datetime) else None
