"""The embedded servers, really started: as root by both ways, or as the ordinary user we are."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from pmoportal import embedded, postgres
from pmoportal.daemons import CannotStart, get_pid
from pmoportal.embedded import Servers, running
from tests.journeys.inbox import wait_until

ROOT = Path(__file__).parent.parent.parent
WAYS = ["namespace", "dropped"] if os.geteuid() == 0 else ["ordinary"]
HOLD = """
import sys
from pathlib import Path
from pmoportal.embedded import Servers, running
with running(Servers(var_dir=Path(sys.argv[1]), catcher=False, is_durable=False)):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _clean_up(tmp_path: Path) -> Iterator[None]:
    yield
    for var_dir in (tmp_path, *tmp_path.glob("*/")):
        Servers(var_dir=var_dir).stop_all()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "dropped":  # as where a container forbids user namespaces
        refusing = tmp_path / "bin" / "unshare"
        refusing.parent.mkdir()
        refusing.write_text("#!/bin/sh\nexit 1\n")
        refusing.chmod(0o755)
        monkeypatch.setenv("PATH", f"{refusing.parent}:{os.environ['PATH']}")
        monkeypatch.setattr(postgres, "_is_open", lambda _: False)  # the wheel under /root, say
    return str(request.param)


def get_servers(var_dir: Path) -> Servers:
    return Servers(var_dir=var_dir, catcher=False, is_durable=False)


def ask(servers: Servers, question: str) -> str:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        answer = connection.execute(question)  # type: ignore[call-overload]
        return str(answer.fetchone()[0]) if answer.description else ""


def get_postgres_pid(servers: Servers) -> int:
    return get_pid(servers.var_dir / "postgres" / "postmaster.pid")


