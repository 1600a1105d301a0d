import re

import pytest
from django.test import Client

from assessments import tokens as test_tokens
from assessments.models import Respondent, Response
from campaigns import letters, tokens
from campaigns.models import CampaignVersion, Consent, ConsentOrigin, Enrolment, Message
from tests.campaigns.panels import post
from tests.factories import TUESDAY, get_consents, make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db

CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were rung for."""
    heard: list[str] = []
    monkeypatch.setattr("campaigns.views.ring", lambda task, **_: heard.append(task.__name__))
    return heard


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def response(version: CampaignVersion) -> Response:
    return make_response(version.campaign.assessment.versions.get())


@pytest.fixture
def panel(response: Response) -> str:
    return f"/tips/{test_tokens.make('result', response.pk)}/"


@pytest.fixture
def confirm_link(client: Client, panel: str) -> str:
    post(client, panel, {"email": "alva@example.se", "tips": "on"})
    return get_path(letters.get_all_values(Message.objects.get())["confirm_url"])


@pytest.fixture
def stop_link(version: CampaignVersion) -> str:
    enrolment = make_enrolment(version)
    return get_path(letters.get_link("unsubscribe", [enrolment.respondent_id, "tips", "ab"]))


def get_path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


# --- Confirming --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_confirm_page_confirms_nothing(
    client: Client, confirm_link: str, method: str
) -> None:
    assert getattr(client, method)(confirm_link).status_code == 200
    assert set(get_consents(Respondent.objects.get().pk).values()) == {"unconfirmed"}


def test_confirming_by_post_enrols_and_rings(
    client: Client, confirm_link: str, rings: list[str]
) -> None:
    assert client.post(confirm_link).status_code == 200
    assert Enrolment.objects.get().state == "active"
    assert rings[-1] == "plan_due_messages"


def test_confirming_twice_says_it_is_already_done(client: Client, confirm_link: str) -> None:
    client.post(confirm_link)
    page = client.get(confirm_link)
    assert page.status_code == 200
    assert "<form" not in page.content.decode()
    client.post(confirm_link)
    assert Enrolment.objects.count() == 1


def test_an_expired_confirm_link_offers_to_ask_again(client: Client, confirm_link: str) -> None:
    ConsentOrigin.objects.update(asked_at=TUESDAY, due_at=TUESDAY)
    page = client.post(confirm_link).content.decode()
    assert "/resultat/" in page
    assert not Enrolment.objects.exists()


def test_a_confirm_link_after_unsubscribing_asks_again(client: Client, confirm_link: str) -> None:
    client.post(confirm_link)
    person = Respondent.objects.get()
    client.post(get_path(letters.get_link("unsubscribe", [person.pk, "tips", ""])), CLICK)
    page = client.post(confirm_link)
    assert "/resultat/" in page.content.decode()
    assert get_consents(person.pk) == {"tips": "withdrawn"}


def test_the_confirm_page_speaks_the_language_that_was_asked_in(client: Client, panel: str) -> None:
    post(client, f"/en{panel}", {"email": "alva@example.se", "tips": "on"})
    link = get_path(letters.get_all_values(Message.objects.get())["confirm_url"])
    assert '<html lang="en"' in client.get(link).content.decode()


# --- Stopping ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_unsubscribe_page_changes_nothing(
    client: Client, stop_link: str, method: str
) -> None:
    assert getattr(client, method)(stop_link).status_code == 200
    assert Consent.objects.get().state == "confirmed"


@pytest.mark.parametrize("is_multipart", [True, False])
@pytest.mark.parametrize("has_slash", [True, False])
def test_one_click_stops_at_once(stop_link: str, is_multipart: bool, has_slash: bool) -> None:
    client = Client(enforce_csrf_checks=True)
    link = f"{stop_link}/" if has_slash else stop_link
    content = {"content_type": "application/x-www-form-urlencoded"} if not is_multipart else {}
    body = CLICK if is_multipart else "List-Unsubscribe=One-Click"
    assert client.post(link, body, **content).status_code == 200
    assert Consent.objects.get().state == "withdrawn"
    assert Enrolment.objects.get().state == "stopped"


def test_one_click_a_hundred_times_is_answered_alike(client: Client, stop_link: str) -> None:
    assert {client.post(stop_link, CLICK).status_code for _ in range(100)} == {200}


def test_one_click_after_erasure_is_answered_alike(client: Client, stop_link: str) -> None:
    Respondent.objects.all().delete()
    assert client.post(stop_link, CLICK).status_code == 200


def test_stopping_everything_takes_back_every_purpose(client: Client, panel: str) -> None:
    post(client, panel, {"email": "alva@example.se", "tips": "on", "contact": "on"})
    client.post(get_path(letters.get_all_values(Message.objects.get())["confirm_url"]))
    person = Respondent.objects.get()
    link = get_path(letters.get_link("unsubscribe", [person.pk, "tips", ""]))
    client.post(link, {"scope": "all"})
    assert get_consents(person.pk) == {"tips": "withdrawn", "contact": "withdrawn"}


def test_a_damaged_link_shows_a_form_and_changes_nothing(client: Client, stop_link: str) -> None:
    damaged = stop_link.replace("/m/unsubscribe/", "/m/unsubscribe/x")
    answer = client.post(damaged, CLICK)
    assert answer.status_code == 404
    assert 'name="email"' in answer.content.decode()
    assert Consent.objects.get().state == "confirmed"


def test_a_confirm_link_cannot_unsubscribe(client: Client, stop_link: str) -> None:
    token = tokens.make("confirm", [1, "ab"])
    assert client.post(f"/m/unsubscribe/{token}/", CLICK).status_code == 404


def test_guessing_links_is_stopped_after_twenty_in_a_minute(client: Client) -> None:
    statuses = [client.get(f"/m/unsubscribe/guess{number}/").status_code for number in range(25)]
    assert statuses[:20] == [404] * 20
    assert set(statuses[20:]) <= {404, 429}  # a new minute may have begun
    assert 429 in statuses


def test_the_stop_page_mails_a_fresh_link_and_says_nothing(
    client: Client, version: CampaignVersion
) -> None:
    make_enrolment(version)
    pages = {
        client.post("/m/stop/", {"email": address}).content
        for address in ("alva@example.se", "nobody@example.se")
    }
    assert len(pages) == 1
    message = Message.objects.get()
    assert (message.template, message.to) == ("stop", "alva@example.se")
    link = get_path(letters.get_all_values(message)["stop_url"])
    assert client.post(link, CLICK).status_code == 200
    assert Consent.objects.get().state == "withdrawn"
