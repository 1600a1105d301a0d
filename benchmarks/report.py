"""Where measurements are kept: one section per program in RESULTS.md, between its marks."""

import platform
from datetime import UTC, datetime
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
    cores = Path("/proc/cpuinfo").read_text(encoding="utf-8").count("processor\t:")
    system = f"{platform.system()} {platform.machine()}"
    python = f"CPython {platform.python_version()}"
    return f"{cores} cores, {system}, {python}, {datetime.now(tz=UTC).date()}"
