import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from assessments import tokens as test_tokens
from assessments.models import Respondent, Response
from campaigns import forms, tokens
from campaigns.models import (
    CampaignVersion,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Message,
)
from tests.campaigns.panels import fill_in, post
from tests.factories import make_enrolment, make_response, publish_campaign

pytestmark = pytest.mark.django_db


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


def test_panel_ticks_nothing_beforehand(client: Client, panel: str) -> None:
    page = client.get(panel).content.decode()
    assert 'name="tips"' in page
    assert "checked" not in page


def test_panel_queues_a_confirming_mail_and_rings(
    client: Client, panel: str, rings: list[str]
) -> None:
    answer = post(client, panel, {"email": "Alva@Example.se", "tips": "on"})
    assert answer.headers["Location"] == f"{panel}mail/"
    assert Message.objects.get().to == "alva@example.se"
    assert rings == ["send_due_messages"]


def test_panel_without_a_tick_sends_nothing_and_keeps_the_address(
    client: Client, panel: str
) -> None:
    answer = post(client, panel, {"email": "alva@example.se"})
    assert answer.status_code == 422
    assert 'value="alva@example.se"' in answer.content.decode()
    assert not Respondent.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "a@b.se\nBcc: x@y.z",
        "a@b.se%0aBcc:x",
        "a@b.se, c@d.e",
        "a@localhost",
        "a@[127.0.0.1]",
        f"{'a' * 65}@example.se",
        "å@example.se",
        "alva",
        "",
        "a@b.se\x00",
        "pmo@example.com",
        "a@" + "b" * 250 + ".se",
        "a@\ud800.se".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_panel_refuses_what_is_not_one_address(client: Client, panel: str, address: str) -> None:
    answer = post(client, panel, {"email": address, "tips": "on"})
    assert answer.status_code == 422
    assert not Message.objects.exists()


@pytest.mark.parametrize("address", ["a@ö.se", "a+tag@example.se", "A.B@Example.SE"])
def test_panel_takes_every_address_that_works(client: Client, panel: str, address: str) -> None:
    assert post(client, panel, {"email": address, "tips": "on"}).status_code == 302
    assert Message.objects.get().to.isascii()


def test_panel_answers_alike_for_known_unknown_and_suppressed(
    client: Client, panel: str, version: CampaignVersion
) -> None:
    make_enrolment(version, email="known@example.se")
    answers = [
        post(client, panel, {"email": address, "tips": "on"})
        for address in ("known@example.se", "new@example.se", "new@example.se")
    ]
    assert len({(each.status_code, each.headers["Location"]) for each in answers}) == 1
    pages = {client.get(each.headers["Location"]).content for each in answers}
    assert len(pages) == 1


def test_panel_shows_a_script_as_text(client: Client, panel: str) -> None:
    name = '<script>alert(1)</script>"><img onerror=x>{{7*7}}{% debug %}'
    page = post(client, panel, {"email": "", "first_name": name}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_panel_of_a_result_that_is_taken_sends_nothing_to_another_address(
    client: Client, version: CampaignVersion
) -> None:
    enrolment = make_enrolment(version)
    panel = f"/tips/{test_tokens.make('result', enrolment.response_id)}/"
    assert 'name="email"' not in client.get(panel).content.decode()
    post(client, panel, {"email": "bo@example.se", "tips": "on"})
    assert not Message.objects.filter(to="bo@example.se").exists()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["email", "first_name", "tips", "tips_wording", "shown"]),
        st.text(max_size=300),
    )
)
def test_panel_never_fails_whatever_it_is_sent(
    client: Client, panel: str, content: dict[str, str]
) -> None:
    cache.clear()
    assert post(client, panel, content).status_code in {302, 422}


@pytest.mark.parametrize("address", ["xpmo@example.com", "mo@example.com", "o@example.co"])
def test_panel_takes_an_address_that_is_only_like_ours(
    client: Client, panel: str, address: str
) -> None:
    assert post(client, panel, {"email": address, "tips": "on"}).status_code == 302


