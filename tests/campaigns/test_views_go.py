"""The detour of a measured link, as browsers and scanners take it."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from campaigns import letters, tokens
from campaigns.models import Click, Consent, Message
from tests.campaigns.following import BOOKING, FIREFOX, get_go_links, send_talk
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db


def get_path(message: Message) -> str:
    (link,) = set(get_go_links(letters.render(message).text))
    return re.sub(r"^https?://[^/]+", "", link)


def make_path(target: str) -> str:
    token = tokens.make_onward(target=target, message_id=Message().pk, link=1)
    return f"/m/go/{token}/"


@pytest.mark.parametrize("has_slash", [True, False])
def test_go_leads_to_the_signed_target_and_notes_the_visit(client: Client, has_slash: bool) -> None:
    path = get_path(send_talk())
    answer = client.get(path if has_slash else path.rstrip("/"), headers={"user-agent": FIREFOX})
    assert (answer.status_code, answer.headers["Location"]) == (302, BOOKING)
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.cookies == {}
    assert list(Click.objects.values_list("link", "agent", "is_head")) == [(0, "browser", False)]


def test_go_answers_a_scanners_head_alike(client: Client) -> None:
    answer = client.head(get_path(send_talk()))
    assert (answer.status_code, answer.headers["Location"]) == (302, BOOKING)
    assert list(Click.objects.values_list("agent", "is_head")) == [("program", True)]


def test_go_knows_a_browser_that_fetches_ahead(client: Client) -> None:
    headers = {"user-agent": FIREFOX, "sec-purpose": "prefetch;prerender"}
    client.get(get_path(send_talk()), headers=headers)
    assert Click.objects.get().agent == "scanner"


def test_go_takes_no_post(client: Client) -> None:
    assert client.post(get_path(send_talk())).status_code == 405
    assert not Click.objects.exists()


def test_go_leads_on_after_a_withdrawal_and_notes_nothing(client: Client) -> None:
    path = get_path(send_talk())
    Consent.objects.filter(purpose="tracking").update(state="withdrawn", withdrawn_at=TUESDAY)
    assert client.get(path).headers["Location"] == BOOKING
    assert not Click.objects.exists()


def test_go_leads_on_after_an_erasure(client: Client) -> None:
    message = send_talk()
    path = get_path(message)
    message.delete()
    assert client.get(path).headers["Location"] == BOOKING


def test_go_leads_on_when_the_visit_cannot_be_noted(client: Client) -> None:
    path = get_path(send_talk())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_click RENAME TO gone")
    assert client.get(path).headers["Location"] == BOOKING


def test_staff_who_look_at_a_mail_are_not_its_person(client: Client) -> None:
    client.force_login(User.objects.create_user("m", is_staff=True))
    assert client.get(get_path(send_talk())).headers["Location"] == BOOKING
    assert not Click.objects.exists()


def test_a_link_used_from_another_mail_counts_for_its_own(client: Client) -> None:
    first, second = send_talk(email="a@example.se"), send_talk(email="b@example.se")
    path = get_path(first)
    assert second.pk != first.pk
    client.get(path)
    assert list(Click.objects.values_list("message_id", flat=True)) == [first.pk]


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "data:text/html,x", "//evil.se", "https://ok@evil.se", "\\evil.se", ""],
)
def test_go_never_leads_to_an_unsafe_target(client: Client, target: str) -> None:
    assert client.get(make_path(target)).status_code == 404


def test_go_never_leads_to_an_unsigned_target(client: Client) -> None:
    path = make_path("https://example.se")
    assert client.get(f"{path[:-1]}x/").status_code == 404
    assert client.get("/m/go/https:%2F%2Fevil.se/").status_code == 404
    assert client.get(f"{path}?next=https://evil.se").headers["Location"] == "https://example.se"


def test_guessing_links_is_stopped_after_twenty_in_a_minute(client: Client) -> None:
    statuses = [client.get(f"/m/go/guess{number}/").status_code for number in range(25)]
    assert statuses[:20] == [404] * 20
    assert set(statuses[20:]) <= {404, 429}  # a new minute may have begun
