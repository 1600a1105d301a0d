"""A Valkey of a test's own, which it may kill and freeze, and whose connections it may cut."""

import signal
import subprocess
from pathlib import Path
from typing import Self

import redis

from pmoportal.embedded import find_valkey
from tests.journeys.inbox import wait_until


class Broker:
    """Use as a context manager; `url` is what CELERY_BROKER_URL takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "broker.sock"
        self.url = f"redis+socket://{self.socket}?virtual_host=0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.kill()
        self.server.wait()

    def start(self) -> None:
        command = [find_valkey(), "--port", "0", "--unixsocket", self.socket, "--dir", self.folder]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.socket.exists, 10, "the broker")

    def freeze(self) -> None:
        self.server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.server.send_signal(signal.SIGCONT)

    def cut(self) -> None:
        cut_connections(self.socket)

    def kill(self) -> None:
        self.server.kill()
        self.server.wait()
        self.socket.unlink()


def cut_connections(socket: Path) -> None:
    """All to the broker there end; the broker stays."""
    with redis.Redis(unix_socket_path=str(socket)) as client:
        own = client.client_id()
        for each in client.client_list():
            if int(each["id"]) != own:
                client.client_kill_filter(_id=each["id"])