# --- Which addresses we write to -----------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("no-reply@example.se", "Nobody reads mail to that address"),
        ("noreply+x@example.se", "Nobody reads mail to that address"),
        ("Do_Not.Reply@example.se", "Nobody reads mail to that address"),
        ("pmo@example.com", "That is our own address"),
        ("alva@yopmail.com", "That address will soon be gone"),
        ("alva@x.yopmail.com", "That address will soon be gone"),
    ],
)
def test_panel_says_why_it_refuses_an_address(
    client: Client, panel: str, address: str, reason: str
) -> None:
    answer = post(client, f"/en{panel}", {"email": address, "tips": "on"})
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize("address", ["info@example.se", "support@example.se", "hr+pmo@example.se"])
@pytest.mark.parametrize(("is_allowed", "status"), [(True, 302), (False, 422)])
def test_panel_takes_role_addresses_when_it_is_set_to(
    client: Client, panel: str, settings: Settings, address: str, is_allowed: bool, status: int
) -> None:
    settings.ALLOW_ROLE_ADDRESSES = is_allowed
    assert post(client, panel, {"email": address, "tips": "on"}).status_code == status
    assert Message.objects.exists() is is_allowed


def test_panel_takes_disposable_addresses_when_it_is_set_to(
    client: Client, panel: str, settings: Settings
) -> None:
    settings.ALLOW_DISPOSABLE = True
    assert post(client, panel, {"email": "alva@yopmail.com", "tips": "on"}).status_code == 302


def test_the_stop_page_takes_every_address_that_we_may_have_written_to(client: Client) -> None:
    for address in ("info@example.se", "alva@yopmail.com"):
        assert client.post("/m/stop/", {"email": address}).status_code == 200


# --- The words that were ticked ------------------------------------------------------------


def test_panel_records_the_words_that_stood_on_the_page(client: Client, panel: str) -> None:
    content = fill_in(client, panel, {"email": "alva@example.se", "tips": "on"})
    ConsentWording.objects.create(
        purpose="tips", language="sv", text="Nya ord.", created_at=timezone.now()
    )
    client.post(panel, content)
    assert str(ConsentEvent.objects.get().wording_id) == content["tips_wording"]


@pytest.mark.parametrize("posted", ["", "0", "abc", "9" * 40, "contact", "english"])
def test_panel_shows_the_words_again_when_it_cannot_know_which_were_read(
    client: Client, panel: str, posted: str
) -> None:
    others = {"contact": ("contact", "sv"), "english": ("tips", "en")}
    if posted in others:
        purpose, language = others[posted]
        wording = ConsentWording.objects.get(purpose=purpose, language=language)
        posted = str(wording.pk)
    answer = post(client, panel, {"email": "alva@example.se", "tips": "on", "tips_wording": posted})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "checked" not in page
    assert 'value="alva@example.se"' in page
    assert not Message.objects.exists()


def test_panel_keeps_a_tick_beside_the_same_words_and_not_beside_new_ones(
    client: Client, panel: str
) -> None:
    content = fill_in(client, panel, {"email": "", "tips": "on"})
    assert "checked" in client.post(panel, content).content.decode()
    ConsentWording.objects.create(
        purpose="tips", language="sv", text="Nya ord.", created_at=timezone.now()
    )
    page = client.post(panel, content).content.decode()
    assert "checked" not in page
    assert "Nya ord." in page


# --- Programs, and those who ask too much: on every route ----------------------------------


@pytest.fixture(params=["", "/en"])
def route(panel: str, request: pytest.FixtureRequest) -> str:
    return f"{request.param}{panel}"


ASKED = {"email": "alva@example.se", "tips": "on"}


