"""A person settles a mail that nobody knows about."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Message
from tests.admin import get_page, get_status, log_in
from tests.factories import make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(
        "campaigns.admin.messages.ring", lambda task, **_: heard.append(task.__name__)
    )
    return heard


def make_unknown(minutes_ago: int) -> Message:
    enrolment, at = make_enrolment(publish_campaign()), timezone.now()
    return Message.objects.create(
        key="1:result",
        kind=Message.Kind.CAMPAIGN,
        enrolment=enrolment,
        step_key="result",
        respondent=enrolment.respondent,
        to="alva@example.se",
        language="sv",
        state=Message.State.UNKNOWN,
        reason="lost_after_dot",
        phase="dot",
        attempt=1,
        created_at=at,
        due_at=at,
        not_after=at,
        sending_at=at - timedelta(minutes=minutes_ago),
    )


def settle(message: Message, fate: str, group: str = "Administrators") -> int:
    url = reverse("admin:campaigns_message_settle", args=[message.pk])
    status = log_in(group).post(url, {"fate": fate}).status_code
    message.refresh_from_db()
    return status


def test_it_can_be_counted_as_sent() -> None:
    message = make_unknown(minutes_ago=20)
    assert settle(message, "sent") == 302
    assert (message.state, message.reason, message.sent_at) == (
        "sent",
        "assumed_sent",
        message.sending_at,
    )
    assert LogEntry.objects.get().change_message == "It counts as sent."


def test_it_can_be_sent_once_more_in_the_same_row(rings: list[str]) -> None:
    message = make_unknown(minutes_ago=20)
    assert settle(message, "again") == 302
    assert (message.state, message.reason, message.attempt) == ("queued", "sent_again", 1)
    assert rings == ["send_due_messages"]


@pytest.mark.parametrize("fate", ["sent", "again"])
def test_a_fresh_one_is_left_alone_until_a_report_may_have_come(fate: str) -> None:
    message = make_unknown(minutes_ago=14)
    settle(message, fate)
    assert message.state == "unknown"


def test_what_is_known_by_now_stays_as_it_is() -> None:
    message = make_unknown(minutes_ago=20)
    Message.objects.update(state="sent", reason="proved")
    settle(message, "again")
    assert (message.state, message.reason) == ("sent", "proved")


@pytest.mark.parametrize("group", ["Marketers", "Consultants"])
def test_it_is_for_administrators(group: str) -> None:
    message = make_unknown(minutes_ago=20)
    assert settle(message, "sent", group) == 403
    assert message.state == "unknown"


def test_looking_and_nonsense_change_nothing() -> None:
    message = make_unknown(minutes_ago=20)
    url = reverse("admin:campaigns_message_settle", args=[message.pk])
    assert get_status(log_in("Administrators"), url) == 405
    assert settle(message, "perhaps", "") in {403, 405}
    assert message.state == "unknown"


def test_the_page_offers_both_choices_to_those_who_may() -> None:
    message = make_unknown(minutes_ago=20)
    page = log_in("Administrators").get(get_page(message)).content.decode()
    assert "Count it as sent" in page
    assert "Send it once more" in page
    assert "Count it as sent" not in log_in("Marketers").get(get_page(message)).content.decode()


def settle_ticked(action: str, group: str = "Administrators") -> None:
    log_in(group).post(
        reverse("admin:campaigns_message_changelist"),
        {"action": action, "_selected_action": [str(each.pk) for each in Message.objects.all()]},
    )


@pytest.mark.parametrize(
    ("action", "state"), [("count_as_sent", "sent"), ("send_once_more", "queued")]
)
def test_many_can_be_settled_at_once(action: str, state: str) -> None:
    message = make_unknown(minutes_ago=20)
    settle_ticked(action)
    message.refresh_from_db()
    assert message.state == state
    assert LogEntry.objects.count() == 1


def test_what_is_known_or_fresh_is_not_settled_with_the_rest() -> None:
    message = make_unknown(minutes_ago=5)
    settle_ticked("send_once_more")
    message.refresh_from_db()
    assert message.state == "unknown"


def test_marketers_settle_nothing_in_the_list_either() -> None:
    message = make_unknown(minutes_ago=20)
    settle_ticked("count_as_sent", group="Marketers")
    message.refresh_from_db()
    assert message.state == "unknown"


def test_the_list_shows_phase_time_and_evidence() -> None:
    message = make_unknown(minutes_ago=20)
    Message.objects.update(evidence="TimeoutError: timed out")
    at = timezone.localtime(message.sending_at).strftime("%Y-%m-%d %H:%M:%S")
    page = log_in("Marketers").get(reverse("admin:campaigns_message_changelist")).content.decode()
    assert f"({at}, dot, TimeoutError: timed out)" in page
