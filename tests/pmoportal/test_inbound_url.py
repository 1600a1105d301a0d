"""INBOUND_URL and INBOUND_ADDRESS, and what is said when they are wrong."""

import pytest

from pmoportal.inbound_url import Inbox, parse_address, parse_inbound_url


@pytest.mark.parametrize(
    ("url", "inbox"),
    [
        (
            "imaps://svar%40example.com:p%2B%25w@mail.example.com/INBOX",
            Inbox(
                kind="imap",
                path="INBOX",
                host="mail.example.com",
                port=993,
                user="svar@example.com",
                password="p+%w",
                tls="ssl",
            ),
        ),
        (
            "imap+starttls://svar:pw@mail.example.com:1143/Svar/PMO",
            Inbox(
                kind="imap",
                path="Svar/PMO",
                host="mail.example.com",
                port=1143,
                user="svar",
                password="pw",
                tls="starttls",
            ),
        ),
        ("maildir:///var/mail/svar", Inbox(kind="maildir", path="/var/mail/svar")),
    ],
)
def test_an_inbox_is_read_from_its_url(url: str, inbox: Inbox) -> None:
    assert parse_inbound_url(url) == inbox


def test_the_folder_is_the_inbox_when_none_is_named() -> None:
    assert parse_inbound_url("imaps://a:b@c").path == "INBOX"


@pytest.mark.parametrize(
    "url",
    [
        "imap://a:b@c/INBOX",  # a password over an open wire
        "imaps://c/INBOX",
        "imaps://a@c/INBOX",
        "imaps://a:b@c:x/INBOX",
        "imaps://a:b@c/INBOX?x=1",
        "imaps://a%0d%0aX:b@c/INBOX",
        "imaps://a:b@c/IN%0aBOX",
        "maildir://host/path",
        "maildir:relative",
        "pop3://a:b@c",
        "",
    ],
)
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="must look like imaps"):
        parse_inbound_url(url)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(parse_inbound_url("imaps://a:secret@c"))


def test_an_address_leaves_room_for_its_token() -> None:
    assert parse_address("Svar@Example.com") == "svar@example.com"
    assert parse_address(f"{'a' * 21}@example.com")
    with pytest.raises(ValueError, match="21 characters"):
        parse_address(f"{'a' * 22}@example.com")


@pytest.mark.parametrize("value", ["svar", "a+b@c.se", "Svar <a@b.se>", "å@b.se", "a@b.se\n", "@"])
def test_a_bad_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="one plain address"):
        parse_address(value)
