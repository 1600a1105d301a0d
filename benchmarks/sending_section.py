"""What RESULTS.md says about sending: figures, goals, machine and method."""

import json
import os
import re
from collections.abc import Mapping

from benchmarks import figures
from benchmarks.contenders import Turn
from benchmarks.figures import Summary
from benchmarks.report import describe_machine
from benchmarks.stage import TUNING, Stage
from tests.journeys.running import ROOT

PEERS = ("django-post-office", "django-newsletter", "django-drip-campaigns", "celery")


def build_section(
    summaries: Mapping[str, Summary], long: Turn | None, stage: Stage, rounds: int, messages: int
) -> str:
    table = figures.build_table(summaries.values(), summaries.get(figures.BASE))
    goals = figures.build_goals(figures.get_goals(summaries))
    return f"""\
## Sending, beside its peers

`make bench`: {describe_machine()}, {describe_postgres(stage)}, {stage.sink.name}; \
{describe_peers()}. Rounds: {rounds}, of {messages:,} mails each; medians.{describe_tuning()}

![Mails per second, ours and the peers'](sending.svg)

{table}

"Ours" in the ratios is window 1, one process. {describe_notes(summaries)}

{goals}

{describe_long(long)}

{describe_method(get_letter(stage))}"""


def describe_postgres(stage: Stage) -> str:
    with stage.connect("postgres") as connection:
        found = connection.execute(
            "SELECT current_setting('server_version'), current_setting('fsync')"
        ).fetchone()
    version, fsync = found or ("", "")
    return f"PostgreSQL {version} with fsync {fsync}"


def describe_peers() -> str:
    locked = (ROOT / "requirements" / "bench.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([\w-]+)==(\S+)", locked, re.MULTILINE))
    return ", ".join(f"{name} {versions[name]}" for name in PEERS)


def describe_tuning() -> str:
    found = [f"{name}={os.environ[name]}" for name in TUNING if name in os.environ]
    return f" Ours with {', '.join(found)}." if found else ""


def describe_notes(summaries: Mapping[str, Summary]) -> str:
    noted = [f"{each.name}: {', '.join(each.notes)}" for each in summaries.values() if each.notes]
    return f"Within the time: {'; '.join(noted)}." if noted else ""


def describe_long(long: Turn | None) -> str:
    if long is None:
        return ""
    if long.failure:
        return f"Memory over {long.messages:,} mails in one run: failed, {long.failure}."
    assert long.early is not None
    assert long.late is not None
    early, late = long.early, long.late
    return (
        f"Memory over {long.messages:,} mails in one run ({long.name}): the process that works "
        f"has {early.largest:.0f} MiB after 10 % and {late.largest:.0f} MiB after 100 % (RSS); PSS "
        f"with its parent is {early.pss:.0f} and {late.pss:.0f} MiB, since pages shared with the "
        f"parent become its own. {long.messages / long.seconds:,.0f} mails/s."
    )


def get_letter(stage: Stage) -> dict[str, int]:
    letter = json.loads((stage.folder / "letter.json").read_text(encoding="utf-8"))
    return {name: int(letter[name]) for name in ("size", "html_size", "text_size")}


def describe_method(letter: Mapping[str, int]) -> str:
    html, text, size = (letter[name] / 1000 for name in ("html_size", "text_size", "size"))
    return f"""\
- **The mail** is the shipped result letter: {html:.1f} KB of HTML and {text:.1f} KB of text, \
{size:.1f} KB on the wire. The peers send the same words from Django templates; newsletter and \
drip know a name and an address, so all other values are written out for them.
- **Ours**: rows planned by the planner, then `celery -A pmoportal worker`, warm from 200 mails \
a process, and one ring per process; from the ring until every row says *sent*. Consent, \
suppression and window are asked for each mail, links are signed, outcomes written down.
- **The peers** send by their own commands in an environment of their own \
(`requirements/bench.txt`), started and warm from a mail before the clock. django-post-office is \
tuned: 2 processes of 5 threads, batches of 2,500, no log of successes; what it writes into its \
queue is within the time. Its second row renders when it delivers (`render_on_delivery`). Naive \
Celery: one task finds the rows and asks for one task each; prefork 2.
- **Everybody** has a fresh copy of a filled database, and the turns alternate. Delivered is the \
sink's own count. CPU is user and system time of all the sender's processes, and of \
PostgreSQL with its ended backends and Valkey, from ready to drained, by `/proc`; the sink is not \
counted. PSS is looked at every 0.3 s. `smtp-source` sends one fixed mail of the same size, five \
times as many, and neither renders nor asks anybody."""