def hold(var_dir: Path) -> "subprocess.Popen[str]":
    """A process that uses the servers until it is let go."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def let_go(process: "subprocess.Popen[str]") -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(30)


def wait_for(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "up\n"


def test_the_servers_keep_what_they_were_given_over_a_restart(way: str, tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    with running(servers):
        ask(servers, "CREATE TABLE kept AS SELECT 42 AS number")
        redis.from_url(servers.cache_url).set("kept", "43")
    with running(servers):
        assert ask(servers, "SELECT number FROM kept") == "42"
        assert redis.from_url(servers.cache_url).get("kept") == b"43"


def test_the_database_runs_as_the_user_that_the_way_says(way: str, tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    with running(servers):
        owner = (servers.var_dir / "postgres").stat().st_uid
    assert owner == {"namespace": 0, "dropped": 65534}.get(way, os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has two ways")
def test_a_folder_made_one_way_can_be_used_the_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = get_servers(tmp_path / "var")
    for may_unshare in (True, False, True):
        monkeypatch.setattr(postgres, "_may_unshare", lambda answer=may_unshare: answer)
        with running(servers):
            assert ask(servers, "SELECT 1") == "1"


def test_nothing_is_left_after_the_last_one(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    with running(servers):
        assert ask(servers, "SELECT 1") == "1"
    assert not servers.run_dir.exists()
    assert not (servers.var_dir / "postgres" / "postmaster.pid").exists()
    assert str(servers.run_dir) not in get_all_command_lines()


def test_the_last_one_out_stops_the_servers(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    with running(servers):
        pid = get_postgres_pid(servers)
        other = hold(servers.var_dir)
        wait_for(other)
    assert get_postgres_pid(servers) == pid
    assert let_go(other) == 0
    assert get_postgres_pid(servers) == 0


def test_two_starts_at_once_make_one_set_of_servers(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    both = [hold(servers.var_dir) for _ in range(2)]
    for each in both:
        wait_for(each)
    mark = f"unix_socket_directories={servers.run_dir}"
    # A backend that was just forked still has its parent's command line.
    wait_until(lambda: get_all_command_lines().count(mark) == 1, 5, "one server")
    assert [let_go(each) for each in both] == [0, 0]
    assert not servers.run_dir.exists()


def test_servers_of_a_killed_owner_are_used_again(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    owner = hold(servers.var_dir)
    wait_for(owner)
    owner.kill()
    owner.wait()
    pid = get_postgres_pid(servers)
    with running(servers):
        assert get_postgres_pid(servers) == pid
    assert get_postgres_pid(servers) == 0


def test_two_folders_have_servers_side_by_side(tmp_path: Path) -> None:
    one, two = get_servers(tmp_path / "one"), get_servers(tmp_path / "two")
    with running(one), running(two):
        ask(one, "CREATE TABLE only_in_one AS SELECT 1")
        assert ask(two, "SELECT to_regclass('only_in_one')") == "None"


def test_a_power_cut_is_recovered_from(tmp_path: Path) -> None:
    servers = Servers(var_dir=tmp_path / "var", catcher=False)
    with running(servers):
        ask(servers, "CREATE TABLE kept AS SELECT 42 AS number")
        pid = get_postgres_pid(servers)
        pid_file = servers.var_dir / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
        # The number now belongs to another living process, as after a restart of the machine.
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
        assert servers.start_missing() == ["Postgres"]
        assert ask(servers, "SELECT number FROM kept") == "42"


def test_a_removed_folder_gets_new_servers(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    owner = hold(servers.var_dir)
    wait_for(owner)
    owner.kill()
    owner.wait()
    shutil.rmtree(servers.var_dir)
    with running(servers):
        assert ask(servers, "SELECT 1") == "1"
        assert get_all_command_lines().count(f"unix_socket_directories={servers.run_dir}") == 1


def test_another_version_of_the_data_names_var_dir(tmp_path: Path) -> None:
    (tmp_path / "var" / "postgres").mkdir(parents=True)
    (tmp_path / "var" / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(CannotStart, match=r"^VAR_DIR: .*made by PostgreSQL 15"):
        get_servers(tmp_path / "var").start_missing()


def test_a_failed_start_shows_the_end_of_the_log_and_what_to_set(tmp_path: Path) -> None:
    servers = get_servers(tmp_path / "var")
    with running(servers):
        pass
    (servers.var_dir / "postgres" / "postgresql.conf").write_text("port = nonsense\n")
    with pytest.raises(CannotStart) as failure, running(servers):
        pass
    message = str(failure.value)
    assert message.startswith("PostgreSQL did not start. Set DATABASE_URL ")
    assert "postgres.log" in message
    assert "nonsense" in message


def test_a_folder_that_cannot_be_written_names_var_dir(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"^VAR_DIR: "), running(get_servers(tmp_path / "file")):
        pass


@pytest.mark.parametrize(
    ("find", "variable"),
    [(postgres.find_binaries, "DATABASE_URL"), (embedded.find_valkey, "CELERY_BROKER_URL")],
)
def test_without_binaries_the_message_says_what_to_set_or_install(
    find: object, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    monkeypatch.setattr(postgres, "DEBIAN", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CannotStart, match=rf"^{variable}.*bin/setup run"):
        find()  # type: ignore[operator]


def test_binaries_on_path_are_used_when_there_is_no_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("initdb", "postgres", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert postgres.find_binaries() == tmp_path
    assert embedded.find_valkey() == tmp_path / "valkey-server"


def test_two_first_starts_agree_on_one_secret(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    assert embedded.get_secret(file, make=lambda: "first") == "first"
    assert embedded.get_secret(file, make=lambda: "second") == "first"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_taken_mail_port_names_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        servers = Servers(var_dir=tmp_path, mail_port=port, postgres=False, valkey=False)
        with pytest.raises(CannotStart, match=rf"^PORT: .* {port}, .*EMAIL_URL"), running(servers):
            pass


def get_all_command_lines() -> str:
    listing = subprocess.run(
        ["ps", "-ww", "-e", "-o", "command="], capture_output=True, text=True, check=True
    )
    return listing.stdout


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.01)
