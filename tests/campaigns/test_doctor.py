"""The whole examination: in the house, together, by command and in the admin."""

import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from campaigns import doctor, permit, tasks
from campaigns.doctor import house, words
from campaigns.doctor.findings import Finding, State, clean, passed
from campaigns.words import PERMITS
from pmoportal import pulse
from pmoportal.celery import app
from tests.admin import log_in
from tests.campaigns.name_server import NameServer, hurry, running_name_server
from tests.campaigns.signing import make_key, sign
from tests.campaigns.test_doctor_received import MAIL
from tests.factories import TUESDAY, publish_campaign

SECOND = timedelta(seconds=1)
SOURCES = Path(doctor.__file__).parent


def describe(*findings: Finding) -> list[tuple[str, str]]:
    return [(finding.state, finding.reason) for finding in findings]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[NameServer]:
    """A domain with everything in order, at a name server of ours."""
    monkeypatch.setattr(house, "PING_SECONDS", 0.2)
    settings.DEFAULT_FROM_EMAIL = "PMO <tips@firma.se>"
    settings.POSTAL_ADDRESS = "Firma AB, Gatan 1, 111 11 Stockholm"
    settings.DKIM_SELECTORS = ["s1"]
    with running_name_server() as server:
        settings.DNS_SERVERS = [server.address]
        server.put_text("firma.se", "v=spf1 mx -all")
        server.put("firma.se", "MX", "10 mx.firma.se.")
        server.put_text("_dmarc.firma.se", "v=DMARC1; p=reject")
        server.put_text("s1._domainkey.firma.se", f"v=DKIM1; p={make_key().public}")
        yield server


# --- In the house ------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_permit() -> None:
    permit.grant(by="t", now=TUESDAY)
    assert describe(*house.check_permit()) == [("pass", "permit_ok")]
    permit.revoke(now=TUESDAY)
    assert describe(*house.check_permit()) == [("fail", "permit_revoked")]


def test_each_way_to_have_no_permit_has_words() -> None:
    assert house.PERMITS.keys() == PERMITS.keys() - {""}
    assert set(house.PERMITS.values()) <= words.SENTENCES.keys()


def test_the_postal_address(settings: Settings) -> None:
    assert describe(*house.check_postal_address()) == [("fail", "address_made_up")]
    settings.POSTAL_ADDRESS = "Firma AB"
    assert describe(*house.check_postal_address()) == [("pass", "address_ok")]


def test_the_scheduler_is_heard_by_its_pulse(settings: Settings) -> None:
    assert describe(*house.check_scheduler(now=TUESDAY)) == [("fail", "scheduler_none")]
    pulse.leave(now=TUESDAY)
    for seconds, expected in ((180, ("pass", "scheduler_ok")), (181, ("fail", "scheduler_late"))):
        assert describe(*house.check_scheduler(now=TUESDAY + seconds * SECOND)) == [expected]


@pytest.mark.django_db
def test_the_sweep_leaves_its_pulse() -> None:
    tasks.settle_stale()
    assert pulse.read() is not None


def test_without_a_cache_nobody_knows_of_the_scheduler(settings: Settings) -> None:
    gone = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    settings.CACHES = gone
    pulse.leave(now=TUESDAY)
    assert describe(*house.check_scheduler(now=TUESDAY)) == [("unknown", "cache_away")]


@pytest.mark.django_db
def test_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert describe(*house.check_clock()) == [("pass", "clock_ok")]
    monkeypatch.setattr(house, "OFF", -1 * SECOND)
    assert describe(*house.check_clock()) == [("fail", "clock_off")]


def test_no_worker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "PING_SECONDS", 0.2)
    assert describe(*house.check_workers()) == [("fail", "workers_none")]


def test_a_worker_that_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.control, "ping", lambda **_: [{"celery@a": {"ok": "pong"}}])
    (finding,) = house.check_workers()
    assert (finding.reason, finding.detail) == ("workers_ok", "celery@a")


def test_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(app, "connection_for_write", refuse)
    assert describe(*house.check_workers()) == [("fail", "broker_away")]


# --- All together ------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_house_in_order(server: NameServer) -> None:
    publish_campaign()
    pulse.leave(now=TUESDAY)
    found = doctor.examine(now=TUESDAY, mail=sign(MAIL, key=make_key()))
    assert {each.check: (each.state, each.reason) for each in found} == {
        "from_domain": ("pass", "own_domain"),
        "spf": ("pass", "spf_ok"),
        "dkim_key": ("pass", "dkim_key_ok"),
        "dmarc": ("pass", "dmarc_ok"),
        "mx": ("pass", "mx_ok"),
        "ptr": ("unknown", "mail_stays"),
        "tls": ("unknown", "mail_stays"),
        "site": ("unknown", "site_local"),
        "webhook": ("pass", "webhook_none"),
        "workers": ("fail", "workers_none"),
        "provider": ("pass", "provider_own"),
        "permit": ("pass", "permit_ok"),
        "postal_address": ("pass", "address_ok"),
        "scheduler": ("pass", "scheduler_ok"),
        "clock": ("pass", "clock_ok"),
        "signature": ("pass", "signature_ok"),
        "alignment": ("pass", "aligned"),
        "one_click": ("pass", "one_click_ok"),
        "one_click_signed": ("pass", "covered"),
    }


