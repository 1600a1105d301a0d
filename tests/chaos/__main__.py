"""Tears at a house that sends mail, then compares its rows with the mail server's own book.

Run as a program: `make chaos`. Each person is to get one mail. Workers, schedulers, broker and
database are real; the mail server is a process of its own, and is the judge. Exit status 1 when a
promise is broken.
"""

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tests.chaos.crew import Crew
from tests.chaos.house import make_house
from tests.chaos.judge import Book, open_court
from tests.chaos.plans import PLANS, Plan, get_emails, get_expected
from tests.chaos.storm import Deed, Storm
from tests.chaos.verdict import Evidence, Row, Verdict, judge
from tests.chaos.watching import Watch, every, ring, ring_all, wait_for_end

LOOK_EVERY = 0.5
RING_EVERY = 2.0  # a worker busy with a batch leaves the rest of the queue waiting
RECOVERY_LIMIT = 300


def main() -> int:
    options = read_options()
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background the first is not heard
        signal.signal(number, interrupt)
    started = time.monotonic()
    try:
        evidence = run(options)
    except KeyboardInterrupt:
        print("Stopped; nothing is left behind.")
        return 130
    took = time.monotonic() - started
    verdict = judge(evidence)
    text = describe(verdict, options, took)
    print(text, flush=True)
    if options.json:
        figures = {"figures": verdict.figures, "broken": verdict.broken, "seconds": took}
        options.json.write_text(json.dumps(figures))
    if options.keep:
        keep(text, options.plan)
    return 1 if verdict.broken else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/chaos", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default="kills")
    parser.add_argument("--kills", type=int, default=20, help="how many deeds of the plan")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--window", type=int, default=1, help="SENDING_WINDOW")
    parser.add_argument("--delay", type=float, default=0.02, help="a mail's longest wait, seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--keep", action="store_true", help="write benchmarks/RESULTS.md")
    return parser.parse_args()


def interrupt(number: int, frame: FrameType | None) -> None:
    """Told to end: by way of every `finally`, as with Ctrl-C."""
    raise KeyboardInterrupt


def run(options: argparse.Namespace) -> Evidence:
    plan = PLANS[options.plan]
    with ExitStack() as stack:
        court = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pmo-judge-")))
        book = stack.enter_context(open_court(court, delay=options.delay, seed=options.seed))
        folder = stack.enter_context(make_house(mail_port=book.port, window=options.window))
        from django.utils import timezone

        emails = get_emails(plan, options.messages)
        fill(emails)
        crew, watch = Crew(folder=folder), Watch()
        stack.callback(crew.end)
        crew.start()
        with every(LOOK_EVERY, watch.look):
            deeds = tear(plan, crew, watch, book, options)
            with every(RING_EVERY, ring):
                recovered, _ = wait_for_end(limit=RECOVERY_LIMIT, tend=crew.revive)
        from campaigns import invariants

        return Evidence(
            people=len(emails),
            window=options.window,
            rows=read_rows(plan),
            taken=book.read(),
            deeds=deeds,
            holders=watch.holders,
            cuts=watch.cuts,
            exits=crew.exits,
            longest_hold=watch.longest_hold,
            recovered=recovered,
            broken=[each.sentence for each in invariants.check(now=timezone.now())],
            broker_frozen=plan.broker_frozen if "freeze_broker" in plan.mixture else 0,
        )


def fill(emails: Sequence[str]) -> None:
    from django.utils import timezone

    from campaigns import publishing
    from tests.chaos.people import enrol

    version = publishing.get_published(key="utvecklingsmotorn")
    assert version is not None
    enrol(version, list(emails), now=timezone.now())


def tear(
    plan: Plan, crew: Crew, watch: Watch, book: Book, options: argparse.Namespace
) -> list[Deed]:
    chance = random.Random(options.seed)
    storm = Storm(plan=plan, crew=crew, book=book, total=options.messages, chance=chance)
    with ExitStack() as stack:
        stack.enter_context(every(RING_EVERY, ring_all))
        if plan.cut_every:
            stack.enter_context(every(plan.cut_every, watch.cut))
        storm.rage(options.kills)
    return storm.deeds


def read_rows(plan: Plan) -> list[Row]:
    from campaigns.models import Message

    columns = Message.objects.values_list("pk", "to", "state", "reason", "sending_at")
    return [
        Row(
            pk=pk,
            to=to,
            state=state,
            reason=reason,
            should=get_expected(plan, to),
            sending_at=sending_at,
        )
        for pk, to, state, reason, sending_at in columns
    ]


def describe(verdict: Verdict, options: argparse.Namespace, took: float) -> str:
    width = max(map(len, verdict.figures))
    what = f"plan {options.plan}, {options.kills} deeds, {options.messages} messages"
    lines = [
        f"Chaos: {what}, window {options.window}, seed {options.seed}; {took:.0f} s",
        *(f"  {name:{width}}  {figure}" for name, figure in verdict.figures.items()),
        *(f"BROKEN: {each}" for each in verdict.broken),
    ]
    return "\n".join([*lines, "" if verdict.broken else "Every promise is kept."]).rstrip()


def keep(text: str, plan: str) -> None:
    from benchmarks import report

    name = "chaos" if plan == "kills" else f"chaos-{plan}"
    command = f"`make chaos`, or `bin/chaos --plan {plan}`: {report.describe_machine()}."
    words = "Rows against the mail server's own book; 2 workers of 2 processes, 2 schedulers."
    title = f"## What is left after a storm: {plan}"
    report.keep(name, f"{title}\n\n{command} {words}\n\n```\n{text}\n```")


if __name__ == "__main__":
    sys.exit(main())
