"""How often one visitor may do something. Counted in the cache, so all processes share it."""

import ipaddress
import logging
import time
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class TooMany(Exception):
    """The visitor does this too often. Answered with 429 and a page that says when to return."""


def is_over(
    request: HttpRequest, name: str, *, limit: int, seconds: int, ipv4_prefix: int = 32
) -> bool:
    """Count this visit, and say whether it is one more than `limit` in a period of `seconds`.

    Without a cache nobody is refused: a counter must not be able to close the site.
    """
    visitor = get_network(request, ipv4_prefix=ipv4_prefix)
    return is_spent(f"{name}:{visitor}", limit=limit, seconds=seconds)


def is_spent(name: str, *, limit: int, seconds: int) -> bool:
    """The same, for what is counted by another name than the visitor's."""
    period = int(time.time() // seconds)
    try:
        return _count(f"limit:{name}:{period}", seconds) > limit
    except RedisError:
        logger.warning("visits to %s could not be counted", name.partition(":")[0])
        return False


def get_wrong_link(request: HttpRequest) -> Exception:
    """What to raise for a link that is not one of ours: guessing ends after some tries."""
    return TooMany() if is_over(request, "wrong-link", limit=20, seconds=60) else Http404()


def get_wait(*, seconds: int) -> int:
    """In how many seconds the next period begins."""
    return seconds - int(time.time() % seconds)


def _count(key: str, seconds: int) -> int:
    """How often this key was counted, this time included. One round trip; Django's cache API
    would take three.
    """
    with _get_client().pipeline(transaction=False) as pipe:
        pipe.incr(cache.make_key(key))
        pipe.expire(cache.make_key(key), seconds)
        count, _ = pipe.execute()
    return int(count)


@lru_cache(maxsize=1)
def _get_client() -> Redis:
    server: dict[str, Any] = settings.CACHES["default"]
    return Redis.from_url(server["LOCATION"], **server["OPTIONS"])


def get_network(request: HttpRequest, *, ipv4_prefix: int = 32) -> str:
    """The visitor's address or network; of IPv6 the /64, since one person has a whole one."""
    text = get_address(request)
    if text is None:
        return "unknown"
    address = ipaddress.ip_address(text)
    prefix = 64 if address.version == 6 else ipv4_prefix
    return str(ipaddress.ip_network((address, prefix), strict=False))


def get_address(request: HttpRequest) -> str | None:
    """The visitor's address; None when the server or proxy gives none."""
    return read_address(request.META.get("REMOTE_ADDR", ""))


def read_address(text: str) -> str | None:
    """An address as servers and proxies write it: with a port, in brackets, with a zone, IPv4
    as IPv6. None for anything else.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
