"""Reads the environment. Every bad variable is found, and each is named in one sentence.

A variable that is set but blank counts as not set. Values are never repeated in a message,
since a URL may hold a password. The sentences come after the last variable was read.
"""

import ipaddress
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from environs import Env, EnvError, EnvValidationError

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}
SITE_FORM = "must look like https://pmo.example.com, without a path"
NETWORK_FORM = "must be networks like 192.0.2.0/24 or 2001:db8::/32, with commas between"
ORIGIN_FORM = "must be origins like https://www.example.com, with commas between"


# Of vendors who check mail, as they tell customers who must let them through.
SCANNER_NETWORKS: tuple[str, ...] = (
    "40.107.0.0/16",  # Microsoft
    "52.100.0.0/14",
    "67.231.144.0/20",  # Proofpoint
    "148.163.128.0/19",
    "185.132.180.0/22",
    "91.220.42.0/24",  # Mimecast
    "146.101.78.0/24",
    "170.10.128.0/21",
    "195.130.217.0/24",
    "205.139.110.0/24",
    "207.211.30.0/23",
    "64.235.144.0/20",  # Barracuda
    "209.222.80.0/21",
)


class BadEnvironment(SystemExit):
    """Ends the program with sentences instead of a traceback."""


class Environment:
    def __init__(self) -> None:
        self._env = Env(eager=False)
        self._env.add_parser("parsed", _parse)

    def is_given(self, name: str) -> bool:
        return bool(os.environ.get(name, "").strip())

    def get(self, name: str, parse: Callable[[str], T], *, default: T) -> T:
        """The parsed value, or the default when the variable is blank or bad."""
        if not self.is_given(name):
            return default
        parsed: T | None = self._env.parsed(name, parse=parse)
        return default if parsed is None else parsed

    def require(self, name: str, *, because: str) -> None:
        """Note a problem unless the variable is given."""
        if not self.is_given(name):
            self._env.parsed(name, default="", parse=_refuse(f"is missing: {because}"))

    def seal(self) -> None:
        """Stop with one sentence per bad variable, if there are any."""
        try:
            self._env.seal()
        except EnvValidationError as error:
            found = error.error_messages
            assert not isinstance(found, list)
            problems = [f"{name} {each}." for name in found for each in found[name]]
            raise BadEnvironment("\n".join(problems)) from None


def text(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError("must be one line of text")
    return value


def org_number(value: str) -> str:
    """A Swedish one has a check digit; others only have to look like one."""
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9 .-]{4,19}", value):
        raise ValueError("must be a registration number, such as 556000-0001")
    if re.fullmatch(r"\d{6}-?\d{4}", value) and not _is_checked(value.replace("-", "")):
        raise ValueError("must be a registration number: the check digit of this one is wrong")
    return value


def address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+", value):
        raise ValueError("must be one mail address, such as privacy@example.com")
    return value


def country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError("must be a country's code of two capital letters, such as SE")
    return value


def flag(value: str) -> bool:
    if value.lower() not in ON | OFF:
        raise ValueError("must be 1 or 0 (or true, false, yes, no, on, off)")
    return value.lower() in ON


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return value

    return parse


def whole_number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date, such as 2027-01-31") from None


def number(value: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value, re.ASCII):
        raise ValueError("must be a number, such as 0, 1 or 0.5")
    return float(value)


def grades(value: str) -> str:
    if not re.fullmatch(r"[A-D]{0,4}[1-4]{0,4}", value) or not value:
        raise ValueError("must be letters A to D and digits 1 to 4, such as A12")
    return value


def folder(value: str) -> Path:
    path = Path(value).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise ValueError("must be a folder, and there is a file of that name")
    return path


def file(value: str) -> Path:
    path = Path(value).expanduser().resolve()
    if path.is_dir():
        raise ValueError("must be a file, and there is a folder of that name")
    return path


def secret(value: str) -> str:
    if len(value) < 20 or re.search(r"\s", value):
        raise ValueError("must be at least 20 characters without spaces")
    return value


def secrets(value: str) -> tuple[str, ...]:
    return tuple(secret(each) for each in _split(value))


def credentials(value: str) -> str:
    if not re.fullmatch(r"[^:\s]+:\S{8,}", value):
        raise ValueError("must look like user:password, the password with 8 characters or more")
    return value


def hosts(value: str) -> tuple[str, ...]:
    names = _split(value)
    if any(not re.fullmatch(r"\*|\.?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]", name) for name in names):
        raise ValueError("must be host names with commas between, without http:// or a port")
    return names


def name_servers(value: str) -> tuple[str, ...]:
    servers = _split(value)
    for server in servers:
        get_name_server(server)
    return servers


def get_name_server(server: str) -> tuple[str, int]:
    """Address and port, which is 53 unless it is said."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(server)), 53
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:]+)\]|([0-9.]+))(?::(\d{1,5}))?", server)
    try:
        address, port = (found[1] or found[2], found[3]) if found else ("", "")
        return str(ipaddress.ip_address(address)), int(port or 53)
    except ValueError:
        raise ValueError("must be addresses like 192.0.2.1 or 192.0.2.1:53") from None


def selectors(value: str) -> tuple[str, ...]:
    names = _split(value)
    if any(not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name) for name in names):
        raise ValueError("must be the names before ._domainkey, with commas between")
    return names


def host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:]+", value):
        raise ValueError("must be a host name or an address")
    return value


def networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(each) for each in _split(value))
    except ValueError:
        raise ValueError(NETWORK_FORM) from None


def origins(value: str) -> tuple[str, ...]:
    return tuple(_origin(each, ORIGIN_FORM) for each in _split(value))


def site_url(value: str) -> str:
    return _origin(value.rstrip("/"), SITE_FORM)


def link(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "mailto" and re.fullmatch(r"[^@\s]+@[^@\s]+", parts.path):
        return value
    if parts.scheme == "https" and parts.hostname and not re.search(r"\s", value):
        return value
    raise ValueError("must be an address that starts with https:// or mailto:")


def sender(value: str) -> str:
    """An address, alone or as `Name <address>`."""
    if not re.fullmatch(r"[^<>@\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+", value):
        raise ValueError("must look like tips@example.com or Name <tips@example.com>")
    return value


def get_address(value: str) -> str:
    """The bare address of a sender."""
    return value.rpartition("<")[2].rstrip(">").strip()


def _origin(value: str, form: str) -> str:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # raises for a port that is not a number
    except ValueError:
        raise ValueError(form) from None
    if value != f"{parts.scheme}://{parts.netloc}" or parts.scheme not in {"http", "https"}:
        raise ValueError(form)
    if not parts.hostname or "@" in parts.netloc or re.search(r"\s", value):
        raise ValueError(form)
    return value


def _split(value: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in value.split(",") if each.strip())


def _parse(value: str, parse: Callable[[str], T], **_: object) -> T:
    try:
        return parse(value.strip())
    except ValueError as error:
        raise EnvError(str(error)) from None


def _refuse(message: str) -> Callable[[str], str]:
    def parse(_: str) -> str:
        raise ValueError(message)

    return parse


def _is_checked(digits: str) -> bool:
    """Whether the last digit follows from the others (Luhn)."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(digits)]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0
