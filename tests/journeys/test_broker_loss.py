"""The broker is away at the very moment somebody confirms. Nothing may be lost."""

import time
from pathlib import Path

import pytest

from tests.broker import Broker
from tests.journeys.browsing import Form, Page, Visitor
from tests.journeys.inbox import Inbox
from tests.journeys.journey import get_links
from tests.journeys.running import RunningStack

BACK_AFTER = 60.0
QUICK = 2.0


def answer(form: Form) -> str:
    return form.choices["choice"][0]


def ask_for_tips(visitor: Visitor, inbox: Inbox, email: str) -> Page:
    """To the confirming page, by way of the confirming mail."""
    page = visitor.take_test("/", answer)
    visitor.submit(page, page.get_form("email", "tips"), email=email, tips="on")
    letter = inbox.wait(email, 1, BACK_AFTER)[0]
    return visitor.get(get_links(letter, "/m/confirm/")[0])


def confirm(visitor: Visitor, page: Page) -> float:
    started = time.monotonic()
    page = visitor.submit(page, page.get_form())
    assert page.status == 200
    return time.monotonic() - started


@pytest.mark.journey
def test_the_first_mail_comes_although_the_broker_was_away_when_it_was_confirmed(
    tmp_path: Path,
) -> None:
    with (
        Broker(tmp_path) as broker,
        Inbox() as inbox,
        RunningStack(
            EMAIL_URL=f"smtp://127.0.0.1:{inbox.port}", CELERY_BROKER_URL=broker.url
        ) as stack,
    ):
        visitor = Visitor(stack.url)
        cut, frozen, dead = (
            ask_for_tips(visitor, inbox, f"{name}@example.se") for name in ("cut", "frozen", "dead")
        )
        broker.cut()
        assert confirm(visitor, cut) < QUICK
        inbox.wait("cut@example.se", 2, BACK_AFTER)

        # Then frozen: a web process that has noticed does not ask again for half a minute.
        broker.freeze()
        assert confirm(visitor, frozen) < QUICK
        broker.thaw()
        inbox.wait("frozen@example.se", 2, BACK_AFTER)

        broker.kill()
        assert confirm(visitor, dead) < QUICK
        broker.start()
        inbox.wait("dead@example.se", 2, BACK_AFTER)
    assert stack.exit_status == 0
