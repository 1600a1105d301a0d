"""What a tick costs when few, many and very many people wait: it should hardly be more.

Run as a program: `make bench-ticks`. A database of its own is filled once for each size. Exit
status 1 when a goal is missed.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.database import describe_database, own_database
from benchmarks.report import describe_machine, keep

if TYPE_CHECKING:
    from benchmarks.meter import Cost, Scan
    from benchmarks.rounds import Backlog, Size

GOAL_DATABASE = 1.5
GOAL_WALL = 2.0
NOISE_MS = 0.5  # what is this cheap is cheap, whatever its ratio
LONGEST_STATEMENT, LONGEST_LINE = 600, 200
SHARE = 10  # the part of all people that becomes due in three days


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--due", type=int, default=5_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--scattered", action="store_true", help="not in the order of arrival")
    options = parser.parse_args()
    with own_database():
        from benchmarks.originals import make_originals

        make_originals()
        sizes = [measure_size(people, options) for people in options.sizes]
        backlog = measure_backlog(options)
        database = describe_database()
    missed = [name for name, *_, is_reached in compare(sizes) if not is_reached]
    section = build_section(sizes, backlog, database, options)
    print(section)
    keep("ticks, scattered" if options.scattered else "ticks", section)
    print(f"Missed: {', '.join(missed)}" if missed else "Every goal is met.")
    return 1 if missed else 0


def measure_size(people: int, options: argparse.Namespace) -> "Size":
    from benchmarks import filling, rounds

    started = time.perf_counter()
    tell = partial(_tell, started)
    filling.fill(people=people, due=options.due, is_scattered=options.scattered, tell=tell)
    tell(f"{people:,} people under way")
    size = rounds.Size(people=people)
    rounds.measure_rounds(size, rounds=options.rounds, due=options.due, batch=options.batch)
    tell("measured")
    rounds.read_statements(size, batch=options.batch)
    if people == options.sizes[-1]:
        rounds.find_slow(size, batch=options.batch)
        tell("explained")
    return size


def measure_backlog(options: argparse.Namespace) -> "Backlog | None":
    from benchmarks.rounds import plan_backlog

    people = min(options.backlog, options.sizes[-1] // SHARE)
    return plan_backlog(people=people, batch=options.batch) if people else None


def _tell(started: float, sentence: str) -> None:
    print(f"{time.perf_counter() - started:6.1f} s  {sentence}", flush=True)


def compare(sizes: "list[Size]") -> Iterable[tuple[str, "list[Cost]", float, float, bool]]:
    """Each tick by name: costs by size, last : first in database CPU and wall, and whether both
    goals are reached.
    """
    for name in sizes[0].costs:
        costs = [cost for size in sizes if (cost := size.get(name)) is not None]
        first, last = costs[0], costs[-1]
        database = last.database / max(first.database, 1e-3)
        wall = last.wall / max(first.wall, 1e-3)
        is_reached = last.wall <= NOISE_MS or (database <= GOAL_DATABASE and wall <= GOAL_WALL)
        yield name, costs, database, wall, is_reached


def build_section(
    sizes: "list[Size]", backlog: "Backlog | None", database: str, options: argparse.Namespace
) -> str:
    order = "scattered over the tables" if options.scattered else "in the order of arrival"
    command = "bin/bench-ticks --scattered" if options.scattered else "make bench-ticks"
    ticks = options.rounds * (options.due // options.batch)
    return f"""\
## Ticks while many wait, {order}

`{command}`: {describe_machine()}; {database}, embedded and durable, on the same machine.
{options.due:,} enrolments are due, the others wait over the next 30 days; everybody has answers, a
confirmed consent and two sent mails. Batches of {options.batch}, median of {ticks} ticks. In each
cell: wall ms / CPU ms of our backend in the database / CPU ms of the Python process.

{build_table(sizes)}

The goal, from the smallest to the largest size: at most {GOAL_DATABASE:g} times the database CPU
and {GOAL_WALL:g} times the wall time; a tick under {NOISE_MS:g} ms reaches it by being nothing.

{describe_backlog(backlog, options.batch)}

### Statement by statement

{build_reads(sizes[0], sizes[-1])}

### What reads a big table from end to end, at {sizes[-1].people:,}

{describe_scans(sizes[-1].scans)}
"""


def build_table(sizes: "list[Size]") -> str:
    names = " | ".join(f"{size.people:,}" for size in sizes)
    lines = [f"| tick | {names} | database CPU | wall | reached |"]
    lines.append("|---" * (len(sizes) + 4) + "|")
    for name, costs, database, wall, is_reached in compare(sizes):
        cells = " | ".join(str(cost) for cost in costs)
        verdict = "yes" if is_reached else "**no**"
        lines.append(f"| {name} | {cells} | {database:.2f}x | {wall:.2f}x | {verdict} |")
    return "\n".join(lines)


def build_reads(first: "Size", last: "Size") -> str:
    lines = [
        f"| verb | statement | ms at {first.people:,} | pages | ms at {last.people:,} | pages |",
        "|---|---|---|---|---|---|",
    ]
    for verb, reads in first.reads.items():
        for before, after in zip(reads, last.reads[verb], strict=False):
            cells = [
                f"{read.ms:.1f} | {read.found:,} + {read.fetched:,}" for read in (before, after)
            ]
            lines.append(f"| {verb} | {after.statement} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\nPages: found in shared buffers + fetched from the system."


def describe_backlog(backlog: "Backlog | None", batch: int) -> str:
    if backlog is None:
        return "Nothing was due at once in this run."
    rate = backlog.people / backlog.seconds
    each = 1000 * backlog.database_seconds / backlog.people
    constant = "constant" if backlog.fewest == backlog.most else "**not constant**"
    return (
        f"**{backlog.people:,} due at once**, in batches of {batch} by one process: "
        f"{backlog.seconds:.0f} s, {rate:,.0f} enrolments/s, {backlog.messages:,} messages; "
        f"{each:.2f} ms of database CPU an enrolment; {backlog.fewest} to {backlog.most} "
        f"statements a batch ({constant}); the process takes {backlog.pss_before:.0f} MiB (PSS) "
        f"before and {backlog.pss_peak:.0f} MiB at most."
    )


def describe_scans(scans: "list[Scan]") -> str:
    if not scans:
        return "Nothing."
    parts = []
    for scan in scans:
        statement = _cut(scan.statement.strip(), LONGEST_STATEMENT)
        plan = "\n".join(_cut(line, LONGEST_LINE) for line in scan.plan.splitlines())
        parts.append(f"`{scan.act}` reads {scan.tables}:\n\n```\n{statement}\n\n{plan}\n```")
    return "\n\n".join(parts)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]} …"


if __name__ == "__main__":
    sys.exit(main())
