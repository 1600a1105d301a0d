"""A sender's domain, looked up at a real name server."""

from base64 import b64encode
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from campaigns import doctor
from campaigns.doctor import relay, sender
from campaigns.doctor.findings import Finding
from campaigns.doctor.names import Names
from pmoportal.mail_url import MailServer
from tests.campaigns.name_server import NameServer, hurry, running_name_server
from tests.campaigns.signing import make_key

DOMAIN = "firma.se"


@pytest.fixture
def server() -> Iterator[NameServer]:
    with running_name_server() as server:
        yield server


@pytest.fixture
def names(server: NameServer) -> Names:
    return Names([server.address])


def describe(*findings: Finding) -> list[tuple[str, str]]:
    return [(finding.state, finding.reason) for finding in findings]


# --- The domain --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "state", "reason"),
    [
        ("firma.se", "pass", "own_domain"),
        ("mail.firma.se", "pass", "own_domain"),
        ("gmail.com", "fail", "free_mail"),
        ("hotmail.se", "fail", "free_mail"),
        ("example.com", "fail", "example_domain"),
        ("co.uk", "fail", "no_domain"),
        ("localhost", "fail", "no_domain"),
        ("pmo.local", "fail", "no_domain"),
        ("", "fail", "no_domain"),
    ],
)
def test_the_senders_domain_must_be_ones_own(domain: str, state: str, reason: str) -> None:
    assert describe(*sender.check_domain(domain)) == [(state, reason)]


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("PMO <tips@Firma.se>", "firma.se"),
        ("tips@åäö.se", "xn--4cab6c.se"),
        ("tips@-.se", "-.se"),
    ],
)
def test_the_domain_is_asked_about_in_ascii(written: str, domain: str, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = written
    assert doctor.get_domain() == domain


# --- SPF ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "state", "reason"),
    [
        (["v=spf1 ip4:192.0.2.1 -all"], "pass", "spf_ok"),
        (["v=spf1 include:other.se ~all", "unrelated"], "pass", "spf_ok"),
        (["v=spf1 redirect=other.se"], "pass", "spf_ok"),
        (["unrelated"], "fail", "spf_missing"),
        ([], "fail", "spf_missing"),
        (["v=spf1 -all", "v=spf1 ~all"], "fail", "spf_several"),
        (["v=spf1 ip5:x -all"], "fail", "spf_broken"),
        (["v=spf1 mx +all"], "fail", "spf_open"),
        (["v=spf1 mx ?all"], "fail", "spf_open"),
        (["v=spf1 mx"], "fail", "spf_open"),
        (["v=spf1 " + "a:h.se " * 11 + "-all"], "fail", "spf_asks"),
        (["v=spf1 include:broken.se -all"], "fail", "spf_broken"),
        (["v=spf1 include:loop.se -all"], "fail", "spf_asks"),
    ],
)
def test_spf(server: NameServer, names: Names, texts: list[str], state: str, reason: str) -> None:
    server.put_text("other.se", "v=spf1 ip4:192.0.2.0/24 -all")
    server.put_text("broken.se", "v=spf1 nonsense")
    server.put_text("loop.se", "v=spf1 include:loop.se -all")
    if texts:
        server.put_text(DOMAIN, *texts)
    assert describe(*sender.check_spf(DOMAIN, names)) == [(state, reason)]


def test_a_chain_of_includes_is_followed_no_farther_than_receivers_do(
    server: NameServer, names: Names
) -> None:
    for number in range(50):
        server.put_text(f"n{number}.se", f"v=spf1 include:n{number + 1}.se -all")
    assert describe(*sender.check_spf("n0.se", names)) == [("fail", "spf_asks")]
    assert len(server.asked) <= 12


@pytest.mark.parametrize(
    ("fault", "reason"), [("silent", "dns_silent"), ("servfail", "dns_broken")]
)
def test_what_the_name_server_cannot_say_is_not_known(
    server: NameServer,
    names: Names,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    reason: str,
) -> None:
    hurry(monkeypatch)
    for name in (DOMAIN, f"_dmarc.{DOMAIN}", f"s1._domainkey.{DOMAIN}"):
        server.faults[name] = fault
    found = [
        *sender.check_spf(DOMAIN, names),
        *sender.check_dmarc(DOMAIN, names),
        *sender.check_dkim_keys(DOMAIN, ["s1"], names),
        *sender.check_mx(DOMAIN, names),
    ]
    assert describe(*found) == [("unknown", reason)] * 4


def test_a_hostile_text_is_shown_as_one_short_harmless_line(
    server: NameServer, names: Names
) -> None:
    server.put_text(DOMAIN, "v=spf1 \x1b[31m\r\n<script>" + "x" * 500)
    (finding,) = sender.check_spf(DOMAIN, names)
    assert (finding.state, finding.reason) == ("fail", "spf_broken")
    assert finding.detail.isprintable()
    assert len(finding.detail) <= 161


