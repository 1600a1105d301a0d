import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from pmoportal import crashing

ROOT = Path(__file__).parent.parent.parent
TWICE = """
from pmoportal.crashing import reach
reach("in_purge")
reach("after_dot")
print("half")
reach("after_dot")
print("all")
"""


@pytest.mark.parametrize(
    ("crash_at", "status", "said"),
    [
        ("", 0, "half all"),
        ("in_planner", 0, "half all"),
        ("after_dot", 137, ""),
        ("after_dot:1", 137, ""),
        ("after_dot:2", 137, "half"),
        ("after_dot:3", 0, "half all"),
    ],
)
def test_a_process_dies_where_and_when_it_is_told(crash_at: str, status: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-c", TWICE],
        cwd=ROOT,
        env=os.environ | {"CRASH_AT": crash_at, "DJANGO_SETTINGS_MODULE": "pmoportal.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, " ".join(done.stdout.split())) == (status, said)


@pytest.mark.parametrize("value", ["somewhere", "after_dot:", "after_dot:x", "after_dot:-1", ":2"])
def test_a_point_that_does_not_exist_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^must be one of after_250, "):
        crashing.parse(value)


def test_no_other_point_counts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[int] = []
    monkeypatch.setattr(crashing.os, "_exit", died.append)
    settings.CRASH_AT = ("after_dot", 2)
    for name in ("after_250", "after_dot", "after_250", "after_dot", "after_dot"):
        crashing.reach(name)
    assert died == [137]
