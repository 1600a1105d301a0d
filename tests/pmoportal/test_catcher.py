import smtplib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pmoportal.catcher import get_file_name
from pmoportal.embedded import Servers, running


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Servers]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    servers = Servers(var_dir=tmp_path, mail_port=port, postgres=False, valkey=False)
    with running(servers):
        yield servers


def test_a_caught_mail_lies_in_a_file_named_after_its_message_id(
    catcher: Servers, tmp_path: Path
) -> None:
    mail = b"Message-ID: <abc.1@pmo.example.com>\r\nSubject: Hej\r\n\r\nHej d\xc3\xa5\r\n"
    with smtplib.SMTP("127.0.0.1", catcher.mail_port) as connection:
        connection.sendmail("from@example.com", "to@example.com", mail)
    files = list((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == ["abc.1@pmo.example.com.eml"]
    assert files[0].read_bytes() == mail


@pytest.mark.parametrize(
    ("message_id", "name"),
    [
        ("<a.b@c>", "a.b@c.eml"),
        ("<../../etc/passwd>", "_.._etc_passwd.eml"),
        ("<a/b\0c>", "a_b_c.eml"),
    ],
)
def test_a_file_name_cannot_leave_the_folder(message_id: str, name: str) -> None:
    assert get_file_name(message_id) == name


def test_a_mail_without_a_message_id_still_gets_a_name() -> None:
    assert get_file_name("").endswith(".eml")
    assert get_file_name("") != get_file_name("")
