"""Whether any mail leaves after somebody said stop, with 2,000 of them: the gate's test, longer.

    python -m benchmarks.races

Runs the test itself, so that the figures are of what the gate asks a hundred times each day.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks.report import describe_machine, keep

TEST = "tests/campaigns/test_races.py"
CASE = "test_no_mail_is_handed_over_after_somebody_said_stop"
STOPS = {
    "withdraw": "takes the consent back",
    "suppress": "is suppressed",
    "freeze": "is frozen for a colleague's sake",
}
SECTION = """\
## Said stop while the mail was leaving

`make bench-races`: {machine}. Real threads on PostgreSQL: four workers send, four stop
the same people in random order, one person a transaction. Whoever's mail was not handed over when
the stop had been committed must get none, whatever the clocks say; it was a race when some were
and some were not.

| the person | people | handed over before the stop | held back | handed over after it | seconds |
|---|---|---|---|---|---|
{rows}

{verdict}
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    how: str
    people: int
    before: int
    seconds: float
    has_passed: bool


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n0", TEST, "-k", CASE),
                *(f"--junitxml={report}", "-o", "junit_family=xunit1"),
            ],
            env=os.environ | {"SOAK": "1"},
            check=False,
        )
        runs = list(read_runs(report))
    keep("races", write_section(runs))
    if len(runs) != len(STOPS) or not all(run.has_passed for run in runs):
        sys.exit(1)


def read_runs(report: Path) -> Iterator[Run]:
    for case in ET.parse(report).iter("testcase"):
        said = {each.get("name"): each.get("value", "") for each in case.iter("property")}
        yield Run(
            how=case.get("name", "").rpartition("[")[2].rstrip("]"),
            people=int(said.get("people", 0)),
            before=int(said.get("before", 0)),
            seconds=float(case.get("time", 0)),
            has_passed=case.find("failure") is None and case.find("error") is None,
        )


def write_section(runs: list[Run]) -> str:
    rows = [
        f"| {STOPS[run.how]} | {run.people:,} | {run.before:,} | {run.people - run.before:,} |"
        f" {0 if run.has_passed else '**not 0, or it was no race**'} | {run.seconds:.0f} |"
        for run in runs
    ]
    total = sum(run.people for run in runs)
    is_well = len(runs) == len(STOPS) and all(run.has_passed for run in runs)
    verdict = f"{total:,} stops, and no mail after any." if is_well else "**It failed.**"
    return SECTION.format(machine=describe_machine(), rows="\n".join(rows), verdict=verdict)


if __name__ == "__main__":
    main()
