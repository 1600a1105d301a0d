"""Asking the domain name system, with an end to every question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import dns.exception
import dns.nameserver
import dns.resolver
import dns.reversename
from publicsuffixlist import PublicSuffixList

from pmoportal import env

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
Trouble = Literal["", "missing", "silent", "broken"]

TRY_SECONDS = 1.5
LIFETIME_SECONDS = 4.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`missing`: there is no such record. `silent` and `broken`: nobody could say."""

    values: tuple[str, ...] = ()
    trouble: Trouble = ""


class Names:
    """One set of servers: those given, or this host's own. Remembers what it was told."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._servers = servers
        self._known: dict[tuple[str, Kind], Answer] = {}

    def ask(self, name: str, kind: Kind) -> Answer:
        key = (name.rstrip(".").lower(), kind)
        if key not in self._known:
            self._known[key] = self._ask(*key)
        return self._known[key]

    def ask_policies(self, name: str, prefix: str) -> Answer:
        """The texts of a name that begin with `prefix`, such as `v=spf1`."""
        answer = self.ask(name, "TXT")
        found = tuple(each for each in answer.values if is_policy(each, prefix))
        if answer.trouble:
            return answer
        return Answer(values=found) if found else Answer(trouble="missing")

    def ask_addresses(self, host: str) -> Answer:
        answers = [self.ask(host, "A"), self.ask(host, "AAAA")]
        values = tuple(value for answer in answers for value in answer.values)
        if values:
            return Answer(values=values)
        return max(answers, key=lambda each: each.trouble != "missing")  # what is not certain

    def ask_name_of(self, address: str) -> Answer:
        return self.ask(str(dns.reversename.from_address(address)), "PTR")

    def _ask(self, name: str, kind: Kind) -> Answer:
        try:
            found = self._get_resolver().resolve(f"{name}.", kind, search=False)
            return Answer(values=tuple(_read(each, kind) for each in found))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer(trouble="missing")
        except dns.exception.Timeout:
            return Answer(trouble="silent")
        except (dns.exception.DNSException, OSError, ValueError):
            return Answer(trouble="broken")

    def _get_resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers = [_get_server(each) for each in self._servers]
        resolver.timeout, resolver.lifetime = TRY_SECONDS, LIFETIME_SECONDS
        return resolver


def is_policy(text: str, prefix: str) -> bool:
    """Whether it begins with this version tag, and not with a longer word."""
    return re.match(rf"\s*{re.escape(prefix)}(\s|;|$)", text, re.IGNORECASE) is not None


def get_organisation(domain: str) -> str:
    """The part of a domain that somebody registered; empty for a public suffix or no name."""
    return _get_suffixes().privatesuffix(domain.lower()) or ""


def is_aligned(domain: str, sender: str, *, is_strict: bool = False) -> bool:
    """As DMARC has it: the same domain, or two of one organisation."""
    domain, sender = domain.lower().rstrip("."), sender.lower().rstrip(".")
    organisation = get_organisation(sender)
    is_related = bool(organisation) and get_organisation(domain) == organisation
    return domain == sender or (is_related and not is_strict)


@lru_cache(maxsize=1)
def _get_suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def _get_server(server: str) -> dns.nameserver.Nameserver:
    address, port = env.get_name_server(server)
    return dns.nameserver.Do53Nameserver(address, port)


def _read(record: object, kind: Kind) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode(errors="replace")  # type: ignore[attr-defined]  # of a TXT
    return str(record).rstrip(".") if kind == "PTR" else str(record)
