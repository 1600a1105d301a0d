"""The pages of webhooks and their log, for administrators only."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override
from pytest_django.fixtures import Settings

from leads.hooks import dealing, secrets
from leads.hooks.words import REASONS, describe_answer
from leads.models import Delivery, Hook
from pmoportal.env import networks
from tests.admin import count_queries, get_list, get_page, get_status, log_in
from tests.factories import TUESDAY
from tests.leads.integrating import Receiver, make_hook, make_lead, reply, running_receiver

pytestmark = pytest.mark.django_db
NOW = TUESDAY + timedelta(days=3)
HOME = "/admin/"
ADD = "/admin/leads/hook/add/"


@pytest.fixture
def client() -> Client:
    return log_in("Administrators")


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOWED_PRIVATE = networks("127.0.0.0/8")
    with running_receiver() as server:
        yield server


def make_delivery(**columns: object) -> Delivery:
    make_hook()
    make_lead()
    dealing.deal(now=NOW, limit=10)
    Delivery.objects.update(**columns)
    return Delivery.objects.get(kind="lead.created")


@pytest.mark.parametrize("group", ["Consultants", "Marketers"])
def test_webhooks_are_for_administrators(group: str) -> None:
    delivery, client = make_delivery(), log_in(group)
    pages = [get_list(Hook), get_list(Delivery), get_page(delivery), get_page(delivery.hook), ADD]
    assert {get_status(client, page) for page in pages} == {403}
    for row, act in [(delivery, "replay_one"), (delivery.hook, "send_test")]:
        assert client.post(get_page(row, act)).status_code == 403


def test_a_new_webhook_shows_its_secret_once(client: Client, receiver: Receiver) -> None:
    posted = {"name": "CRM", "url": receiver.url, "kinds": ["lead.created"], "is_active": "on"}
    answer = client.post(ADD, posted)
    hook = Hook.objects.get()
    secret = secrets.get_secret(hook=hook)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert secret not in client.get(get_page(hook)).content.decode()
    assert (hook.kinds, hook.failures) == (["lead.created"], 0)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://crm.example.com/", "no_such_host"),
        ("https://127.0.0.1/", "private_address"),
        ("https://localhost/", "private_address"),
        ("https://169.254.169.254/latest/meta-data/", "private_address"),
        ("https://2130706433/", "not_an_address"),
        ("https://[::1]/", "private_address"),
        ("file:///etc/passwd", "not_https"),
    ],
)
def test_an_address_inside_is_refused_when_it_is_saved(
    client: Client, url: str, reason: str
) -> None:
    answer = client.post(ADD, {"name": "CRM", "url": url, "kinds": ["lead.created"]})
    assert answer.context["adminform"].form.errors["url"] == [str(REASONS[reason])]
    assert not Hook.objects.exists()


def test_a_test_is_sent_and_its_answer_shown(client: Client, receiver: Receiver) -> None:
    hook = make_hook(receiver.url)
    receiver.answer = lambda call: reply(call, 202, b"thanks")
    page = client.post(get_page(hook, "send_test"), follow=True).content.decode()
    assert "The test arrived. Answered 202. thanks" in page
    assert b'"type":"test"' in receiver.given[0][1]
    receiver.answer = lambda call: reply(call, 500, b"<b>no</b>")
    page = client.post(get_page(hook, "send_test"), follow=True).content.decode()
    assert "The test was not taken. Answered 500. &lt;b&gt;no&lt;/b&gt;" in page
    assert not Delivery.objects.exists()


def test_looking_does_nothing(client: Client) -> None:
    delivery = make_delivery(state="given_up")
    pages = [(delivery.hook, act) for act in ("send_test", "renew_secret", "go_on")]
    for row, act in [*pages, (delivery, "replay_one")]:
        assert client.get(get_page(row, act)).status_code == 405  # type: ignore[arg-type]  # rows of two kinds
    assert Delivery.objects.filter(state="given_up").count() == 2


def test_a_new_secret_is_shown_once(client: Client) -> None:
    hook = make_hook()
    before = secrets.get_secret(hook=hook)
    page = client.post(get_page(hook, "renew_secret")).content.decode()
    hook.refresh_from_db()
    assert secrets.get_secret(hook=hook) in page
    assert before not in page
    assert "24 hours" in page


def test_the_first_page_says_that_a_webhook_does_not_answer(client: Client) -> None:
    hook = make_hook(failures=6, failing_since=NOW, rests_until=NOW)
    assert "“CRM” does not answer" in client.get(HOME).content.decode()
    assert "does not answer" not in log_in("Marketers").get(HOME).content.decode()
    page = client.get(get_page(hook)).content.decode()
    assert "6 failures in a row" in page
    client.post(get_page(hook, "go_on"))
    assert "does not answer" not in client.get(HOME).content.decode()


def test_the_log_tells_again_what_was_given_up(client: Client) -> None:
    delivery = make_delivery(state="given_up")
    assert "Tell again" in client.get(get_page(delivery)).content.decode()
    client.post(get_page(delivery, "replay_one"))
    states = dict(Delivery.objects.values_list("kind", "state"))
    assert states == {"consent.given": "given_up", "lead.created": "queued"}
    chosen = [str(pk) for pk in Delivery.objects.values_list("pk", flat=True)]
    posted = {"action": "replay", "_selected_action": chosen}
    page = client.post(get_list(Delivery), posted, follow=True).content.decode()
    assert "1 is told again" in page
    assert "left as it is" in page


def test_a_delivery_shows_what_is_said_and_answered(client: Client) -> None:
    delivery = make_delivery(attempts=2, tried_at=NOW, status=503, evidence="<i>busy</i>")
    page = client.get(get_page(delivery)).content.decode()
    assert "Tried 2 times" in page
    assert "Answered 503. &lt;i&gt;busy&lt;/i&gt;" in page
    assert f"msg_{delivery.pk.hex}" in page


def test_the_lists_cost_the_same_with_many_rows(client: Client) -> None:
    make_delivery(attempts=1)
    one = [count_queries(client, get_list(row)) for row in (Hook, Delivery)]
    for number in range(1, 4):
        make_hook()
        make_lead(number=number)
    dealing.deal(now=NOW, limit=10)
    assert [count_queries(client, get_list(row)) for row in (Hook, Delivery)] == one


def test_every_reason_has_words() -> None:
    with override("en"):
        assert describe_answer(None, "timeout") == "There was no whole answer within five seconds."
        assert describe_answer(200, "") == "Answered 200."
