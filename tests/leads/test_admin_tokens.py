"""Keys to the API in the admin: shown once, never edited, revoked."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads import keys
from leads.models import Token
from tests.admin import count_queries, get_list, get_page, get_status, log_in
from tests.factories import TUESDAY

pytestmark = pytest.mark.django_db
ADD = "/admin/leads/token/add/"


@pytest.fixture
def client() -> Client:
    return log_in("Administrators")


def make_token(name: str = "CRM") -> Token:
    token = Token(name=name, scopes=["leads:read"])
    keys.make(token=token, by=None, now=TUESDAY)
    return token


@pytest.mark.parametrize("group", ["Consultants", "Marketers"])
def test_keys_are_for_administrators(group: str) -> None:
    token, client = make_token(), log_in(group)
    assert {get_status(client, page) for page in (get_list(Token), get_page(token), ADD)} == {403}
    assert client.post(get_page(token, "revoke_one")).status_code == 403


def test_a_key_is_shown_once_and_only_its_hash_is_kept(client: Client) -> None:
    answer = client.post(ADD, {"name": "CRM", "scopes": ["leads:read", "events:read"]})
    token = Token.objects.get()
    key = answer.context["secret"]
    assert key in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert keys.find(key=key, now=timezone.now()) == token
    assert token.created_by.username == "administrators"  # type: ignore[union-attr]
    assert key not in str(Token.objects.values().get())
    assert key not in client.get(get_page(token)).content.decode()
    assert key.startswith(token.prefix)


def test_a_key_is_not_edited_but_revoked(client: Client) -> None:
    token = make_token()
    assert client.post(get_page(token), {"name": "x", "scopes": ["events:read"]}).status_code == 403
    assert client.get(get_page(token, "revoke_one")).status_code == 405
    client.post(get_page(token, "revoke_one"))
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "Revoked" in client.get(get_page(token)).content.decode()


def test_several_are_revoked_at_once(client: Client) -> None:
    chosen = [make_token(name).pk for name in "ab"]
    client.post(get_list(Token), {"action": "revoke", "_selected_action": chosen})
    assert not Token.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize(
    "posted",
    [
        {"name": "", "scopes": ["leads:read"]},
        {"name": "CRM", "scopes": []},
        {"name": "CRM", "scopes": ["leads:write"]},
        {
            "name": "CRM",
            "scopes": ["leads:read"],
            "expires_at_0": "2020-01-01",
            "expires_at_1": "1",
        },
    ],
)
def test_a_key_that_makes_no_sense_is_refused(client: Client, posted: dict[str, object]) -> None:
    assert client.post(ADD, posted).context["adminform"].form.errors
    assert not Token.objects.exists()


def test_the_list_costs_the_same_with_many_rows(client: Client) -> None:
    make_token()
    one = count_queries(client, get_list(Token))
    for name in "abc":
        make_token(name)
    assert count_queries(client, get_list(Token)) == one


def test_use_is_noted_once_a_minute() -> None:
    token = make_token()
    for seconds in (0, 30, 59, 60):
        token.refresh_from_db()
        keys.note_use(token=token, now=TUESDAY + timedelta(seconds=seconds))
    token.refresh_from_db()
    assert token.used_at == TUESDAY + timedelta(seconds=60)
