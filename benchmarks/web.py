"""Drives the test from start to result over HTTP, beside a bare view on the same server.

Run as a program: `make bench-web`. Every client walks one test after the other; between two
answers it asks for the bare view, so that both meet the same machine in the same second. Exit
status 1 when a page misses its goal.
"""

import argparse
import http.client
import re
import statistics
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import yaml

from benchmarks.report import describe_machine, keep
from benchmarks.serving import serving
from tests.journeys.running import ROOT

GOAL_RATIO = 2.0
GOAL_SECONDS = 240
BARE = "bare view: one insert, one template"
PAGES = ("start, shown", "start, posted", "question, shown", "answer, posted", "result, shown")
RADIO = re.compile(r'name="choice" value="([^"]+)"')
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

Times = dict[str, list[float]]


class Client:
    """One person after the other, on one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.times: Times = defaultdict(list)
        self.completed = 0

    def work(self, until: float) -> None:
        while time.perf_counter() < until:
            self.take_test()
            self.completed += 1

    def take_test(self) -> None:
        self.ask("GET", "/test/pmo/", PAGES[0], 200)
        address, _ = self.ask("POST", "/test/pmo/", PAGES[1], 302)
        while "/resultat/" not in address:
            _, page = self.ask("GET", address, PAGES[2], 200)
            choice = f"choice={RADIO.findall(page)[1]}"
            address, _ = self.ask("POST", address, PAGES[3], 302, choice)
            self.ask("POST", "/bare/", BARE, 200, choice)
        self.ask("GET", address, PAGES[4], 200)

    def ask(
        self, method: str, path: str, kind: str, status: int, content: str = ""
    ) -> tuple[str, str]:
        """Where the answer leads, and its page. Raises RuntimeError for an unexpected status."""
        started = time.perf_counter()
        self.connection.request(method, path, content, HEADERS)
        answer = self.connection.getresponse()
        body = answer.read()
        self.times[kind].append(time.perf_counter() - started)
        if answer.status != status:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
        return answer.headers.get("Location", ""), body.decode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--server", choices=["gunicorn", "granian"], default="gunicorn")
    options = parser.parse_args()
    with serving(options.server) as port:
        measure(port, options.clients, seconds=3)  # everything imported, everything cached
        times, completed, took = measure(port, options.clients, options.seconds)
    expected = get_expected_seconds()
    rate = completed / took
    table = build_table(times)
    summary = (
        f"{rate:.1f} completed tests/s with {options.clients} clients in {took:.0f} s. "
        f"Expected time for a person: {expected:.0f} s (words at 200 a minute and 5 s for each "
        f"choice); the goal is under {GOAL_SECONDS} s."
    )
    print(f"{table}\n\n{summary}")
    if options.server == "gunicorn":
        keep("web", build_section(table, summary))
    missed = [kind for kind in PAGES if get_ratio(times, kind) > GOAL_RATIO]
    if expected >= GOAL_SECONDS:
        missed.append("expected time")
    print(f"Missed: {', '.join(missed)}" if missed else "Every goal is met.")
    return 1 if missed else 0


def measure(port: int, clients: int, seconds: float) -> tuple[Times, int, float]:
    """Times in seconds by kind of page, how many tests were completed, and how long it took.

    Tests under way when the time is up are finished. Raises what any client raised.
    """
    workers = [Client(port) for _ in range(clients)]
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        for done in [threads.submit(each.work, started + seconds) for each in workers]:
            done.result()
    took = time.perf_counter() - started
    times: Times = defaultdict(list)
    for worker in workers:
        worker.connection.close()
        for kind, measured in worker.times.items():
            times[kind] += measured
    return times, sum(worker.completed for worker in workers), took


def build_table(times: Times) -> str:
    lines = ["| page | requests | median ms | p95 ms | p95 : bare |", "|---|---|---|---|---|"]
    for kind in (BARE, *PAGES):
        median = 1000 * statistics.median(times[kind])
        p95 = 1000 * get_p95(times[kind])
        ratio = get_ratio(times, kind)
        lines.append(f"| {kind} | {len(times[kind])} | {median:.1f} | {p95:.1f} | {ratio:.2f} |")
    return "\n".join(lines)


def get_ratio(times: Times, kind: str) -> float:
    return get_p95(times[kind]) / get_p95(times[BARE])


def get_p95(measured: list[float]) -> float:
    return statistics.quantiles(measured, n=20)[-1]


def build_section(table: str, summary: str) -> str:
    return f"""\
## The test, from start to result

`make bench-web`: {describe_machine()}. gunicorn as in `make run` (2 processes, 4 threads each),
PostgreSQL and Valkey beside it on the same machine, as is the client. The bare view runs on the
same server behind the same middleware, one request after each answer.

{table}

{summary} The goal for every page is a p95 of at most {GOAL_RATIO:g} times the bare view's.
"""


def get_expected_seconds() -> float:
    """How long a person needs for the shipped test."""
    source = (ROOT / "content" / "assessment.yaml").read_text(encoding="utf-8")
    questions = yaml.safe_load(source)["questions"]
    words = sum(len(each["text"]["sv"].split()) for each in questions)
    words += sum(len(c["label"]["sv"].split()) for each in questions for c in each["choices"])
    return 60 * words / 200 + 5 * len(questions)


if __name__ == "__main__":
    sys.exit(main())
