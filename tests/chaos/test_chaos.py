"""The storm as a program: what it finds at the size of the gate, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pmoportal.embedded import Servers
from tests.journeys.inbox import wait_until
from tests.journeys.running import ROOT

START_SECONDS = 240
STOP_SECONDS = 60
CHAOS = [sys.executable, "-m", "tests.chaos", "--kills", "20", "--messages", "2000"]

pytestmark = [pytest.mark.journey, pytest.mark.quiet]


def start(*options: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CHAOS, *options],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def get_logs(tmp_path: Path) -> Iterator[Path]:
    return tmp_path.glob("pmo-chaos-*/log/beat-1.*")


def has_words(log: Path) -> bool:
    return log.stat().st_size > 0


def test_twenty_killed_workers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    report = tmp_path / "verdict.json"
    with start("--json", str(report)) as storm:
        said, _ = storm.communicate()

    assert report.exists(), said
    verdict: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    assert verdict["broken"] == [], said
    assert storm.returncode == 0
    figures = verdict["figures"]
    assert (figures["people"], figures["lost"], figures["double"]) == ("2000", "0", "0")
    assert figures["deeds"].startswith("20 kill")


def test_a_storm_that_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    with start(TMPDIR=str(tmp_path)) as storm:
        # Python says nothing of an interrupt that comes while it forks: the last one has spoken.
        wait_until(lambda: any(map(has_words, get_logs(tmp_path))), START_SECONDS, "the storm")
        folder = next(tmp_path.glob("pmo-chaos-*"))
        storm.send_signal(signal.SIGINT)
        said, _ = storm.communicate(timeout=STOP_SECONDS)

    assert storm.returncode == 130, said
    assert list(tmp_path.iterdir()) == []
    assert not Servers(var_dir=folder.resolve()).run_dir.exists()
    assert find_processes(str(tmp_path)) == []


def find_processes(word: str) -> list[str]:
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,command="], capture_output=True, text=True, check=True
    )
    return [line for line in listing.stdout.splitlines() if word in line]