@pytest.mark.django_db
def test_name_servers_that_are_silent_cost_one_time_limit_and_no_more(
    server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    for name in ("firma.se", "_dmarc.firma.se", "s1._domainkey.firma.se"):
        server.faults[name] = "silent"
    began = time.monotonic()
    found = {each.check: each.reason for each in doctor.examine(now=TUESDAY)}
    assert time.monotonic() - began < 8
    assert {found[check] for check in ("spf", "dkim_key", "dmarc", "mx")} == {"dns_silent"}


def test_what_is_not_done_in_time_is_left_to_itself() -> None:
    done = threading.Event()

    def wait() -> list[Finding]:
        done.wait(10)
        return []

    began = time.monotonic()
    found = doctor.run_together({"spf": wait, "mx": lambda: [passed("mx", "mx_ok")]}, seconds=0.2)
    done.set()
    assert describe(*found) == [("unknown", "took_too_long"), ("pass", "mx_ok")]
    assert time.monotonic() - began < 5


def test_a_fault_in_one_check_leaves_the_others() -> None:
    def fail() -> list[Finding]:
        raise ZeroDivisionError

    found = doctor.run_together({"spf": fail, "mx": lambda: [passed("mx", "mx_ok")]}, seconds=5)
    assert describe(*found) == [("unknown", "broke"), ("pass", "mx_ok")]


def test_every_finding_has_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    calls = re.findall(r'(?:passed|failed|unclear)\(\s*"(\w+)",\s*"(\w+)"', source)
    assert len(calls) > 50
    assert {check for check, _ in calls} <= words.CHECKS.keys()
    assert {reason for _, reason in calls} <= words.SENTENCES.keys()
    assert set(get_args(State)) == words.STATES.keys()


def test_a_detail_is_one_short_line() -> None:
    assert clean("a\r\nb\0\x1b[31m  c\u202e") == "a b [31m c"
    assert len(clean("x" * 1_000)) == 161


# --- By command --------------------------------------------------------------------------


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


@pytest.mark.django_db
def test_the_command_says_what_to_do_and_ends_with_one(server: NameServer) -> None:
    server.zone.pop(("firma.se", "MX"))
    text, status = run()
    assert status == 1
    assert "MEND     Answers come back: The domain takes no mail" in text
    assert "ok       SPF: who may send: Says who may send" in text


@pytest.mark.django_db
def test_the_command_ends_well_when_nothing_is_to_be_mended(
    server: NameServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(app.control, "ping", lambda **_: [{"celery@a": {"ok": "pong"}}])
    publish_campaign()
    tasks.settle_stale()
    (tmp_path / "mail.eml").write_bytes(sign(MAIL, key=make_key()))
    text, status = run("--mail", str(tmp_path / "mail.eml"), "--json")
    rows = json.loads(text)
    assert status == 0
    assert {row["state"] for row in rows} == {"pass", "unknown"}
    assert list(rows[0]) == ["check", "state", "reason", "sentence", "detail"]


@pytest.mark.django_db
def test_the_command_speaks_swedish_when_asked_to(server: NameServer) -> None:
    publish_campaign()
    assert "Mail may leave from here." in run()[0]
    assert "Post får gå ut härifrån." in run("--language", "sv")[0]


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("doctor", "--mail", "/nowhere/mail.eml")


@pytest.mark.django_db
def test_a_mail_to_ourselves_needs_an_inbox(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Set DOCTOR_INBOX"):
        call_command("doctor", "--send")
    settings.DOCTOR_INBOX = tmp_path
    with pytest.raises(CommandError, match="has not arrived in 0 seconds"):
        call_command("doctor", "--send", "--wait", "0")


# --- In the admin ------------------------------------------------------------------------

PAGE = "/admin/campaigns/permit/doctor/"


@pytest.fixture
def url(server: NameServer) -> str:
    publish_campaign()
    assert reverse("admin:campaigns_doctor") == PAGE
    return PAGE


@pytest.mark.django_db
@pytest.mark.parametrize("group", ["Marketers", "Consultants", ""])
def test_the_page_is_for_administrators(url: str, group: str) -> None:
    client = log_in(group)
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403
    assert url not in client.get("/admin/").content.decode()


@pytest.mark.django_db
def test_a_stranger_is_asked_to_log_in(url: str) -> None:
    assert Client().get(url).status_code == 302


@pytest.mark.django_db
def test_the_page_shows_what_is_to_be_mended_first(url: str) -> None:
    client = log_in("Administrators")
    assert url in client.get("/admin/").content.decode()
    response = client.get(url)
    assert [group.state for group in response.context["groups"]] == ["fail", "unknown", "pass"]
    assert "Mail from firma.se" in response.content.decode()


@pytest.mark.django_db
def test_the_page_looks_every_other_minute_or_when_asked(url: str, server: NameServer) -> None:
    client = log_in("Administrators")
    client.get(url)
    asked = len(server.asked)
    client.get(url)
    assert len(server.asked) == asked
    assert client.post(url).status_code == 302
    client.get(url)
    assert len(server.asked) == 2 * asked
    assert cache.get("doctor")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"hello", "This is no mail"),
        (b"x" * 2_500_000, "This is no mail"),
        (MAIL, "The mail is not signed"),
        (sign(MAIL, key=make_key()), "Both headers are under the signature"),
    ],
)
def test_a_mail_can_be_checked_and_is_not_kept(url: str, raw: bytes, sentence: str) -> None:
    response = log_in("Administrators").post(url, {"mail": SimpleUploadedFile("m.eml", raw)})
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert "not kept" in response.content.decode()


@pytest.mark.django_db
def test_a_hostile_domain_is_text_on_the_page(url: str, server: NameServer) -> None:
    server.put_text("firma.se", "v=spf1 <script>alert(1)</script>")
    text = log_in("Administrators").get(url).content.decode()
    assert "&lt;script&gt;" in text
    assert "<script>alert" not in text
