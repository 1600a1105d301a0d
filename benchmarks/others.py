"""The others: peers in an environment of their own, and smtp-source, which only talks SMTP."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Running
from benchmarks.counting import find_program
from benchmarks.engine import fill, get_template, prepared, run
from benchmarks.processes import end
from benchmarks.stage import Stage
from benchmarks.workers import working
from tests.journeys.running import ROOT

DATABASE, PREPARED, BROKER = "peer", "peers", 3
SEND, HARMLESS = (f"benchmarks.peers.naive.tasks.{name}" for name in ("send_due", "warm"))
UNSENT = "SELECT count(*) FROM naive_recipient WHERE NOT is_sent"
# Reads one line and becomes the program, so that its number is known before it begins.
ON_A_LINE = ["sh", "-c", 'read -r _ && exec "$@"', "sh"]


@dataclass(frozen=True, kw_only=True)
class Commanded:
    """Sends by a management command of its own; see benchmarks/peers/commanded.py."""

    name: str
    command: str

    def get_options(self) -> dict[str, str]:
        return {}

    def prepare(self, stage: Stage, messages: int) -> None:
        prepare_peers(stage, messages)

    @contextmanager
    def start(self, stage: Stage, messages: int) -> Iterator[Running]:
        stage.make_database(DATABASE, template=PREPARED)
        said = stage.folder / "peer.out"
        module = ["-m", "benchmarks.peers.commanded", self.command]
        with said.open("wb") as stream, (stage.folder / "peer.log").open("ab") as log:
            process = subprocess.Popen(
                [str(find_python()), *module],
                cwd=ROOT,
                env=get_environment(stage, DATABASE) | self.get_options(),
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=log,
                start_new_session=True,
            )

        def find(word: str) -> list[str]:
            lines = said.read_text(encoding="utf-8").splitlines()
            return [line.partition(" ")[2] for line in lines if line.split(" ")[0] == word]

        try:
            while not find("ready"):
                if process.poll() is not None:
                    raise RuntimeError((stage.folder / "peer.log").read_text()[-3000:])
            yield Running(
                pid=process.pid,
                go=lambda: tell(process),
                is_done=lambda: bool(find("done")),
                is_alive=lambda: process.poll() is None,
                get_note=lambda: "".join(find("done")),
            )
        finally:
            end(process)


@dataclass(frozen=True, kw_only=True)
class PostOffice(Commanded):
    """Renders when it queues, as by default, or when it delivers, in two processes at once."""

    command: str = "post_office"
    is_rendered_late: bool = False

    def get_options(self) -> dict[str, str]:
        return {"RENDER_ON_DELIVERY": "1"} if self.is_rendered_late else {}


@dataclass(frozen=True, kw_only=True)
class Naive:
    """One task a message. That the first task writes all the others into the broker is counted."""

    name: str = "naive Celery, one task a mail"

    def prepare(self, stage: Stage, messages: int) -> None:
        prepare_peers(stage, messages)

    @contextmanager
    def start(self, stage: Stage, messages: int) -> Iterator[Running]:
        stage.make_database(DATABASE, template=PREPARED)
        stage.empty_broker()
        celery = [str(find_python()), "-m", "celery", "-A", "benchmarks.peers.naive.celery"]
        with (
            stage.connect(DATABASE) as connection,
            working(
                [*celery, "worker", "--concurrency", "2"],
                broker=stage.get_broker_url(BROKER),
                environment=get_environment(stage, DATABASE),
                log=stage.folder / "naive.log",
            ) as worker,
        ):
            worker.warm(HARMLESS)
            yield Running(
                pid=worker.process.pid,
                go=lambda: worker.ring(SEND),
                is_done=lambda: connection.execute(UNSENT).fetchone() == (0,),
                is_alive=lambda: worker.process.poll() is None,
            )


@dataclass(frozen=True, kw_only=True)
class SmtpSource:
    """The limit: a C program that sends one fixed mail of the same size, again and again."""

    name: str = "smtp-source -s 4 -d"

    def prepare(self, stage: Stage, messages: int) -> None:
        write_letter(stage, messages)

    @contextmanager
    def start(self, stage: Stage, messages: int) -> Iterator[Running]:
        found = find_program("smtp-source")
        assert found is not None
        command = [found, "-s", "4", "-d", "-m", str(messages)]
        command += ["-l", str(get_letter_size(stage))]
        command += ["-f", "pmo@example.com", "-t", "person@example.com"]
        process = subprocess.Popen(
            [*ON_A_LINE, *command, f"127.0.0.1:{stage.sink.port}"],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            yield Running(
                pid=process.pid,
                go=lambda: tell(process),
                is_done=lambda: True,
                # Asking would take away the ended process, and with it what it took.
                is_alive=lambda: True,
            )
        finally:
            end(process)


def tell(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    process.stdin.flush()


def prepare_peers(stage: Stage, messages: int) -> None:
    if not prepared(stage, PREPARED):
        write_letter(stage, messages)
        stage.make_database(PREPARED)
        command = [str(find_python()), "-m", "benchmarks.peers.preparing", str(messages)]
        run(command, get_environment(stage, PREPARED))
        stage.finish_database(PREPARED)


def write_letter(stage: Stage, messages: int) -> None:
    """The letter is ours, so our queue is filled first."""
    if not prepared(stage, get_template(messages)):
        fill(stage, messages)


def get_letter_size(stage: Stage) -> int:
    letter = json.loads((stage.folder / "letter.json").read_text(encoding="utf-8"))
    return int(letter["size"])


def get_environment(stage: Stage, database: str) -> dict[str, str]:
    return stage.get_environment(
        DJANGO_SETTINGS_MODULE="benchmarks.peers.settings",
        BENCH_FOLDER=str(stage.folder),
        BENCH_BROKER=stage.get_broker_url(BROKER),
        BENCH_DATABASE_HOST=str(stage.servers.run_dir),
        BENCH_DATABASE=database,
        BENCH_SMTP_PORT=str(stage.sink.port),
    )


def find_python() -> Path:
    """bin/bench makes the peers' environment; PEERS_PYTHON names another one's interpreter."""
    python = os.environ.get("PEERS_PYTHON") or ROOT / "benchmarks" / ".venv" / "bin" / "python"
    if not Path(python).exists():
        raise SystemExit(f"{python} is missing: bin/bench makes it, or set PEERS_PYTHON.")
    return Path(python)
