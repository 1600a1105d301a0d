"""How often one visitor may do something. Counted in the cache, so all processes share it."""

import ipaddress
import logging
import time

from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """The visitor does this too often. Answered with 429 and a page that says when to return."""


def is_over(request: HttpRequest, name: str, *, limit: int, seconds: int) -> bool:
    """Count this visit, and say whether it is one more than `limit` in a period of `seconds`.

    Without a cache nobody is refused: a counter must not be able to close the site.
    """
    period = int(time.time() // seconds)
    key = f"limit:{name}:{get_network(request)}:{period}"
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key) > limit
    except (RedisError, ValueError):  # ValueError: the key expired between the two calls
        logger.warning("visits to %s could not be counted", name)
        return False


def get_network(request: HttpRequest) -> str:
    """The visitor's address, or the /64 it belongs to: one person has a whole one of those."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
