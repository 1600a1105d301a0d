"""What the texts in the domain name system say about a sender.

Pure. Reads SPF (RFC 7208), DMARC (RFC 7489) and DKIM keys (RFC 6376), as strictly as receivers do.
"""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass

_MECHANISM = re.compile(r"([-+~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)([:/].+)?", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)", re.IGNORECASE)
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
_TAG = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9_]*)\s*=\s*([^;]*?)\s*")


@dataclass(frozen=True, kw_only=True)
class Spf:
    """`others` are the domains whose records count too, `asks` the questions this one costs;
    `everybody` is what it says of whoever is not named: `-`, `~`, `?`, `+`, or nothing at all.
    """

    others: tuple[str, ...]
    asks: int
    everybody: str


@dataclass(frozen=True, kw_only=True)
class Dmarc:
    policy: str
    is_strict: bool


def read_spf(text: str) -> Spf:
    """ValueError for a record that receivers would not understand."""
    others: list[str] = []
    asks, everybody, redirect = 0, "", ""
    for term in text.split()[1:]:
        if found := _MECHANISM.fullmatch(term):
            sign, name, argument = found[1] or "+", found[2].lower(), found[3] or ""
            asks += name in _ASKING
            if name == "all":
                everybody = everybody or sign
            if name == "include":
                others.append(_get_domain(argument))
            elif name in {"ip4", "ip6", "exists"} and len(argument) < 2:
                raise ValueError(term)
        elif modifier := _MODIFIER.fullmatch(term):
            if modifier[1].lower() == "redirect":
                redirect = _get_domain(f":{modifier[2]}")
        else:
            raise ValueError(term)
    if redirect and not everybody:
        others.append(redirect)
        return Spf(others=tuple(others), asks=asks + 1, everybody="redirect")
    return Spf(others=tuple(others), asks=asks, everybody=everybody)


def read_dmarc(text: str) -> Dmarc:
    """ValueError for a record without a policy that receivers know."""
    tags = read_tags(text)
    policy = tags.get("p", "").lower()
    if policy not in {"none", "quarantine", "reject"}:
        raise ValueError(policy)
    return Dmarc(policy=policy, is_strict=tags.get("adkim", "r").lower() == "s")


def read_key(text: str) -> bytes:
    """The public key of a DKIM record; empty when it was revoked, ValueError when it is none."""
    tags = read_tags(text)
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        raise ValueError("no DKIM key")
    try:
        return b64decode(re.sub(r"\s", "", tags["p"]), validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def read_tags(text: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        found = _TAG.fullmatch(part)
        if found is None or found[1] in tags:
            raise ValueError(part)
        tags[found[1]] = found[2]
    return tags


def _get_domain(argument: str) -> str:
    domain = argument.removeprefix(":").lower()
    if not argument.startswith(":") or not re.fullmatch(r"[a-z0-9_%{}.+-]+", domain):
        raise ValueError(argument)
    return domain
