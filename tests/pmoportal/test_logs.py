import io
import logging
import uuid

import pytest
from django.conf import settings
from django.test import Client

from assessments import tokens as test_tokens
from campaigns import tokens
from pmoportal.logs import Discreet

RESPONSE = uuid.uuid4()
KINDS = ["test", "result", "invite", "confirm", "unsubscribe", "go"]
LINKS = [
    *(test_tokens.make(each, RESPONSE) for each in ("test", "result", "invite")),
    tokens.make("confirm", [1, RESPONSE.hex]),
    tokens.make("unsubscribe", [7, "", ""]),
    tokens.make("go", "https://example.se/" + "a" * 200),
]


def write(text: str, *arguments: object) -> str:
    record = logging.LogRecord("x", logging.INFO, "", 1, text, arguments, None)
    return Discreet("%(message)s").format(record)


def test_a_log_line_loses_addresses_in_its_arguments() -> None:
    line = write("to %s: <%s>", "anna.a@firma.se", "b@c.se")
    assert line == "to [address]: <[address]>"


@pytest.mark.parametrize("link", LINKS, ids=KINDS)
def test_a_log_line_loses_signed_links(link: str) -> None:
    assert write("Gone: %s", f"/m/x/{link}/") == "Gone: /m/x/[token]/"
    assert write('"GET /m/x/%s HTTP/1.1" 404', link) == '"GET /m/x/[token] HTTP/1.1" 404'
    assert write("%s", f"/m/x/{link[:-2]}") == "/m/x/[token]"
    assert write("%s", f"/m/x/x{link}x") == "/m/x/[token]"


def test_a_log_line_keeps_what_is_no_link() -> None:
    line = "campaigns.tasks.send_due_messages[0d3bb8b0-8a3c-4c76-b0a2-6b4f0f9f2d11] 1.25 s"
    assert write(line) == line


@pytest.mark.django_db
def test_the_log_of_a_refused_request_holds_no_link(client: Client) -> None:
    logger, heard = logging.getLogger("django.request"), io.StringIO()
    handler = logging.StreamHandler(heard)
    line = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(Discreet(line["format"], style=line["style"]))
    logger.addHandler(handler)
    try:
        link = tokens.make("confirm", [4711, RESPONSE.hex])
        assert client.get(f"/m/confirm/{link}/").status_code == 410
    finally:
        logger.removeHandler(handler)
    assert "Gone: /m/confirm/[token]/" in heard.getvalue()
    assert link not in heard.getvalue()
