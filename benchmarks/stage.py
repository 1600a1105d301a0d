"""What all contenders share in a run: one PostgreSQL, one Valkey, one sink, one scratch folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis

from benchmarks.counting import Sink, counting
from benchmarks.processes import get_cpu
from pmoportal import daemons
from pmoportal.embedded import Servers, running
from tests.journeys.running import OWN_VARIABLES

# Of what else is set outside, only this reaches the contenders.
TUNING = ("SENDING_CONNECTIONS",)

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    folder: Path
    servers: Servers
    sink: Sink

    def get_environment(self, **variables: str) -> dict[str, str]:
        """Whatever was set outside is gone: a DATABASE_URL must not get this load."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not OWN_VARIABLES.fullmatch(name) and not name.startswith("SENDING_")
        }
        tuning = {name: os.environ[name] for name in TUNING if name in os.environ}
        return kept | tuning | {"VAR_DIR": str(self.servers.var_dir)} | variables

    def get_database_url(self, name: str) -> str:
        return f"postgres://app@{quote(str(self.servers.run_dir), safe='')}/{name}"

    def get_broker_url(self, number: int) -> str:
        return self.servers.broker_url.replace("virtual_host=0", f"virtual_host={number}")

    def make_database(self, name: str, *, template: str = "template1") -> None:
        """Anew, as a copy; written out at once, so that nobody pays for it while he is timed."""
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            connection.execute("CHECKPOINT")

    def finish_database(self, name: str) -> None:
        """Statistics as they are in a database that has lived for a while."""
        with self.connect(name) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def connect(self, name: str) -> Connection:
        return psycopg.connect(
            host=str(self.servers.run_dir), user="app", dbname=name, autocommit=True
        )

    def empty_broker(self) -> None:
        redis.Redis(unix_socket_path=f"{self.servers.run_dir}/valkey.sock").flushall()

    def get_servers_cpu(self) -> float:
        """PostgreSQL with the backends that have ended, and Valkey."""
        postgres = daemons.get_pid(self.servers.var_dir / "postgres" / "postmaster.pid")
        valkey = daemons.get_pid(self.servers.run_dir / "valkey.pid")
        return get_cpu(postgres) + get_cpu(valkey)


@contextmanager
def staging() -> Iterator[Stage]:
    """Nothing is left behind. fsync is on."""
    with tempfile.TemporaryDirectory(prefix="pmo-bench-") as name:
        folder = Path(name).resolve()
        servers = Servers(var_dir=folder / "var", catcher=False, is_durable=True)
        with running(servers), counting(folder) as sink:
            yield Stage(folder=folder, servers=servers, sink=sink)
