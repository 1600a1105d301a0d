"""Sends the same letter by our engine and by its peers, in turns, on one machine.

Run as a program: `make bench`. Everybody meets the same PostgreSQL (fsync on), the same Valkey
and the same sink; who does not deliver exactly what was asked has failed. Exit status 1 when
anybody failed or a goal is missed.
"""

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import barchart, figures
from benchmarks.contenders import Contender, Turn, take_turn
from benchmarks.counting import find_program
from benchmarks.engine import Engine
from benchmarks.figures import Summary, summarise
from benchmarks.others import Commanded, Naive, PostOffice, SmtpSource
from benchmarks.sending_section import build_section
from benchmarks.stage import Stage, staging

CHART = Path(__file__).parent / "sending.svg"
CONTENDERS: Mapping[str, tuple[Contender, ...]] = {
    "engine": (
        Engine(window=1),
        Engine(window=1, processes=2),
        Engine(window=50),
        Engine(window=50, processes=2),
    ),
    "post-office": (
        PostOffice(name="django-post-office"),
        PostOffice(name="django-post-office, late rendering", is_rendered_late=True),
    ),
    "newsletter": (Commanded(name="django-newsletter", command="newsletter"),),
    "drip": (Commanded(name="django-drip-campaigns", command="drip"),),
    "naive": (Naive(),),
    "smtp-source": (SmtpSource(),),
}
LONG = Engine(window=50)
LIMIT_TIMES = 5  # smtp-source is over too soon to be measured otherwise


@dataclass(frozen=True, kw_only=True)
class Options:
    only: Sequence[str]
    rounds: int
    messages: int
    long: int
    short_lines: bool


def main() -> int:
    options = parse_options()
    # Our servers have sessions of their own: without this they would outlive a `kill`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.short_lines:
        os.environ["SHORT_LINES"] = "1"
    groups = [name for name in CONTENDERS if name in options.only]
    if "smtp-source" in groups and not find_program("smtp-source"):
        print("smtp-source is not here (Debian: postfix; SMTP_SOURCE can name it): left out.")
        groups.remove("smtp-source")
    with staging() as stage:
        contenders = [each for name in groups for each in CONTENDERS[name]]
        summaries = measure(stage, contenders, options)
        long = measure_long(stage, options) if "engine" in groups and options.long else None
        section = build_section(summaries, long, stage, options.rounds, options.messages)
    print(section)
    is_whole = set(CONTENDERS) - set(groups) <= {"smtp-source"}
    if is_whole and not options.short_lines:
        keep_all(section, summaries)
    return judge(summaries, long)


def parse_options() -> Options:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(CONTENDERS), help=",".join(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--long", type=int, default=20_000, help="mails of the memory run; 0: none")
    parser.add_argument(
        "--short-lines",
        action="store_true",
        help="spare the peers the long lines of our HTML, which Django is slow to encode",
    )
    given = parser.parse_args()
    only = given.only.split(",")
    if unknown := set(only) - set(CONTENDERS):
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}")
    return Options(**vars(given) | {"only": only})


def measure(stage: Stage, contenders: Sequence[Contender], options: Options) -> dict[str, Summary]:
    """Everybody once a round, so that all meet the same weather; each round begins elsewhere."""
    turns: dict[str, list[Turn]] = {each.name: [] for each in contenders}
    for contender in contenders:
        contender.prepare(stage, options.messages)
    for number in range(options.rounds):
        first = number * len(contenders) // options.rounds
        for contender in [*contenders[first:], *contenders[:first]]:
            times = LIMIT_TIMES if contender.name == figures.LIMIT else 1
            turn = take_turn(contender, stage, times * options.messages)
            turns[contender.name].append(turn)
            report(turn, number + 1)
    return {name: summarise(each) for name, each in turns.items()}


def measure_long(stage: Stage, options: Options) -> Turn:
    LONG.prepare(stage, options.long)
    turn = take_turn(LONG, stage, options.long)
    report(turn, 1)
    return turn


def report(turn: Turn, number: int) -> None:
    outcome = turn.failure or (
        f"{turn.messages / turn.seconds:.0f} mails/s, CPU {turn.sender_cpu:.2f} + "
        f"{turn.servers_cpu:.2f} s per 1,000, {turn.peak:.0f} MiB"
    )
    note = f" ({turn.note})" if turn.note else ""
    print(f"round {number}: {turn.name}: {outcome}{note}", flush=True)


def keep_all(section: str, summaries: Mapping[str, Summary]) -> None:
    from benchmarks.report import keep

    keep("sending", section)
    bars = [
        barchart.Bar(label=each.name, value=each.rate, kind=get_kind(each))
        for each in summaries.values()
        if not each.failures
    ]
    CHART.write_text(barchart.draw("Mails per second, more is better", bars), encoding="utf-8")


def get_kind(each: Summary) -> str:
    if each.name == figures.LIMIT:
        return "limit"
    return "ours" if each.is_ours else "theirs"


def judge(summaries: Mapping[str, Summary], long: Turn | None) -> int:
    failed = [each.name for each in summaries.values() if each.failures]
    failed += [f"{long.name}, long run"] if long and long.failure else []
    missed = [goal.sentence for goal in figures.get_goals(summaries) if not goal.is_reached]
    for name, found in (("Failed", failed), ("Missed", missed)):
        if found:
            print(f"{name}: {'; '.join(found)}")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
