"""One person through the real stack, and out of it: tables, files, logs and keys."""

import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.journeys.browsing import Form, Visitor
from tests.journeys.erasing import EMAIL, NAME
from tests.journeys.inbox import wait_until
from tests.journeys.running import RunningStack

pytestmark = pytest.mark.journey


def test_nothing_of_an_erased_person_is_left_in_the_stack() -> None:
    with RunningStack() as stack:
        walk(stack)
        found = json.loads(stack.run("tests.journeys.erasing"))
        assert {"campaigns_message", "assessments_respondent"} <= {
            each.partition(":")[0] for each in found["before"]["tables"]
        }
        assert [each for each in found["before"]["files"] if each.startswith("mail/")]
        assert found["after"] == {"tables": [], "keys": [], "files": []}
        assert EMAIL not in stack.log


def walk(stack: RunningStack) -> None:
    """To the result letter, with both consents."""
    visitor = Visitor(stack.url)
    result = visitor.take_test("/", get_first)
    form = result.get_form("email", "tips")
    visitor.submit(result, form, email=EMAIL, first_name=NAME, tips="on", contact="on")
    (confirming,) = wait_for_mails(stack.var_dir / "mail", 1)
    page = visitor.get(find_link(confirming))
    visitor.submit(page, page.get_form())
    wait_for_mails(stack.var_dir / "mail", 2)


def get_first(form: Form) -> str:
    return form.choices["choice"][0]


def wait_for_mails(folder: Path, count: int) -> list[Path]:
    is_there: Callable[[], bool] = lambda: len(list(folder.glob("*.eml"))) >= count  # noqa: E731
    wait_until(is_there, 40, f"mail {count}")
    return sorted(folder.glob("*.eml"))


def find_link(file: Path) -> str:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()
    return next(word for word in text.split() if "/m/confirm/" in word)
