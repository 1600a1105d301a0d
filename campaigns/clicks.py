"""Whether a person followed a link, or a program that looks at mail on its way.

Pure. A visit is judged by what is known of it and of the mail's other visits, in any order. More
that speaks for a program never makes a visit look more like a person's.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# Of the rules below: whoever changes what they say of the same visits counts it up, and what is
# kept is judged again.
RULES = 1

Verdict = Literal["human", "unsure", "machine"]
Agent = Literal["browser", "scanner", "program", "other"]
Reason = Literal[
    "all_links", "beside_machine", "crowd", "head", "program", "scanner_agent", "scanner_network",
    "soon", "sooner", "unknown_agent",
]  # fmt: skip
VERDICTS: tuple[Verdict, ...] = ("human", "unsure", "machine")

# What each reason makes of a visit; none at all makes it a person's.
MACHINE: frozenset[Reason] = frozenset(
    {"all_links", "crowd", "head", "program", "scanner_agent", "scanner_network", "sooner"}
)
UNSURE: frozenset[Reason] = frozenset({"beside_machine", "soon", "unknown_agent"})

_OF_AGENT: dict[Agent, Reason] = {
    "other": "unknown_agent",
    "program": "program",
    "scanner": "scanner_agent",
}
_LONGEST_AGENT = 300
_SCANNER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|\bscan|scanner|preview|prefetch|safelinks|proofpoint|mimecast|barracuda"
    r"|ironport|fortimail|trend ?micro|symantec|forcepoint|existence discovery|urldefense|virus"
    r"|facebookexternalhit|whatsapp|telegram|imageproxy|headless|phantomjs|validator|monitor",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"curl|wget|libwww|python|aiohttp|httpx|go-http-client|java/|okhttp|apache-httpclient|axios"
    r"|\bnode\b|\bruby|\bperl|\bphp|guzzle|powershell|winhttp|restsharp|postman|^mozilla/[45]\.0$",
    re.IGNORECASE,
)
_BROWSER = re.compile(
    r"^(mozilla/5\.0 \(.{3,}\).*(gecko|applewebkit)|opera/).*(firefox|chrome|crios|safari|edg|opr"
    r"|mobile|trident|version|gecko)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """All links within `burst` are nobody's reading; before `sooner` after delivery nobody has
    seen the mail, before `soon` hardly; `crowd` people of one domain do not click in one second.
    """

    burst: timedelta = timedelta(seconds=5)
    sooner: timedelta = timedelta(seconds=3)
    soon: timedelta = timedelta(seconds=15)
    crowd: int = 5

    @property
    def settled_after(self) -> timedelta:
        """When all that has a say in the verdict has happened."""
        return self.burst + timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`neighbours` counts the people of the same mail domain, this one too, who came in the same
    second.
    """

    link: int
    at: datetime
    is_head: bool
    agent: Agent
    is_from_scanner: bool
    neighbours: int = 1


@dataclass(frozen=True, kw_only=True)
class Judgement:
    verdict: Verdict
    reasons: tuple[Reason, ...]


def judge(
    *, visits: Sequence[Visit], links: int, delivered_at: datetime, limits: Limits
) -> tuple[Judgement, ...]:
    """One judgement for each of the visits that a mail with so many measured links has had."""
    sweeps = _find_sweeps(visits, links, limits.burst) if links > 1 else []
    alone = [set(_get_reasons(visit, visit.at - delivered_at, sweeps, limits)) for visit in visits]
    machines = [visit.at for visit, reasons in zip(visits, alone, strict=True) if reasons & MACHINE]
    for visit, reasons in zip(visits, alone, strict=True):
        if not reasons & MACHINE and any(abs(visit.at - at) <= limits.burst for at in machines):
            reasons.add("beside_machine")
    return tuple(Judgement(verdict=_decide(each), reasons=tuple(sorted(each))) for each in alone)


def get_agent(user_agent: str) -> Agent:
    """What a browser or program says it is, coarsely: no more of it is kept."""
    user_agent = user_agent[:_LONGEST_AGENT]
    if not user_agent.strip() or _PROGRAM.search(user_agent):
        return "program"
    if _SCANNER.search(user_agent):
        return "scanner"
    return "browser" if _BROWSER.match(user_agent) else "other"


def read_agent(name: str) -> Agent:
    """What `get_agent` said, from where it was kept."""
    match name:
        case "browser" | "scanner" | "program":
            return name
    return "other"


def is_in_networks(
    address: str | None, networks: Iterable[str | ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    if address is None:
        return False
    visitor = ipaddress.ip_address(address)
    return any(visitor in ipaddress.ip_network(network) for network in networks)


def _get_reasons(
    visit: Visit, since: timedelta, sweeps: Sequence[datetime], limits: Limits
) -> Iterable[Reason]:
    if visit.is_head:
        yield "head"
    if reason := _OF_AGENT.get(visit.agent):
        yield reason
    if visit.is_from_scanner:
        yield "scanner_network"
    if since < limits.soon:
        yield "sooner" if since < limits.sooner else "soon"
    if visit.neighbours >= limits.crowd:
        yield "crowd"
    if any(begin <= visit.at <= begin + limits.burst for begin in sweeps):
        yield "all_links"


def _find_sweeps(visits: Sequence[Visit], links: int, burst: timedelta) -> list[datetime]:
    """Where stretches of time as long as `burst` begin in which every link was visited."""
    begins = {visit.at for visit in visits}
    return [
        begin
        for begin in begins
        if len({each.link for each in visits if begin <= each.at <= begin + burst}) >= links
    ]


def _decide(reasons: set[Reason]) -> Verdict:
    if reasons & MACHINE:
        return "machine"
    return "unsure" if reasons & UNSURE else "human"
