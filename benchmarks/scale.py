"""A model of ten million enrolments, from a database that was measured.

Run as a program: `make bench-scale`. Fills a database of its own, counts its bytes, plans and
sends some mails in it, and extrapolates. Every figure says whether it was measured.
"""

import argparse
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.database import describe_database, own_database
from benchmarks.report import describe_machine, keep

if TYPE_CHECKING:
    from benchmarks.growth import Life
    from benchmarks.mailing import Mailing

REPORTED_ONE_IN = 10


def get_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="in the measured database")
    parser.add_argument("--target", type=int, default=10_000_000, help="enrolments of the model")
    parser.add_argument("--due", type=int, default=5_000, help="how many are planned")
    parser.add_argument("--mails", type=int, default=2_000, help="how many of them are sent")
    parser.add_argument(
        "--grown", action="store_true", help="indexes grow with the rows, as in life: slow"
    )
    parser.add_argument("--mails-a-day", type=int, default=1_000_000)
    parser.add_argument(
        "--hours", type=float, default=7.5, help="of a day in which mail may leave; as shipped"
    )
    parser.add_argument(
        "--rate",
        type=float,
        help="messages/s of one sending process against a mail server, from `make bench`; "
        "default: as measured here without one",
    )
    parser.add_argument(
        "--database-ms",
        type=float,
        help="database CPU of sending one message, from `make bench`; default: as measured here",
    )
    return parser.parse_args()


def main() -> None:
    options = get_options()
    with own_database():
        life, mailing = measure(options)
        database = describe_database()
    section = build_section(life, mailing, database, options)
    print(section)
    keep("scale", section)


def measure(options: argparse.Namespace) -> "tuple[Life, Mailing]":
    from benchmarks import filling, growth, inventory, mailing
    from benchmarks.originals import make_originals
    from campaigns.models import CampaignVersion, ConsentOrigin

    make_originals()
    tell = partial(_tell, time.perf_counter())
    filling.fill(
        people=options.people,
        due=options.due,
        is_scattered=True,
        tell=tell,
        is_grown=options.grown,
    )
    filling.fill_reports(one_in=REPORTED_ONE_IN)
    tell("reported")
    models = (*filling.TABLES, ConsentOrigin.wordings.through)
    tables = [inventory.get_table(inventory.get_table_name(model)) for model in models]
    steps = CampaignVersion.objects.latest("pk").document["campaign"]["steps"]
    life = growth.get_life(tables, people=options.people, messages=1 + len(steps))
    measured = mailing.measure_mailing(due=options.due, mails=options.mails)
    tell("mailed")
    return replace(life, content_bytes=measured.content_bytes), measured


def _tell(started: float, sentence: str) -> None:
    print(f"{time.perf_counter() - started:6.1f} s  {sentence}", flush=True)


def build_section(
    life: "Life", mailing: "Mailing", database: str, options: argparse.Namespace
) -> str:
    from benchmarks import tables

    made = "grew with the rows" if options.grown else "were built anew"
    return f"""\
## A model of {options.target:,} enrolments

`make bench-scale`: {describe_machine()}; {database}, embedded and durable, on the same machine.
(m) is measured in a database of {options.people:,} people under way, written scattered and
vacuumed, with indexes that {made}; (x) is extrapolated from it: the same bytes a row and rows a
person, {life.messages} messages in a whole life (the confirming mail and every step), a provider's
report for each.

### Bytes

{tables.describe_bytes(life, options.people, options.target)}

### The largest indexes

{tables.describe_indexes(life, options.target)}

### Growth

{tables.describe_growth(life)}

### What a mail writes

{tables.describe_writing(mailing, options.people, options.target, life)}

### {options.mails_a_day:,} mails a day

{tables.describe_need(life, mailing, options)}

### Memory, and when to archive

{tables.describe_memory(life)}
"""


if __name__ == "__main__":
    main()
