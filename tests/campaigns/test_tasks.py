from typing import Any

import pytest
from django.utils import timezone

from campaigns import advancing, sending, tasks


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    heard: list[object] = []
    monkeypatch.setattr(tasks, "ring", heard.append)
    return heard


@pytest.mark.django_db
def test_send_due_messages_hands_in_a_clock_that_goes(
    rings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def remember(**arguments: Any) -> sending.Sent:
        given.update(arguments)
        return sending.Sent(claimed=0)

    monkeypatch.setattr(sending, "send_due", remember)
    tasks.send_due_messages()
    assert (given["clock"], rings) == (timezone.now, [])


@pytest.mark.parametrize(("looked_at", "is_more"), [(199, False), (200, True), (201, True)])
def test_plan_due_messages_goes_on_when_the_batch_was_full(
    rings: list[object], monkeypatch: pytest.MonkeyPatch, looked_at: int, is_more: bool
) -> None:
    """A person's other enrolments may make a batch larger than its limit."""
    planned = advancing.Planned(looked_at=looked_at, ready=0)
    monkeypatch.setattr(advancing, "plan_due", lambda **_: planned)
    tasks.plan_due_messages()
    assert rings == [tasks.plan_due_messages] * is_more
