"""Where measurements are kept: one section per program in RESULTS.md, between its marks."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = """\
# What we measured

Each section is written by the program that its first line names. Absolute numbers belong to
the machine; compare ratios within one run.
"""


def keep(name: str, section: str) -> None:
    """Put `section` in the place of the one that `name` wrote before."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEADING
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(start)
    after = rest.partition(end)[2] if found else "\n"
    body = f"{before.rstrip()}\n\n{start}\n{section.strip()}\n{end}{after}"
    RESULTS.write_text(body, encoding="utf-8")


def describe_machine() -> str:
    system = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    versions = [f"{name} {version(name)}" for name in ("Django", "gunicorn", "psycopg")]
    python = f"CPython {platform.python_version()}"
    load = f"load {os.getloadavg()[0]:.1f}"
    return ", ".join([system, python, *versions, load, str(datetime.now(tz=UTC).date())])
