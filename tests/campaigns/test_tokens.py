import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from assessments import tokens as test_tokens
from campaigns import tokens


def test_read_returns_what_was_signed() -> None:
    token = tokens.make("unsubscribe", [1, "tips", "abc"])
    assert tokens.read("unsubscribe", token) == [1, "tips", "abc"]


def test_the_same_content_gives_the_same_link_for_ever() -> None:
    assert tokens.make("confirm", 7) == tokens.make("confirm", 7)


def test_read_refuses_a_token_of_another_purpose() -> None:
    assert tokens.read("unsubscribe", tokens.make("confirm", 7)) is None


def test_a_link_to_the_result_cannot_answer_the_test() -> None:
    response = uuid.uuid4()
    assert test_tokens.read("test", test_tokens.make("result", response)) is None
    assert test_tokens.read("result", test_tokens.make("result", response)) == response


@given(st.integers(0, 60), st.integers(0, 6))
def test_read_refuses_a_token_with_one_bit_flipped(place: int, bit: int) -> None:
    token = tokens.make("confirm", 7)
    place %= len(token)
    flipped = token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]
    # The last character of a base64 block carries spare bits, which decode to the same bytes.
    assert tokens.read("confirm", flipped) in (None, 7)
    if place < len(token) - 1:
        assert tokens.read("confirm", flipped) is None


MESSAGE = uuid.UUID("019309ab-0000-8000-8000-000000000000")


def make_onward(target: str) -> str:
    return tokens.make_onward(target=target, message_id=MESSAGE, link=2)


@pytest.mark.parametrize(
    "target", ["https://example.se/a?b=c#d", "http://example.se", "https://ö.se/å"]
)
def test_read_onward_follows_a_signed_web_address(target: str) -> None:
    onward = tokens.Onward(target=target, message_id=MESSAGE, link=2)
    assert tokens.read_onward(make_onward(target)) == onward


@pytest.mark.parametrize(
    "target",
    [
        "//evil.se",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://ok.se@evil.se",
        "\\evil.se",
        "https:\\\\evil.se",
        "https://ok.se\n.evil.se",
        "https://ok.se/ x",
        "https://[evil",
        "/local",
        "mailto:a@b.se",
        "",
    ],
)
def test_read_onward_refuses_anything_else_even_when_signed(target: str) -> None:
    assert tokens.read_onward(make_onward(target)) is None


@given(st.uuids())
def test_a_token_for_an_address_survives_what_happens_to_addresses(message_id: uuid.UUID) -> None:
    token = tokens.make_for_address(message_id)
    assert len(token) == tokens.ADDRESS_TOKEN
    assert {tokens.read_from_address(each) for each in (token, token.upper())} == {message_id}


@given(st.uuids(), st.integers(0, tokens.ADDRESS_TOKEN - 2), st.sampled_from("abcdefgh234567"))
def test_a_changed_token_for_an_address_is_nobodys(
    message_id: uuid.UUID, place: int, to: str
) -> None:
    token = tokens.make_for_address(message_id)
    changed = token[:place] + to + token[place + 1 :]
    assert tokens.read_from_address(changed) == (message_id if changed == token else None)


@given(st.text(max_size=60))
def test_anything_else_in_an_address_is_nobodys(text: str) -> None:
    assert tokens.read_from_address(text) is None


def test_a_token_for_an_address_outlives_a_change_of_key(settings: Settings) -> None:
    message_id = uuid.uuid4()
    token = tokens.make_for_address(message_id)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, fifty characters long or a little more"
    assert tokens.read_from_address(token) == message_id
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.read_from_address(token) is None


@pytest.mark.parametrize(
    "content",
    [
        "https://example.se",
        ["https://example.se"],
        ["https://example.se", "no uuid", 1],
        ["https://example.se", MESSAGE.hex, "1"],
        ["https://example.se", MESSAGE.hex, 1, 2],
        {"target": "https://example.se"},
        None,
    ],
)
def test_read_onward_refuses_what_has_another_form(content: object) -> None:
    assert tokens.read_onward(tokens.make("go", content)) is None


def test_read_onward_refuses_a_target_that_was_not_signed() -> None:
    assert tokens.read_onward("https://evil.se") is None


def test_read_onward_refuses_a_token_whose_target_was_changed() -> None:
    signed, other = make_onward("https://ok.se"), make_onward("https://evil.se")
    assert tokens.read_onward(f"{other.split('.')[0]}.{signed.split('.')[1]}") is None


def test_an_onward_link_holds_nothing_of_the_person() -> None:
    token = make_onward("https://example.se")
    assert tokens.read("go", token) == ["https://example.se", MESSAGE.hex, 2]
