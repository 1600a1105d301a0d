"""The tables of the model, in Markdown. (m) is measured, (x) extrapolated."""

import argparse

from benchmarks.growth import GIB, MESSAGES, Life, get_need, get_people_for
from benchmarks.mailing import Mailing, Phase

INTAKES = (10_000, 100_000, 1_000_000, 3_300_000)
MEMORIES = (8, 32, 128)
LARGEST = 12
VACUUM_SHARES = (0.2, 0.02)


def gib(size: float) -> str:
    return f"{size / GIB:,.2f}" if size < 10 * GIB else f"{size / GIB:,.0f}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def describe_bytes(life: Life, people: int, target: int) -> str:
    lines = [
        _row(
            *("table", "rows a person", "heap B/row (m)", "indexes B/row (m)"),
            *(f"GiB at {people:,} (m)", f"GiB at {target:,}, whole lives (x)"),
        ),
        "|---|---|---|---|---|---|",
    ]
    for table in sorted(life.tables, key=lambda each: -life.get_bytes(each.name)):
        now = table.heap + sum(index.size for index in table.indexes)
        then = life.get_bytes(table.name) * target
        lines.append(
            f"| {table.name} | {round(life.rows[table.name], 1):g} | {table.heap_per_row:,.0f} "
            f"| {table.indexes_per_row:,.0f} | {gib(now)} | {gib(then)} |"
        )
    now = sum(each.heap + sum(index.size for index in each.indexes) for each in life.tables)
    lines.append(f"| **all** | | | | **{gib(now)}** | **{gib(life.bytes * target)}** |")
    kept = life.bytes - life.purged_bytes
    return "\n".join(lines) + (
        f"\n\nOne person's whole life is {life.bytes / 1024:,.1f} KiB (x). Purging takes "
        f"{life.content_bytes:,.0f} B (m) out of each message 90 days after it, for new rows to "
        f"use: {kept / 1024:,.1f} KiB a person stay for ever, {gib(kept * target)} GiB at "
        f"{target:,} (x)."
    )


def describe_indexes(life: Life, target: int) -> str:
    lines = [
        f"| index | B/entry (m) | GiB (m) | GiB at {target:,} (x) | depth now → then (x) |",
        "|---|---|---|---|---|",
    ]
    for index, size, factor in life.get_largest_indexes(target, LARGEST):
        each = index.size / max(index.rows, 1)
        depth = f"{index.get_depth()} → {index.get_depth(max(round(factor), 1))}"
        lines.append(f"| {index.name} | {each:.0f} | {gib(index.size)} | {gib(size)} | {depth} |")
    return "\n".join(lines)


def describe_growth(life: Life) -> str:
    lines = [
        _row(
            *("new enrolments a month", "messages a month", "GiB a month, before purging"),
            *("GiB a month that stay", "GiB after a year"),
        ),
        "|---|---|---|---|---|",
    ]
    kept = life.bytes - life.purged_bytes
    for intake in INTAKES:
        year = 12 * intake * kept + 3 * intake * life.purged_bytes
        lines.append(
            f"| {intake:,} | {intake * life.messages:,} | {gib(intake * life.bytes)} "
            f"| {gib(intake * kept)} | {gib(year)} |"
        )
    return "\n".join(lines) + "\n\nAll (x). Three months of contents are there at any time."


def describe_writing(mailing: Mailing, people: int, target: int, life: Life) -> str:
    lines = [
        _row(
            *("a message", "wall ms", "database CPU ms", "Python CPU ms", "WAL, whole pages"),
            *("WAL, without them", "rows updated", "of them HOT"),
        ),
        "|---|---|---|---|---|---|---|---|",
        _get_phase("planned", mailing.plan_worst, mailing.plan_least),
        _get_phase("sent", mailing.send_worst, mailing.send_least),
    ]
    factors = {
        table.name: target * life.rows[table.name] / max(table.rows, 1) for table in life.tables
    }
    vacuums = [
        f"{name} {seconds:.1f} s at {people:,} (m), {seconds * factors[name]:,.0f} s at "
        f"{target:,} whole lives (x)"
        for name, seconds in mailing.vacuum_seconds.items()
    ]
    return "\n".join(lines) + (
        "\n\nAll (m), with a transport that takes everything at once. Whole pages: right after "
        "a checkpoint, when the first change of each page writes all of it. VACUUM after these "
        f"mails, which reads every index from end to end: {'; '.join(vacuums)}."
    )


