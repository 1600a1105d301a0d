"""Counts how well replies are told apart: precision and recall per verdict, over labelled mail.

    python -m benchmarks.replies [--all]

`--all` lists each mail that was judged otherwise than a person would.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.replies import Verdict, judge, open_mail
from tests.campaigns.corpus import RECEIVED_AT, Letter, read_corpus

# A person looks at both, and the sequence stops for both.
PEOPLE = {"unsure": "human"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Of one verdict: how much of what was called so is so, and how much of what is so was."""

    verdict: str
    count: int
    precision: float
    recall: float


def judge_all(letters: Iterable[Letter]) -> list[tuple[Letter, Verdict]]:
    return [(each, judge(open_mail(each.raw), received_at=RECEIVED_AT)) for each in letters]


def count(judged: Iterable[tuple[Letter, Verdict]]) -> list[Figure]:
    pairs = Counter(
        (PEOPLE.get(letter.want, letter.want), PEOPLE.get(verdict.kind, verdict.kind))
        for letter, verdict in judged
    )
    figures = []
    for verdict in sorted({want for want, _got in pairs}):
        right = pairs[verdict, verdict]
        wanted = sum(n for (want, _got), n in pairs.items() if want == verdict)
        called = sum(n for (_want, got), n in pairs.items() if got == verdict)
        precision = right / called if called else 1.0
        figures.append(
            Figure(verdict=verdict, count=wanted, precision=precision, recall=right / wanted)
        )
    return figures


def main() -> None:
    judged = judge_all(read_corpus())
    for part in ("tuned", "held_out"):
        mine = [(letter, verdict) for letter, verdict in judged if letter.part == part]
        print(f"\n{part}: {len(mine)} mails\nverdict      mails  precision  recall")
        for each in count(mine):
            print(f"{each.verdict:12} {each.count:5}  {each.precision:9.3f}  {each.recall:6.3f}")
    for letter, verdict in judged if "--all" in sys.argv else ():
        if (letter.want, letter.until) != (verdict.kind, verdict.until):
            print(f"{letter.name}: wanted {letter.want} {letter.until}, got {verdict}")


if __name__ == "__main__":
    main()
