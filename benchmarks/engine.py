"""Our own engine, through the front door: rows in the queue, a worker, a ring."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.contenders import Running
from benchmarks.stage import Connection, Stage
from benchmarks.workers import START_SECONDS, Worker, working
from tests.journeys.running import ROOT

SEND, HARMLESS = "campaigns.tasks.send_due_messages", "campaigns.tasks.settle_stale"
LEFT = "SELECT count(*) FROM campaigns_message WHERE state <> 'sent'"
# Workers pass over rows that somebody holds, so these wait until warming is over.
HOLD = "SELECT id FROM campaigns_message ORDER BY due_at DESC, id LIMIT %s FOR UPDATE"
TRIM = """
    DELETE FROM campaigns_message WHERE id IN (
        SELECT id FROM campaigns_message ORDER BY due_at, id LIMIT %s)
"""
# As many as one ring takes: each process gets its own.
WARMING = 200
MOST_PROCESSES = 2
DATABASE = "engine"


@dataclass(frozen=True, kw_only=True)
class Engine:
    window: int
    processes: int = 1

    @property
    def name(self) -> str:
        processes = "1 process" if self.processes == 1 else f"{self.processes} processes"
        return f"ours, window {self.window}, {processes}"

    def prepare(self, stage: Stage, messages: int) -> None:
        if not prepared(stage, get_template(messages)):
            fill(stage, messages)

    @contextmanager
    def start(self, stage: Stage, messages: int) -> Iterator[Running]:
        stage.make_database(DATABASE, template=get_template(messages))
        stage.empty_broker()
        environment = get_environment(stage, DATABASE) | {"SENDING_WINDOW": str(self.window)}
        permit(environment)
        celery = [sys.executable, "-m", "celery", "-A", "pmoportal", "worker"]
        with (
            stage.connect(DATABASE) as connection,
            working(
                [*celery, "--concurrency", str(self.processes)],
                broker=stage.get_broker_url(0),
                environment=environment,
                log=stage.folder / "engine.log",
                prefix="drip:",
            ) as worker,
        ):
            connection.execute(TRIM, [WARMING * (MOST_PROCESSES - self.processes)])
            worker.warm(HARMLESS)
            self._warm(worker, connection, messages)
            yield Running(
                pid=worker.process.pid,
                go=lambda: worker.ring(SEND, times=self.processes),
                is_done=lambda: get_left(connection) == 0,
                is_alive=lambda: worker.process.poll() is None,
            )

    def _warm(self, worker: Worker, connection: Connection, messages: int) -> None:
        """Real mails: the first ones read modules, red days and the text of the letter."""
        deadline = time.monotonic() + START_SECONDS
        with connection.transaction():
            connection.execute(HOLD, [messages])
            worker.ring(SEND, times=self.processes)
            while get_left(connection) > messages:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no mail leaves:\n{worker.get_tail()}")
                time.sleep(0.1)
            # A worker that took a full batch rings for itself: that ring must find nothing.
            worker.wait_until_idle()
        if (left := get_left(connection)) != messages:
            raise RuntimeError(f"{left} mails are left after warming, instead of {messages}")


def get_left(connection: Connection) -> int:
    row = connection.execute(LEFT).fetchone()
    assert row is not None
    return row[0]


def get_template(messages: int) -> str:
    return f"engine_{messages}"


def get_environment(stage: Stage, database: str) -> dict[str, str]:
    return stage.get_environment(
        DATABASE_URL=stage.get_database_url(database),
        EMAIL_URL=f"smtp://127.0.0.1:{stage.sink.port}",
        DJANGO_SETTINGS_MODULE="pmoportal.settings",
    )


def prepared(stage: Stage, name: str) -> bool:
    with stage.connect("postgres") as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def fill(stage: Stage, messages: int) -> None:
    name, count = get_template(messages), messages + WARMING * MOST_PROCESSES
    stage.make_database(name)
    run(
        [sys.executable, "-m", "benchmarks.queueing", str(count), str(stage.folder)],
        get_environment(stage, name),
    )
    stage.finish_database(name)


def permit(environment: dict[str, str]) -> None:
    """Sending may need a permit for this very database."""
    commands = run([sys.executable, "manage.py", "help", "--commands"], environment)
    if "permit" in commands.split():
        run([sys.executable, "manage.py", "permit", "--grant", "--yes"], environment)


def run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[1:3]} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout
