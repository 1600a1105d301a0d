"""A mail as it arrived, signed in the test with a key made in the test."""

from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from campaigns import doctor, letters, sending
from campaigns.doctor import received, trial
from campaigns.doctor.names import Names
from campaigns.models import Message
from tests.campaigns.name_server import NameServer, hurry, running_name_server
from tests.campaigns.signing import HEADERS, make_key, sign
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, publish_campaign

MAIL = (
    b"From: PMO <tips@firma.se>\r\n"
    b"To: asa@example.se\r\n"
    b"Subject: Hej\r\n"
    b"Date: Tue, 15 Sep 2026 09:00:00 +0200\r\n"
    b"Message-ID: <1@firma.se>\r\n"
    b"List-Unsubscribe: <https://pmo.firma.se/m/unsubscribe/x/>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    b"\r\n"
    b"Hej\r\n"
)
GOOD = {
    "signature": "signature_ok",
    "alignment": "aligned",
    "one_click": "one_click_ok",
    "one_click_signed": "covered",
}


@pytest.fixture
def server() -> Iterator[NameServer]:
    with running_name_server() as server:
        for domain in ("firma.se", "mail.firma.se", "esp.se"):
            server.put_text(f"s1._domainkey.{domain}", f"v=DKIM1; k=rsa; p={make_key().public}")
        yield server


@pytest.fixture
def names(server: NameServer) -> Names:
    return Names([server.address])


def check(raw: bytes, names: Names, *, is_strict: bool = False) -> dict[str, str]:
    findings = received.check_mail(raw, names=names, is_strict=is_strict)
    return {finding.check: finding.reason for finding in findings}


def test_a_signed_mail_is_good(names: Names) -> None:
    assert check(sign(MAIL, key=make_key()), names) == GOOD


def test_a_mail_saved_with_other_line_ends_is_the_same_mail(names: Names) -> None:
    raw = sign(MAIL, key=make_key()).replace(b"\r\n", b"\n")
    assert check(raw, names) == GOOD


def test_headers_added_on_the_way_change_nothing(names: Names) -> None:
    raw = b"Received: from x by y; Tue, 15 Sep 2026 09:00:01 +0200\r\n" + sign(MAIL, key=make_key())
    assert check(raw, names) == GOOD


def test_an_unsigned_mail(names: Names) -> None:
    assert check(MAIL, names) == GOOD | {
        "signature": "signature_missing",
        "alignment": "not_aligned",
        "one_click_signed": "cover_open",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\nHej\r\n", b"\r\nHej!\r\n"),
        (b"Subject: Hej", b"Subject: Hejsan"),
        (b"bh=", b"bh=AA"),
    ],
)
def test_a_mail_that_was_changed(names: Names, old: bytes, new: bytes) -> None:
    found = check(sign(MAIL, key=make_key()).replace(old, new), names)
    assert found["signature"] == "signature_bad"
    assert found["alignment"] == "not_aligned"


def test_a_signature_by_another_key(names: Names, server: NameServer) -> None:
    other = make_key(1024)
    assert check(sign(MAIL, key=other), names)["signature"] == "signature_bad"


def test_a_signature_whose_key_is_not_published(names: Names) -> None:
    raw = sign(MAIL, key=make_key(), selector="s9")
    assert check(raw, names)["signature"] == "signature_no_key"


@pytest.mark.parametrize(
    ("fault", "reason"), [("silent", "dns_silent"), ("servfail", "dns_broken")]
)
def test_a_key_that_nobody_can_look_up(
    names: Names,
    server: NameServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    reason: str,
) -> None:
    hurry(monkeypatch)
    server.faults["s1._domainkey.firma.se"] = fault
    found = received.check_mail(sign(MAIL, key=make_key()), names=names, is_strict=False)
    assert [(each.state, each.reason) for each in found] == [
        ("unknown", reason),
        ("unknown", "alignment_open"),
        ("pass", "one_click_ok"),
        ("unknown", "cover_open"),
    ]


@pytest.mark.parametrize(
    ("domain", "is_strict", "reason"),
    [
        ("mail.firma.se", False, "aligned"),
        ("mail.firma.se", True, "not_aligned"),
        ("firma.se", True, "aligned"),
        ("esp.se", False, "not_aligned"),
    ],
)
def test_the_signature_must_be_of_the_senders_domain(
    names: Names, domain: str, is_strict: bool, reason: str
) -> None:
    raw = sign(MAIL, key=make_key(), domain=domain)
    found = check(raw, names, is_strict=is_strict)
    assert (found["signature"], found["alignment"]) == ("signature_ok", reason)


def test_one_good_signature_of_several_is_enough(names: Names) -> None:
    raw = sign(sign(MAIL, key=make_key()), key=make_key(), domain="esp.se")
    assert check(raw, names) == GOOD


def test_headers_that_the_signature_leaves_out(names: Names) -> None:
    raw = sign(MAIL, key=make_key(), headers=HEADERS[:5])
    assert check(raw, names)["one_click_signed"] == "not_covered"


