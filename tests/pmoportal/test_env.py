"""Each nonsense value stops the start with a sentence that names its variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pmoportal import env, mail_url, server_urls

ROOT = Path(__file__).parent.parent.parent
NONSENSE = [
    ("ALLOWED_HOSTS", "https://example.com"),
    ("ALLOWED_HOSTS", "example.com:8000"),
    ("BOOKING_URL", "javascript:alert(1)"),
    ("CACHE_URL", "memcached://127.0.0.1"),
    ("CELERY_BROKER_URL", "amqp://127.0.0.1"),
    ("CELERY_BROKER_URL", "redis://host:port"),
    ("CLICK_CROWD", "1"),
    ("CLICK_SOON_SECONDS", "soon"),
    ("DATABASE_POOL", "-1"),
    ("DATABASE_URL", "foo"),
    ("DATABASE_URL", "sqlite:///db.sqlite3"),
    ("DATABASE_URL", "postgres://u:p@host:port/name"),
    ("DATABASE_URL", "postgres://u:p@host"),
    ("DEBUG", "maybe"),
    ("DEFAULT_FROM_EMAIL", "nobody"),
    ("DEFAULT_FROM_EMAIL", "A <a@b.se>\nBcc: c@d.se"),
    ("DEMO_DAY_SECONDS", "-1"),
    ("DEMO_DAY_SECONDS", "nan"),
    ("DKIM_SELECTORS", "s1._domainkey.example.com."),
    ("DKIM_SELECTORS", "s 1"),
    ("DNS_SERVERS", "dns.example.com"),
    ("DNS_SERVERS", "192.0.2.1:port"),
    ("DOCTOR_INBOX", "/etc/hosts"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://mail:high"),
    ("EMAIL_URL", "carrierpigeon://key"),
    ("EMAIL_URL", "postmark://"),
    ("EMAIL_URL", "mailjet://key"),
    ("EMAIL_URL", "postmark://key?server=x"),
    ("EMBED_ORIGINS", "www.example.com"),
    ("EMBED_ORIGINS", "https://www.example.com/page"),
    ("HOSTING_COUNTRY", "Sverige"),
    ("KEEP_IDLE_MONTHS", "0"),
    ("LEADS_SEEN", "mine"),
    ("LEAD_ALERT_GRADES", "E5"),
    ("LEAD_ALERT_GRADES", "1A"),
    ("LEASE_SECONDS", "0"),
    ("ORG_NUMBER", "556000-0002"),
    ("ORG_NUMBER", "nr 1"),
    ("PRIVACY_EMAIL", "A <a@b.se>"),
    ("API_PER_MINUTE", "0"),
    ("WEBHOOK_ALLOWED_PRIVATE", "crm.example.com"),
    ("WEBHOOK_ALLOWED_PRIVATE", "10.0.0.1/8"),
    ("PORT", "80a"),
    ("PORT", "70000"),
    ("PORT", "²"),
    ("POSTAL_ADDRESS", "Street 1\nTown"),
    ("PROVIDER_SIGNED_ON", "yesterday"),
    ("SCANNER_NETWORKS", "192.0.2.1/24"),
    ("SCANNER_NETWORKS", "proofpoint"),
    ("SECRET_KEY", "short"),
    ("SENDING_HOST", "https://mail.example.com"),
    ("SENDING_WINDOW", "many"),
    ("SITE_URL", "pmo.example.com"),
    ("SITE_URL", "https://pmo.example.com/start"),
    ("SITE_URL", "ftp://pmo.example.com"),
    ("TRUSTED_PROXIES", "yes"),
    ("WEBHOOK_SECRET", "secret"),
]

READERS = {
    "CLICK_CROWD": env.whole_number(2, 10_000),
    "CLICK_SOON_SECONDS": env.number,
    "DKIM_SELECTORS": env.selectors,
    "DNS_SERVERS": env.name_servers,
    "DOCTOR_INBOX": env.folder,
    "PROVIDER_SIGNED_ON": env.day,
    "SCANNER_NETWORKS": env.networks,
    "SENDING_HOST": env.host,
    "ALLOWED_HOSTS": env.hosts,
    "API_PER_MINUTE": env.whole_number(1, 100_000),
    "BOOKING_URL": env.link,
    "CACHE_URL": server_urls.parse_cache_url,
    "CELERY_BROKER_URL": server_urls.parse_broker_url,
    "DATABASE_POOL": env.whole_number(0, 100),
    "DATABASE_URL": server_urls.parse_database_url,
    "DEBUG": env.flag,
    "DEFAULT_FROM_EMAIL": env.sender,
    "DEMO_DAY_SECONDS": env.number,
    "EMAIL_URL": mail_url.parse_mail_url,
    "EMBED_ORIGINS": env.origins,
    "HOSTING_COUNTRY": env.country,
    "KEEP_IDLE_MONTHS": env.whole_number(3, 120),
    "LEADS_SEEN": env.one_of("own", "all"),
    "LEAD_ALERT_GRADES": env.grades,
    "LEASE_SECONDS": env.whole_number(1, 3600),
    "ORG_NUMBER": env.org_number,
    "PRIVACY_EMAIL": env.address,
    "PORT": env.whole_number(1, 65000),
    "POSTAL_ADDRESS": env.text,
    "SECRET_KEY": env.secret,
    "SENDING_WINDOW": env.whole_number(1, 1000),
    "SITE_URL": env.site_url,
    "TRUSTED_PROXIES": env.whole_number(0, 5),
    "WEBHOOK_ALLOWED_PRIVATE": env.networks,
    "WEBHOOK_SECRET": env.credentials,
}


def load_settings(**variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "import pmoportal.settings"],
        cwd=ROOT,
        env={"VAR_DIR": os.environ["VAR_DIR"], "PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_nonsense_value_is_answered_with_one_sentence_that_names_it() -> None:
    bad = dict(NONSENSE)  # all variables at once: every one must be found, not only the first
    loaded = load_settings(**bad)
    assert loaded.returncode == 1
    assert sorted(line.split()[0] for line in loaded.stderr.splitlines()) == sorted(bad)
    assert all(" must " in line or " has " in line for line in loaded.stderr.splitlines())


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_a_value_is_refused_by_its_reader(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"must|has"):
        READERS[name](value)


def test_a_blank_value_counts_as_not_given() -> None:
    assert load_settings(PORT="", DEBUG=" ", DATABASE_URL="").returncode == 0


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    loaded = load_settings(VAR_DIR=str(file))
    assert loaded.stderr.startswith("VAR_DIR must be a folder")


def test_messages_do_not_repeat_a_password() -> None:
    loaded = load_settings(DATABASE_URL="mysql://u:hunter2@host/name")
    assert "hunter2" not in loaded.stderr


@pytest.mark.parametrize(
    ("value", "servers"),
    [
        ("192.0.2.1", ("192.0.2.1",)),
        ("192.0.2.1:5353, [2001:db8::1]:53", ("192.0.2.1:5353", "[2001:db8::1]:53")),
        ("2001:db8::1", ("2001:db8::1",)),
    ],
)
def test_name_servers_may_have_ports(value: str, servers: tuple[str, ...]) -> None:
    assert env.name_servers(value) == servers


def test_networks_are_written_alike() -> None:
    read = env.networks("192.0.2.7, 2001:DB8::/32")
    assert [str(network) for network in read] == ["192.0.2.7/32", "2001:db8::/32"]
    assert all(env.networks(network) for network in env.SCANNER_NETWORKS)
