"""Answers by mail, over real SMTP into a maildir that the running stack reads; and by POST."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from tests.campaigns.corpus import build
from tests.journeys.browsing import Form, Visitor
from tests.journeys.inbox import Inbox, Letter, find_free_port, wait_until
from tests.journeys.journey import get_links
from tests.journeys.running import RunningStack

pytestmark = pytest.mark.journey

PEOPLE = ("svarar", "studsar", "slutar", "stannar")


@contextmanager
def running_post_office(folder: Path) -> Iterator[int]:
    """A mail server that delivers into a maildir, as the operator's own would. Its port."""
    port = find_free_port()
    office = Controller(Mailbox(str(folder)), hostname="127.0.0.1", port=port)
    office.start()
    yield port
    office.stop()


def deliver(port: int, to: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.sendmail("somebody@example.org", [to], raw)


def choose_first(form: Form) -> str:
    return form.choices["choice"][0]


def join(stack: RunningStack, inbox: Inbox, email: str) -> None:
    visitor = Visitor(stack.url)
    page = visitor.take_test("/", choose_first)
    page = visitor.submit(page, page.get_form("email", "tips"), email=email, tips="on")
    confirm = get_links(inbox.wait(email, 1, 30)[0], "/m/confirm/")[0]
    page = visitor.get(confirm)
    assert visitor.submit(page, page.get_form()).status == 200


def answer(letter: Letter, sender: str, words: str) -> tuple[str, bytes]:
    """A reply whose program kept no reference: only the address says what it answers."""
    mail, to = EmailMessage(), str(letter.message["Reply-To"])
    mail["From"], mail["To"], mail["Subject"] = sender, to, f"Sv: {letter.subject}"
    mail["Message-ID"] = make_msgid(domain="example.se")
    mail.set_content(f"{words}\n\nDen 15 september 2026 skrev PMO-testet:\n\n{letter.text}")
    return to, mail.as_bytes(policy=policy.SMTP)


def bounce(letter: Letter) -> bytes:
    raw = build({"dsn": "postfix", "code": "5.1.1", "said": "smtp; 550 5.1.1 unknown"})
    ours = str(letter.message["Message-ID"]).strip("<>").encode()
    enclosed = raw.split(b"Message-ID: <", 2)[2].split(b">", 1)[0]
    return raw.replace(enclosed, ours)


def test_answers_reach_us_and_the_mail_stops(tmp_path: Path) -> None:
    maildir = tmp_path / "maildir"
    with running_post_office(maildir) as port, Inbox() as inbox:
        variables = {
            "EMAIL_URL": f"smtp://127.0.0.1:{inbox.port}",
            "DEMO_DAY_SECONDS": "2",
            "INBOUND_ADDRESS": "svar@example.com",
            "INBOUND_URL": f"maildir://{maildir}",
        }
        with RunningStack(**variables) as stack:
            people = [f"{name}@example.se" for name in PEOPLE]
            for email in people:
                join(stack, inbox, email)
            replies, bounces, leaves, stays = people
            tips = {email: inbox.wait(email, 3, 60)[2] for email in people}
            deliver(port, *answer(tips[replies], replies, "Hej, kan vi höras?"))
            deliver(port, "pmo@example.com", bounce(tips[bounces]))
            deliver(port, *answer(tips[leaves], leaves, "Ta bort mig från listan."))
            wait_until(lambda: len(list((maildir / "cur").iterdir())) == 3, 30, "the marks")
            had = {email: len(inbox.get_letters(email)) for email in people}
            inbox.wait(stays, had[stays] + 2, 60)
            for email in (replies, bounces, leaves):
                assert len(inbox.get_letters(email)) <= had[email] + 1, email
            assert len(inbox.get_letters(replies)) < len(inbox.get_letters(stays))
            visitor = Visitor(stack.url)
            page = visitor.get(get_links(tips[stays], "/m/answer/")[0])
            page = visitor.submit(page, page.get_form(), choice="done", text="Det gick bra")
            assert (page.status, 'name="choice"' in page.body) == (200, False)
            assert visitor.cookies == []
            assert not any(email in stack.log for email in people)
