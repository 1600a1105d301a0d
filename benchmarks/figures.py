"""From turns to figures: medians, ratios to ours, and whether the goals are reached."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.contenders import Turn

WIDE, NARROW = "ours, window 50", "ours, window 1,"
BASE = "ours, window 1, 1 process"
LIMIT = "smtp-source -s 4 -d"
HEAD = (
    "| contender | mails/s (least–most) | : ours | CPU s per 1,000 mails: sender "
    "| PostgreSQL + Valkey | sum : ours | peak PSS MiB | : ours | delivered |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Medians over the rounds. CPU is in seconds per 1,000 mails, memory in MiB."""

    name: str
    rate: float
    least: float
    most: float
    sender_cpu: float
    servers_cpu: float
    peak: float
    delivered: str
    notes: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def cpu(self) -> float:
        return self.sender_cpu + self.servers_cpu

    @property
    def is_ours(self) -> bool:
        return self.name.startswith("ours")


@dataclass(frozen=True, kw_only=True)
class Goal:
    sentence: str
    measured: float
    wanted: float
    is_at_least: bool = True
    compared_with: str = ""

    @property
    def is_reached(self) -> bool:
        if self.is_at_least:
            return self.measured >= self.wanted
        return self.measured <= self.wanted


def summarise(turns: Sequence[Turn]) -> Summary:
    """The turns of one contender. One that failed once has failed."""
    rates = [turn.messages / turn.seconds if turn.seconds else 0 for turn in turns]
    return Summary(
        name=turns[0].name,
        rate=statistics.median(rates),
        least=min(rates),
        most=max(rates),
        sender_cpu=statistics.median(turn.sender_cpu for turn in turns),
        servers_cpu=statistics.median(turn.servers_cpu for turn in turns),
        peak=statistics.median(turn.peak for turn in turns),
        delivered=f"{sum(t.delivered for t in turns):,} of {sum(t.messages for t in turns):,}",
        notes=tuple(turn.note for turn in turns if turn.note),
        failures=tuple(turn.failure.splitlines()[0] for turn in turns if turn.failure),
    )


def get_goals(summaries: Mapping[str, Summary]) -> list[Goal]:
    """Those that can be judged by what was measured and did not fail."""
    good = {name: each for name, each in summaries.items() if not each.failures}
    peers = [each for each in good.values() if not each.is_ours and each.name != LIMIT]
    wide, narrow = (_get_best(good.values(), name) for name in (WIDE, NARROW))
    limit = good.get(LIMIT)
    goals = []
    if peers:
        fastest = max(peers, key=lambda each: each.rate)
        thriftiest = min(peers, key=lambda each: each.cpu)
        if wide:
            goals += [
                _judge_rate("window 50", wide, fastest, 10),
                Goal(
                    sentence="window 50: at most 0.10 of the thriftiest peer's CPU",
                    measured=wide.cpu / thriftiest.cpu,
                    wanted=0.10,
                    is_at_least=False,
                    compared_with=thriftiest.name,
                ),
            ]
        if narrow:
            goals.insert(1, _judge_rate("window 1", narrow, fastest, 5))
    if wide and limit:
        goals.append(
            Goal(
                sentence="window 50: at least 0.40 of smtp-source's mails/s",
                measured=wide.rate / limit.rate,
                wanted=0.40,
                compared_with=LIMIT,
            )
        )
    return goals


def _get_best(summaries: Iterable[Summary], start: str) -> Summary | None:
    """With one process or two, as the peers may use two."""
    ours = [each for each in summaries if each.name.startswith(start)]
    return max(ours, key=lambda each: each.rate, default=None)


def build_table(summaries: Iterable[Summary], base: Summary | None) -> str:
    return "\n".join([HEAD, *(_build_row(each, base) for each in summaries)])


def build_goals(goals: Iterable[Goal]) -> str:
    lines = ["| goal | measured | compared with | reached |", "|---|---|---|---|"]
    for goal in goals:
        answer = "yes" if goal.is_reached else "**no**"
        lines.append(f"| {goal.sentence} | {goal.measured:.2f} | {goal.compared_with} | {answer} |")
    return "\n".join(lines)


def _judge_rate(setting: str, ours: Summary, fastest: Summary, times: int) -> Goal:
    return Goal(
        sentence=f"{setting}: at least {times} times the fastest peer's mails/s",
        measured=ours.rate / fastest.rate,
        wanted=times,
        compared_with=fastest.name,
    )


def _build_row(each: Summary, base: Summary | None) -> str:
    if each.failures:
        empty = " – |" * 6
        return f"| {each.name} | **failed**: {each.failures[0]} |{empty} {each.delivered} |"
    ratios = ["–"] * 3
    if base and not base.failures:
        pairs = ((each.rate, base.rate), (each.cpu, base.cpu), (each.peak, base.peak))
        ratios = [f"{mine / ours:.2f}" for mine, ours in pairs]
    cells = [each.name, f"{each.rate:,.0f} ({each.least:,.0f}–{each.most:,.0f})", ratios[0]]
    cells += [f"{each.sender_cpu:.2f}", f"{each.servers_cpu:.2f}", ratios[1]]
    cells += [f"{each.peak:.0f}", ratios[2], each.delivered]
    return f"| {' | '.join(cells)} |"