def _get_phase(name: str, worst: Phase, least: Phase) -> str:
    updated = sum(each.updated for each in worst.written.values())
    hot = sum(each.hot for each in worst.written.values())
    share = f"{hot / updated:.0%}" if updated else "–"
    return (
        f"| {name} | {worst.wall_ms / worst.mails:.2f} | {worst.database_ms / worst.mails:.2f} "
        f"| {worst.python_ms / worst.mails:.2f} "
        f"| {worst.wal / worst.mails / 1024:.1f} KiB | {least.wal / least.mails / 1024:.1f} KiB "
        f"| {updated / worst.mails:.1f} | {share} |"
    )


def describe_need(life: Life, mailing: Mailing, options: argparse.Namespace) -> str:
    need = get_need(
        mailing,
        mails=options.mails_a_day,
        hours=options.hours,
        rate=options.rate,
        database_ms=options.database_ms,
    )
    plan, send = mailing.plan_worst, mailing.send_worst
    sends = f"{send.rate:,.0f} messages/s; {send.rate_by_cpu:,.0f} if only CPU counted (m)"
    if options.rate:
        sends = f"{options.rate:,.0f} messages/s (given, from `make bench`)"
    messages = options.target * life.messages
    dead = sum(_get_dead(each) for each in (mailing.plan_worst, mailing.send_worst))
    lines = [
        f"| what | {options.mails_a_day:,} mails in {options.hours:g} hours |",
        "|---|---|",
        f"| mails/s | {need.per_second:.0f} |",
        _row(
            "one process plans",
            f"{plan.rate:,.0f} enrolments/s; {plan.rate_by_cpu:,.0f} if only CPU counted (m)",
        ),
        _row("one process sends, without a mail server", sends),
        _row("processes busy planning all the time (x)", f"{need.planners:.2f}"),
        _row("processes busy sending all the time (x)", f"{need.senders:.2f}"),
        f"| worker processes, half busy (x) | {need.processes} |",
        f"| database cores busy all the time (x) | {need.database_cores:.2f} |",
        f"| database cores, half busy, for mail alone (x) | {need.cores} |",
        f"| WAL a day (x) | {gib(need.wal_least)} to {gib(need.wal_worst)} GiB |",
        f"| dead rows a day (x) | {need.dead * options.mails_a_day:,.0f} |",
    ]
    vacuums = [
        f"every {messages * share / dead / options.mails_a_day:.1f} days at a scale factor of "
        f"{share:g}"
        for share in VACUUM_SHARES
    ]
    return "\n".join(lines) + (
        f"\n\nWith {messages:,} messages in the table, autovacuum comes "
        f"{' and '.join(vacuums)} (x)."
    )


def _get_dead(phase: Phase) -> float:
    """Dead rows among the messages, a mail."""
    return phase.written[MESSAGES].updated / phase.mails


def describe_memory(life: Life) -> str:
    message = next(each for each in life.tables if each.name == MESSAGES)
    lines = [
        _row(
            *("memory of the database, GiB", "people whose indexes fill half of it"),
            *("messages", "GiB of messages' indexes"),
        ),
        "|---|---|---|---|",
    ]
    for memory in MEMORIES:
        people = get_people_for(life, memory * GIB)
        messages = people * life.messages
        size = messages * message.indexes_per_row
        lines.append(f"| {memory} | {people:,.0f} | {messages:,.0f} | {gib(size)} |")
    return "\n".join(lines) + (
        f"\n\nAll (x), whole lives: {life.hot_index_bytes / 1024:.1f} KiB a person of indexes that "
        "planning and sending look into."
    )
