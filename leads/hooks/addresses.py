"""Which addresses on the network we may call for somebody: the open internet, and what the
operator allows by name. Pure; asks no name server, so what a name stands for is judged by others.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {80, 443, 8443}
DEFAULT_PORTS = {"https": 443, "http": 80}
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Addresses in which another one hides: NAT64, IPv4 in IPv6, 6to4, Teredo.
HIDING = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "2002::/16", "2001::/32")
)


class Forbidden(ValueError):
    """Where we do not call. `reason` is a word that `leads.words` puts into a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address as it is called: `host` in ASCII, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_plain(self) -> bool:
        return self.scheme == "http"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """What a URL means, when there is only one thing that it can mean."""
    if re.search(r"[\x00-\x20\x7f\\]", url) or len(url) > 500:
        raise Forbidden("not_an_address")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise Forbidden("not_an_address") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Forbidden("not_https")
    if "@" in parts.netloc or parts.fragment or not host:
        raise Forbidden("not_an_address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Forbidden("not_an_address")
    return Target(
        scheme=parts.scheme,
        host=_read_host(host),
        port=DEFAULT_PORTS[parts.scheme] if port is None else port,
        path=path,
    )


def check(
    *, target: Target, addresses: Iterable[str], allowed: Iterable[Network], is_production: bool
) -> str:
    """The address to connect to, of those that the target's name stands for. All of them must be
    allowed: a name that stands for one inside as well is a trap.
    """
    found = [ipaddress.ip_address(text.partition("%")[0]) for text in addresses]
    if not found:
        raise Forbidden("no_such_host")
    networks = tuple(allowed)
    are_private = [not _is_public(each) for each in found]
    for address, is_private in zip(found, are_private, strict=True):
        if is_private and not _is_allowed(address, networks):
            raise Forbidden("private_address")
    are_ours = all(_is_allowed(each, networks) for each in found)
    if target.is_plain and (is_production or not are_ours):
        raise Forbidden("not_https")
    if target.port not in PORTS and not are_ours:
        raise Forbidden("port")
    return str(found[0])


def _read_host(host: str) -> str:
    """A name in ASCII, or an IP address in its one usual form. Other forms of numbers (decimal,
    octal, hexadecimal, shortened) are refused, since programs read them differently.
    """
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise Forbidden("not_an_address") from None
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise Forbidden("not_an_address")
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise Forbidden("not_an_address")
    return name


def _is_public(address: Address) -> bool:
    if any(address in network for network in HIDING):
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return _is_public(mapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(address: Address, networks: Iterable[Network]) -> bool:
    """Never link-local ones: a cloud tells its secrets there."""
    plain: Address = getattr(address, "ipv4_mapped", None) or address
    return not plain.is_link_local and any(plain in network for network in networks)