def test_a_program_that_fills_in_everything_gets_the_same_answer_and_nothing_happens(
    client: Client, route: str, rings: list[str]
) -> None:
    answer = post(client, route, {**ASKED, "remarks": "Buy now"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{route}mail/")
    assert not Respondent.objects.exists()
    assert rings == []


def test_people_neither_see_nor_reach_the_field_for_programs(client: Client, panel: str) -> None:
    page = client.get(panel).content.decode()
    field = re.search(r'<p class="unseen" aria-hidden="true">.*name="remarks"([^>]*)>', page)
    assert field is not None
    assert 'tabindex="-1"' in field[1]
    assert 'autocomplete="off"' in field[1]


@pytest.mark.parametrize("shown", ["at once", "missing", "forged", "signed for something else"])
def test_a_form_that_comes_too_quickly_asks_to_press_once_more(
    client: Client, route: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr("campaigns.views.timezone.now", lambda: now + timedelta(seconds=1.9))
    stamps = {
        "at once": forms._make_stamp(now),
        "missing": "",
        "forged": f"1000.{'a' * 43}",
        "signed for something else": tokens.make("confirm", 1000),
    }
    answer = post(client, route, {**ASKED, "shown": stamps[shown]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "checked" in page
    assert 'value="alva@example.se"' in page
    assert not Message.objects.exists()


def test_pressing_once_more_is_enough(
    client: Client, panel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that comes back remembers when it was first shown."""
    now = timezone.now()
    first = post(client, panel, {**ASKED, "shown": forms._make_stamp(now)})
    shown = re.search(r'name="shown" value="([^"]*)"', first.content.decode())
    assert shown is not None
    monkeypatch.setattr("campaigns.views.timezone.now", lambda: now + timedelta(seconds=2.1))
    assert post(client, panel, {**ASKED, "shown": shown[1]}).status_code == 302


def ask_as(client: Client, panel: str, number: int, address: str) -> int:
    content = {**ASKED, "email": f"p{number}@example.se"}
    return post(client, panel, content, REMOTE_ADDR=address).status_code


def test_one_address_may_ask_for_so_many_mails_in_an_hour(
    client: Client, route: str, settings: Settings
) -> None:
    settings.CONFIRMATIONS_PER_HOUR = 2
    statuses = [ask_as(client, route, number, "192.0.2.1") for number in range(4)]
    assert statuses == [302, 302, 429, 429]
    assert ask_as(client, route, 9, "192.0.2.2") == 302
    assert Message.objects.count() == 3


@pytest.mark.parametrize(
    ("addresses", "elsewhere"),
    [
        (["192.0.2.1", "192.0.2.2", "192.0.2.3"], "192.0.3.1"),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], "2001:db8:0:1::1"),
        (["::ffff:192.0.2.1", "192.0.2.2:80", "192.0.2.3"], "::ffff:192.0.3.1"),
    ],
)
def test_one_network_may_ask_for_so_many_mails_in_a_day(
    client: Client, panel: str, settings: Settings, addresses: list[str], elsewhere: str
) -> None:
    settings.CONFIRMATIONS_PER_DAY = 2
    statuses = [ask_as(client, panel, *each) for each in enumerate(addresses)]
    assert statuses == [302, 302, 429]
    assert ask_as(client, panel, 9, elsewhere) == 302


def test_whoever_asks_too_much_is_told_so_and_still_has_the_result(
    client: Client, panel: str, settings: Settings
) -> None:
    settings.CONFIRMATIONS_PER_HOUR = 1
    post(client, f"/en{panel}", ASKED)
    answer = post(client, f"/en{panel}", {**ASKED, "email": "bo@example.se"})
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "Try again in an hour" in page
    assert 'value="bo@example.se"' in page
    result = re.search(r'href="(/en/resultat/[^"]+)"', page)
    assert result is not None
    assert client.get(result[1]).status_code == 200


@pytest.mark.parametrize("address", ["unknown", "", "1.2.3.4:4711", "[::1]:80", "::ffff:1.2.3.4"])
def test_a_request_from_an_address_in_any_form_is_taken(
    client: Client, panel: str, address: str
) -> None:
    assert ask_as(client, panel, 1, address) == 302
    assert ConsentOrigin.objects.get().ip in {None, "1.2.3.4", "::1"}
