from importlib import import_module

import anymail.backends
import pytest
from django.conf import settings
from django.core.mail import get_connection

from pmoportal.mail_url import PROVIDERS, MailServer, parse_mail_url

NOT_PROVIDERS = {"base", "base_requests", "console", "test", "sendinblue"}  # the last became brevo


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer(kind="smtp", host="127.0.0.1", port=1025)),
        ("smtp://mail.example.com", MailServer(kind="smtp", host="mail.example.com", port=25)),
        (
            "smtp+starttls://anna:p%40ss@mail.example.com",
            MailServer(
                kind="smtp",
                host="mail.example.com",
                port=587,
                user="anna",
                password="p@ss",
                tls="starttls",
            ),
        ),
        (
            "smtps://mail.example.com",
            MailServer(kind="smtp", host="mail.example.com", port=465, tls="ssl"),
        ),
        ("console:", MailServer(kind="console")),
        ("locmem:", MailServer(kind="locmem")),
        ("file:///var/mail", MailServer(kind="file", path="/var/mail")),
        (
            "mailgun://Key-1?sender_domain=mg.example.com",
            MailServer(
                kind="provider",
                provider="mailgun",
                anymail={"MAILGUN_API_KEY": "Key-1", "MAILGUN_SENDER_DOMAIN": "mg.example.com"},
            ),
        ),
    ],
)
def test_a_mail_url_says_where_mail_goes(url: str, server: MailServer) -> None:
    assert parse_mail_url(url) == server


def test_a_mail_server_does_not_print_its_password() -> None:
    assert "hunter2" not in repr(parse_mail_url("smtp://anna:hunter2@mail.example.com"))


def test_every_backend_of_anymail_has_a_line_in_the_table() -> None:
    folder = anymail.backends.__path__[0]
    names = {path.stem for path in __import__("pathlib").Path(folder).glob("[!_]*.py")}
    assert {name.replace("-", "_") for name in PROVIDERS} == names - NOT_PROVIDERS


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
@pytest.mark.parametrize("name", sorted(PROVIDERS.keys() - {"amazon-ses"}))
def test_every_provider_starts_with_the_settings_of_its_url(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    extras = "&".join(f"{each}=https://x.example.com" for each in PROVIDERS[name].required)
    server = parse_mail_url(f"{name}://KEY?{extras}")
    monkeypatch.setattr(settings, "ANYMAIL", server.anymail)
    connection = get_connection(server.backend)
    assert "KEY" in vars(connection).values()


def test_amazon_ses_without_its_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pmoportal.mail_url.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"pip install 'django-anymail\[amazon-ses\]'"):
        parse_mail_url("amazon-ses://ID:SECRET?region_name=eu-north-1")


def test_amazon_ses_takes_its_key_in_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmoportal.mail_url.find_spec", import_module)
    monkeypatch.setitem(__import__("sys").modules, "boto3", object())
    server = parse_mail_url("amazon-ses://ID:SECRET?region_name=eu-north-1")
    assert server.anymail["AMAZON_SES_SESSION_PARAMS"] == {
        "region_name": "eu-north-1",
        "aws_access_key_id": "ID",
        "aws_secret_access_key": "SECRET",
    }


def test_amazon_ses_is_never_asked_twice_for_one_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmoportal.mail_url.find_spec", lambda _: "installed")
    config = parse_mail_url("amazon-ses:").anymail["AMAZON_SES_CLIENT_PARAMS"]["config"]
    assert config["retries"] == {"total_max_attempts": 1}


@pytest.mark.parametrize(
    "url",
    [
        "resend://key?signing_secret=abc",
        "postal://key?api_url=https://postal.example.com&webhook_key=abc",
        "sendgrid://key?tracking_webhook_verification_key=abc",
    ],
)
def test_a_signature_that_cannot_be_checked_here_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr("pmoportal.mail_url.find_spec", lambda _: None)
    with pytest.raises(ValueError, match="which needs: pip install 'django-anymail"):
        parse_mail_url(url)