LINK = b"List-Unsubscribe: <https://pmo.firma.se/m/unsubscribe/x/>\r\n"
POST = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (LINK + POST, "one_click_ok"),
        (LINK.replace(b">", b">, <mailto:stop@firma.se>") + POST, "one_click_ok"),
        (b"", "one_click_missing"),
        (LINK, "one_click_missing"),
        (POST, "one_click_missing"),
        (LINK.replace(b"https", b"http") + POST, "one_click_wrong"),
        (b"List-Unsubscribe: <mailto:stop@firma.se>\r\n" + POST, "one_click_wrong"),
        (LINK + LINK + POST, "one_click_wrong"),
        (LINK.replace(b">", b">, <https://b.se/>") + POST, "one_click_wrong"),
        (LINK + POST.replace(b"One-Click", b"one click"), "one_click_wrong"),
        (LINK.replace(b"/m/", b"/m\r\n /") + POST, "one_click_wrong"),
    ],
)
def test_one_click(headers: bytes, reason: str) -> None:
    mail = message_from_bytes(headers + b"\r\nHej\r\n")
    assert received.judge_one_click(mail).reason == reason


@pytest.mark.parametrize("scheme", [b"http", b"https"])
def test_what_acts_for_a_person_is_not_shown(scheme: bytes) -> None:
    mail = message_from_bytes(LINK.replace(b"https", scheme).replace(b"/x/", b"/secret/") + POST)
    assert "secret" not in received.judge_one_click(mail).detail


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"\0" * 100, b"From: nobody\r\n\r\n", b"x" * 2_000_001]
)
def test_what_is_no_mail(names: Names, raw: bytes) -> None:
    assert check(raw, names) == {"signature": "mail_unreadable"}


@pytest.mark.parametrize(
    "signature",
    [
        b"DKIM-Signature: nonsense\r\n",
        b"DKIM-Signature: v=1\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=firma.se; s=s1; h=from; bh=x; b=y; l=-1\r\n",
        b"DKIM-Signature: v=1; a=rsa-md5; d=firma.se; s=s1; h=from; bh=x; b=y\r\n",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=\xff; s=..; h=from; bh=x; b=y\r\n",
        b"DKIM-Signature:\r\n" * 50,
    ],
)
def test_a_hostile_signature_is_no_signature(names: Names, signature: bytes) -> None:
    found = check(signature + MAIL, names)
    assert found["alignment"] == "not_aligned"
    assert found["signature"] in {"signature_bad", "signature_no_key", "dns_broken"}


@hypothesis_settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 300))
def test_whatever_is_chosen_is_judged(junk: bytes, place: int) -> None:
    """Without a name server: none is needed to be told nonsense."""
    raw = sign(MAIL, key=make_key())
    known = Names(["no server"])
    for mail in (junk, raw[:place] + junk + raw[place:], junk + raw):
        assert check(mail, known)["signature"]


# --- To ourselves ------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_mail_to_ourselves_has_the_headers_of_a_campaigns(
    server: NameServer, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.SITE_URL = "PMO <tips@firma.se>", "https://pmo.firma.se"
    publish_campaign()
    settings.DNS_SERVERS = [server.address]
    message_id = trial.post(to="", now=TUESDAY)
    wire = Wire()
    sending.send_due(now=TUESDAY, limit=10, transport=wire)
    message = Message.objects.get()
    assert (message.kind, message.to, message.state) == ("test", "tips@firma.se", "sent")
    assert letters.get_message_id(message) == message_id
    found = doctor.examine_mail(sign(wire.mails[0].raw, key=make_key()))
    assert {each.check: each.reason for each in found if each.check != "one_click"} == {
        "signature": "signature_ok",
        "alignment": "aligned",
        "one_click_signed": "covered",
    }


@pytest.mark.parametrize("place", [".", "new", "cur"])
def test_a_mail_is_found_where_it_arrives(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / "folder").mkdir()
    (tmp_path / place / "other.eml").write_bytes(MAIL.replace(b"<1@", b"<2@"))
    (tmp_path / place / ".part").write_bytes(MAIL)
    assert trial.wait_for("<1@firma.se>", inbox=tmp_path, seconds=0) is None
    (tmp_path / place / "mail.eml").write_bytes(MAIL)
    assert trial.wait_for("<1@firma.se>", inbox=tmp_path, seconds=0) == MAIL


def test_an_id_in_the_text_of_another_mail_is_not_that_mail(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL.replace(b"<1@", b"<2@") + b"Message-ID: <1@firma.se>\r\n")
    assert trial.wait_for("<1@firma.se>", inbox=tmp_path, seconds=0) is None


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert trial.wait_for("<1@firma.se>", inbox=tmp_path / "none", seconds=0) is None


def test_the_inbox_is_the_one_that_was_set(tmp_path: Path, settings: Settings) -> None:
    settings.DOCTOR_INBOX = tmp_path
    assert trial.get_inbox() == tmp_path
    settings.DOCTOR_INBOX = None
    assert trial.get_inbox() is None