# --- DKIM keys ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "state", "reason"),
    [
        ("v=DKIM1; k=rsa; p={key}", "pass", "dkim_key_ok"),
        ("v=DKIM1; k=ed25519; p=" + b64encode(b"k" * 32).decode(), "pass", "dkim_key_ok"),
        ("v=DKIM1; k=rsa; p={short}", "fail", "dkim_key_short"),
        ("v=DKIM1; p=", "fail", "dkim_key_revoked"),
        ("v=DKIM1; p=abc", "fail", "dkim_key_broken"),
        ("hello", "fail", "dkim_key_broken"),
        ("", "fail", "dkim_key_broken"),
    ],
)
def test_dkim_keys(server: NameServer, names: Names, text: str, state: str, reason: str) -> None:
    text = text.replace("{key}", make_key(2048).public).replace("{short}", make_key(512).public)
    server.put_text(f"s1._domainkey.{DOMAIN}", text)
    assert describe(*sender.check_dkim_keys(DOMAIN, ["s1"], names)) == [(state, reason)]


def test_each_selector_is_looked_up(server: NameServer, names: Names) -> None:
    server.put_text(f"s1._domainkey.{DOMAIN}", f"v=DKIM1; p={make_key(2048).public}")
    assert describe(*sender.check_dkim_keys(DOMAIN, ["s1", "s2"], names)) == [
        ("pass", "dkim_key_ok"),
        ("fail", "dkim_key_missing"),
    ]


def test_without_a_selector_nothing_is_known_of_the_key(names: Names) -> None:
    assert describe(*sender.check_dkim_keys(DOMAIN, [], names)) == [("unknown", "dkim_no_selector")]


# --- DMARC and MX ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "state", "reason"),
    [
        (["v=DMARC1; p=reject"], "pass", "dmarc_ok"),
        (["v=DMARC1; p=none; rua=mailto:d@firma.se"], "pass", "dmarc_watching"),
        (["v=DMARC1; p=all"], "fail", "dmarc_broken"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "fail", "dmarc_several"),
        ([], "fail", "dmarc_missing"),
    ],
)
def test_dmarc(server: NameServer, names: Names, texts: list[str], state: str, reason: str) -> None:
    if texts:
        server.put_text(f"_dmarc.{DOMAIN}", *texts)
    assert describe(*sender.check_dmarc(DOMAIN, names)) == [(state, reason)]


def test_a_part_of_a_domain_has_its_organisations_policy(server: NameServer, names: Names) -> None:
    server.put_text(f"_dmarc.{DOMAIN}", "v=DMARC1; p=reject; adkim=s")
    assert describe(*sender.check_dmarc(f"mail.{DOMAIN}", names)) == [("pass", "dmarc_ok")]
    assert sender.is_strict(f"mail.{DOMAIN}", names)
    assert not sender.is_strict("other.se", names)


@pytest.mark.parametrize(
    ("values", "state", "reason"),
    [
        (["10 mx.firma.se."], "pass", "mx_ok"),
        (["0 ."], "fail", "mx_null"),
        ([], "fail", "mx_missing"),
    ],
)
def test_mx(server: NameServer, names: Names, values: list[str], state: str, reason: str) -> None:
    if values:
        server.put(DOMAIN, "MX", *values)
    assert describe(*sender.check_mx(DOMAIN, names)) == [(state, reason)]


# --- The name of the mail server ---------------------------------------------------------

RELAY = MailServer(kind="smtp", host="mail.firma.se", port=25)
ADDRESS = "193.10.5.7"


def put_names(server: NameServer, *, name: str = "mail.firma.se", back: str = ADDRESS) -> None:
    server.put("mail.firma.se", "A", ADDRESS)
    server.put("7.5.10.193.in-addr.arpa", "PTR", f"{name}.")
    server.put(name, "A", back)


def test_a_mail_server_whose_name_and_address_agree(server: NameServer, names: Names) -> None:
    put_names(server)
    assert describe(*relay.check_name(RELAY, "", names)) == [("pass", "ptr_ok")]


def test_a_name_that_leads_elsewhere(server: NameServer, names: Names) -> None:
    put_names(server, name="dynamic.isp.se", back="193.10.5.8")
    assert describe(*relay.check_name(RELAY, "", names)) == [("fail", "ptr_other")]


def test_an_address_without_a_name(server: NameServer, names: Names) -> None:
    server.put("mail.firma.se", "A", ADDRESS)
    assert describe(*relay.check_name(RELAY, "", names)) == [("fail", "ptr_missing")]


def test_a_name_server_that_does_not_know_the_way_back(server: NameServer, names: Names) -> None:
    server.put("mail.firma.se", "A", ADDRESS)
    server.faults["7.5.10.193.in-addr.arpa"] = "servfail"
    assert describe(*relay.check_name(RELAY, "", names)) == [("unknown", "dns_broken")]


@pytest.mark.parametrize(
    ("email", "host", "state", "reason"),
    [
        (RELAY, "", "fail", "host_missing"),
        (MailServer(kind="smtp", host="127.0.0.1", port=25), "", "unknown", "ptr_local"),
        (MailServer(kind="smtp", host="::1", port=25), "", "unknown", "ptr_local"),
        (MailServer(kind="smtp", host="10.0.0.5", port=25), "", "unknown", "ptr_local"),
        (MailServer(kind="provider", provider="brevo"), "", "pass", "ptr_provider"),
        (MailServer(kind="console"), "", "unknown", "mail_stays"),
        (MailServer(kind="console"), "out.firma.se", "fail", "host_missing"),
    ],
)
def test_mail_servers_of_other_kinds(
    names: Names, email: MailServer, host: str, state: str, reason: str
) -> None:
    assert describe(*relay.check_name(email, host, names)) == [(state, reason)]
