"""Every provider's backend can make our mail, and gets our id to bring back."""

import json
from dataclasses import replace
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from campaigns.transport.composing import compose, open_connection
from pmoportal.mail_url import PROVIDERS, parse_mail_url
from tests.campaigns.provider_server import MAIL

KEY = "019309ab-0000-7000-8000-000000000000"
# Made without boto3, as is the rest of them without their libraries.
HERE = sorted(PROVIDERS.keys() - (set() if find_spec("boto3") else {"amazon-ses"}))
CAMPAIGN_MAIL = replace(
    MAIL,
    headers={
        **MAIL.headers,
        "Auto-Submitted": "auto-generated",
        "List-Id": "PMO-testet <tips.example.com>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


def read(payload: Any) -> str:
    if not hasattr(payload, "get_request_params"):  # Amazon's
        payload.finalize_payload()
        return str(payload.params)
    said = payload.get_request_params("https://api.example.com/")["data"]
    return said if isinstance(said, str) else json.dumps(said)


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize("name", HERE)
def test_every_provider_can_be_given_our_mail(name: str, settings: Settings) -> None:
    extras = dict.fromkeys(PROVIDERS[name].required, "https://api.example.com/")
    if name == "amazon-ses":
        extras = {"region_name": "eu-north-1"}
    email = parse_mail_url(f"{name}://key?{urlencode(extras)}")
    settings.ANYMAIL = email.anymail
    backend = open_connection(email)
    payload = backend.build_message_payload(compose(CAMPAIGN_MAIL, email=email), {})
    said = read(payload)

    for expected in ("asa@example.se", "Ditt resultat", "m/unsubscribe/x/", KEY):
        assert expected in said
    backend.close()


@pytest.mark.parametrize("name", ["mailersend", "postal"])
def test_a_provider_that_knows_no_metadata_gets_our_id_as_a_tag(name: str) -> None:
    email = replace(parse_mail_url("postmark://key"), provider=name)
    message = compose(MAIL, email=email)

    assert message.tags == [KEY]  # type: ignore[attr-defined]
    assert not hasattr(message, "metadata")


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mailersend", ['"track_clicks": false', '"track_opens": false']),
        ("mailgun", ["'o:tracking-clicks': 'no'", "'o:tracking-opens': 'no'"]),
        ("mailjet", ['"TrackClicks": "disabled"', '"TrackOpens": "disabled"']),
        ("mandrill", ['"track_clicks": false', '"track_opens": false']),
        ("postmark", ['"TrackLinks": "None"', '"TrackOpens": false']),
        ("sendgrid", ['"click_tracking": {"enable": false', '"open_tracking": {"enable": false']),
        ("sparkpost", ['"click_tracking": false', '"open_tracking": false']),
        ("unisender-go", ['"track_links": 0', '"track_read": 0']),
    ],
)
def test_a_provider_that_can_be_told_leaves_links_alone_and_adds_no_pixel(
    name: str, said: list[str], settings: Settings
) -> None:
    extras = dict.fromkeys(PROVIDERS[name].required, "https://api.example.com/")
    email = parse_mail_url(f"{name}://key?{urlencode(extras)}")
    settings.ANYMAIL = email.anymail
    backend = open_connection(email)
    payload = backend.build_message_payload(compose(CAMPAIGN_MAIL, email=email), {})
    data = payload.get_request_params("https://api.example.com/")["data"]
    text = data if isinstance(data, str) else str(data)

    assert [each for each in said if each not in text] == []
    backend.close()
