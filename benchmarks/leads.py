"""What the pages of the leads cost the database when there are very many.

Run as a program: `make bench-leads`. Fills a database of its own with leads, opens each view of
the list as a consultant and as an administrator, and adds up what its statements take. Exit
status 1 when a goal is missed.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.database import describe_database, own_database
from benchmarks.report import describe_machine, keep

GOAL_MS = 50.0
ROUNDS = 5
LIST = "/admin/leads/lead/"
VIEWS = {
    "to call": "",
    "to call, the last page": "?p=20",
    "mine": "?whose=mine",
    "unowned A": "?whose=nobodys&grade=A",
    "silent for 14 days": "?silent=14",
    "silent for 90 days": "?silent=90",
    "one stage": "?stage=booked",
    "won": "?stage=won",
    "one weakest role": "?role=brobyggare",
    "one organisation": "?org=example-77.se",
    "grade B2": "?grade=B2",
    "role, grade and silence": "?role=brobyggare&grade=A&silent=30",
    "by next step": "?o=7",
    "by silence": "?o=8",
    "search, few found": "?q=person777 example",
    "search, none found": "?q=nobodyatall",
    "search, many found": "?q=example",
}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One page: statements, CPU time of the database for it, and of our own process."""

    name: str
    who: str
    queries: int
    database_ms: float
    python_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    options = parser.parse_args()
    with own_database():
        from benchmarks.leads_filling import fill

        fill(leads=options.leads)
        opened = [each for who in ("consultant", "administrator") for each in open_views(who)]
        others = list(open_others())
        database = describe_database()
    missed = [each.name for each in opened if each.database_ms > GOAL_MS]
    section = build_section(opened, others, database, options.leads)
    print(section)
    keep("leads", section) if options.leads >= 100_000 else None
    print(f"Missed: {', '.join(missed)}" if missed else "Every goal is met.")
    return 1 if missed else 0


def open_views(who: str) -> Iterator[Opened]:
    client = log_in(who)
    for name, query in VIEWS.items():
        yield open_page(client, name, who, LIST + query)


def open_others() -> Iterator[Opened]:
    """What has no goal of its own: shown, not judged."""
    client = log_in("administrator")
    yield open_page(client, "rules: preview of a change", "administrator", *preview(), rounds=2)
    yield open_page(client, "rules: tried on the past", "administrator", f"{RULES}back-test/")
    yield open_page(client, "one lead", "administrator", f"{LIST}1500/change/")


RULES = "/admin/leads/scorerules/"


def preview() -> tuple[str, dict[str, Any]]:
    from leads.admin.rules_form import RulesForm
    from leads.models.rules import AS_SHIPPED

    form = RulesForm(None, start=AS_SHIPPED, in_force=AS_SHIPPED)
    posted = {name: form[name].value() or "" for name in form.fields}
    return f"{RULES}add/", posted | {"expected": 0, "points_confirmed": 10, "preview": "1"}


def log_in(who: str) -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(User.objects.get(username=f"bench-{who}"), backend=backend)
    return client


def open_page(
    client: Any,
    name: str,
    who: str,
    url: str,
    posted: dict[str, Any] | None = None,
    rounds: int = ROUNDS,
) -> Opened:
    """The median of some rounds, after one that nobody counts."""
    from benchmarks.meter import Meter, count_statements, get_median

    def act() -> None:
        answer = client.post(url, posted) if posted else client.get(url)
        if answer.status_code != 200 or b"errornote" in answer.content:
            raise SystemExit(f"{url}: {answer.status_code}")

    queries, _ = count_statements(act)
    meter = Meter()
    cost = get_median([meter.measure(act)[0] for _ in range(rounds)])
    return Opened(
        name=name, who=who, queries=queries, database_ms=cost.database, python_ms=cost.python
    )


def build_section(opened: list[Opened], others: list[Opened], database: str, leads: int) -> str:
    by_view = {name: [each for each in opened if each.name == name] for name in VIEWS}
    lines = []
    for name, pair in by_view.items():
        cells = " | ".join(f"{each.database_ms:.1f} | {each.queries}" for each in pair)
        worst = max(each.database_ms for each in pair)
        lines.append(f"| {name} | {cells} | {'yes' if worst <= GOAL_MS else '**no**'} |")
    more = [
        f"| {each.name} | {each.database_ms:.0f} | {each.queries} | {each.python_ms:.0f} |"
        for each in others
    ]
    return f"""\
## The list of leads, with {leads:,} of them

`make bench-leads`: {describe_machine()}; {database}, embedded and durable, on the same machine.
A third has an owner (20 colleagues), a tenth is won or lost, 5,000 organisations, a year of
silences. Times are the CPU time of our backend in the database for the whole page, without
parallel workers, medians of {ROUNDS}; everything fits into its memory. A consultant sees own and
unowned leads, an administrator all. The goal is {GOAL_MS:.0f} ms.

| view | consultant: ms | statements | administrator: ms | statements | reached |
|---|---|---|---|---|---|
{chr(10).join(lines)}

The preview of a change of the rules grades every open lead by both, some {leads * 9 // 10:,}.
It has no goal of its own, and is what a marketer waits for.

| page | database ms | statements | CPU ms of our process |
|---|---|---|---|
{chr(10).join(more)}
"""


if __name__ == "__main__":
    sys.exit(main())
