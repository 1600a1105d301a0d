"""What processes cost, read from /proc: CPU-seconds and memory of a process and its descendants."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.3


@dataclass(frozen=True, kw_only=True)
class Stat:
    """`cpu` counts the process itself and its children that have ended."""

    parent: int
    cpu: float


@dataclass(frozen=True, kw_only=True)
class Memory:
    """MiB: PSS of all processes, and RSS of the largest, by `progress` of the work.

    PSS of a parent and its forks rises without anybody using more, as the shared pages are
    written to one by one; RSS does not.
    """

    progress: int
    pss: float
    largest: float


class Sampler:
    """Watches the memory of a process tree while it works."""

    def __init__(self, root: int, get_progress: Callable[[], int]) -> None:
        self._root = root
        self._get_progress = get_progress
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.samples: list[Memory] = []

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def get_peak(self) -> float:
        return max(sample.pss for sample in self.samples)

    def get_at(self, progress: int) -> Memory:
        """At the first look by which that much was done, else at the last."""
        reached = (sample for sample in self.samples if sample.progress >= progress)
        return next(reached, self.samples[-1])

    def _watch(self) -> None:
        while not self._is_over.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self) -> None:
        seen = [_read_memory(pid) for pid in get_tree(self._root)]
        if pss := sum(each[0] for each in seen):
            largest = max(rss for _, rss in seen)
            self.samples.append(Memory(progress=self._get_progress(), pss=pss, largest=largest))


def get_cpu(root: int) -> float:
    """CPU-seconds of the process, its living descendants and the ended ones, each once."""
    while True:
        tree = get_tree(root)
        found = [_read_stat(pid) for pid in tree]
        # Whoever ended meanwhile would be missing, or counted twice: by itself and its parent.
        if get_tree(root) == tree:
            return sum(stat.cpu for stat in found if stat)


def get_tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _read_stat(int(entry.name))):
            children.setdefault(stat.parent, []).append(int(entry.name))
    tree = [root]
    for pid in tree:
        tree += sorted(children.get(pid, []))
    return tree


def end(process: subprocess.Popen[bytes], *, patience: float = 20) -> None:
    """In peace, else with everything in its session; it was started with one of its own."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _read_stat(pid: int) -> Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    values = text.rpartition(")")[2].split()  # the name before may hold spaces
    return Stat(parent=int(values[1]), cpu=sum(map(int, values[11:15])) / TICKS)


def _read_memory(pid: int) -> tuple[float, float]:
    """PSS and RSS in MiB; nothing for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Pss:"], sizes["Rss:"]
