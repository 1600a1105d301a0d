"""Replies and answers in the admin: who sees them, what is shown, and how one is put right."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from campaigns import advancing, receiving, sight
from campaigns.models import Enrolment, Freeze, Message, Reply, Suppression, TipAnswer
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.admin import count_queries, get_list, get_page, get_status, log_in, make_user
from tests.campaigns.corpus import OURS, build
from tests.factories import make_enrolment, publish_campaign
from tests.leads.making import allow_contact

pytestmark = pytest.mark.django_db

REPLIES, ANSWERS = get_list(Reply), get_list(TipAnswer)
EVIL = "<script>alert(1)</script> Hej"


def make_reply(body: str = "Kan vi höras?", *, number: int = 0, **row: Any) -> Reply:
    now = timezone.now()
    email = f"alva{number}@example.se"
    enrolment = make_enrolment(publish_campaign(), email=email, now=now - timedelta(days=1))
    allow_contact(enrolment.respondent_id, email, now=now - timedelta(days=1))
    refresh_lead(respondent_id=enrolment.respondent_id, now=now)
    advancing.plan_due(now=now - timedelta(days=1), limit=10)
    sent = Message.objects.filter(enrolment=enrolment)
    sent.update(sending_at=now, sent_at=now, state="sent")
    message = sent.get()
    raw = build({"body": body, "from": f"Alva <{email}>", **row}, number=number)
    pk = receiving.take(raw=raw.replace(OURS.encode(), str(message.pk).encode()), received_at=now)
    return Reply.objects.get(pk=pk)


def correct(client: Client, reply: Reply, **said: str) -> int:
    return client.post(get_page(reply, "correct"), said, follow=True).status_code


@pytest.mark.parametrize(
    ("group", "status"),
    [("Consultants", 200), ("Administrators", 200), ("Marketers", 403), ("", 403)],
)
def test_replies_are_read_by_those_who_answer_them(group: str, status: int) -> None:
    reply, client = make_reply(), log_in(group)
    for url in (REPLIES, get_page(reply), get_page(reply, "frame")):
        assert get_status(client, url) == status, url
    posted = client.post(get_page(reply, "correct"), {"verdict": "auto_reply"}).status_code
    assert posted == (302 if status == 200 else 403)
    assert Reply.objects.get().verdict == ("auto_reply" if status == 200 else "human")


@pytest.mark.parametrize(
    ("group", "status"),
    [("Consultants", 200), ("Administrators", 200), ("Marketers", 200), ("", 403)],
)
def test_answers_are_read_by_all_who_work_with_tips(group: str, status: int) -> None:
    assert get_status(log_in(group), ANSWERS) == status


@pytest.mark.parametrize("group", ["Consultants", "Administrators"])
def test_nobody_adds_changes_or_removes_a_reply(group: str) -> None:
    reply, client = make_reply(), log_in(group)
    assert get_status(client, f"{REPLIES}add/") == 403
    assert client.post(get_page(reply), {"text": "x"}).status_code == 403
    assert client.post(get_page(reply, "delete"), {"post": "yes"}).status_code == 403
    assert Reply.objects.get().text == "Kan vi höras?"


def test_the_page_says_what_it_is_and_why() -> None:
    reply = make_reply("Ta bort mig från listan, tack", quote="outlook-sv")
    page = log_in("Consultants").get(get_page(reply)).content.decode()
    assert "Wants no more mail" in page
    assert "It says “ta bort mig från listan”: no more mail." in page
    assert "It answers a mail of ours." in page


def test_the_text_is_shown_as_text_and_shut_in() -> None:
    reply, client = make_reply(EVIL), log_in("Consultants")
    page = client.get(get_page(reply)).content.decode()
    frame = client.get(get_page(reply, "frame"))
    for shown in (page, frame.content.decode()):
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)" in shown
    assert "sandbox" in frame["Content-Security-Policy"]


def test_the_list_shows_only_own_words() -> None:
    make_reply("Hej på er", quote="gmail-sv")
    page = log_in("Consultants").get(REPLIES).content.decode()
    assert "Hej på er" in page
    assert "veckans tips" not in page


def test_a_reply_is_put_right_and_who_did_it_is_kept() -> None:
    reply, client = make_reply("Noterat"), log_in("Consultants")
    assert correct(client, reply, verdict="auto_reply") == 200
    reply.refresh_from_db()
    assert (reply.said, reply.verdict) == ("human", "auto_reply")
    assert Enrolment.objects.get().state == "active"
    page = client.get(get_page(reply)).content.decode()
    assert "Corrected by consultants" in page


def test_somebody_away_is_left_alone_until_the_day_that_is_said() -> None:
    reply, client = make_reply("Noterat"), log_in("Consultants")
    day = timezone.localdate() + timedelta(days=20)
    correct(client, reply, verdict="away", until=f"{day}")
    reply.refresh_from_db()
    assert (reply.verdict, reply.until) == ("away", day)
    assert timezone.localdate(Freeze.objects.get().until) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"verdict": "bounce"}, "Choose what the mail was."),
        ({}, "Choose what the mail was."),
        ({"verdict": "away", "until": "soon"}, "Write the day as 2027-01-31."),
        ({"verdict": "away", "until": "2001-01-01"}, "within the next year"),
        ({"verdict": "human"}, "it counts as that already"),
    ],
)
def test_a_correction_that_makes_no_sense_says_so(said: dict[str, str], words: str) -> None:
    reply, client = make_reply("Noterat"), log_in("Consultants")
    page = client.post(get_page(reply, "correct"), said, follow=True).content.decode()
    assert words in page
    assert Reply.objects.get().verdict == "human"


def test_looking_at_the_correction_changes_nothing() -> None:
    reply, client = make_reply("Noterat"), log_in("Consultants")
    assert get_status(client, get_page(reply, "correct")) == 405


def test_a_mistaken_suppression_is_lifted_by_a_click() -> None:
    reply, client = make_reply("Ta bort mig från listan"), log_in("Consultants")
    assert Suppression.objects.count() == 1
    correct(client, reply, verdict="human")
    assert Suppression.objects.count() == 0


def test_what_was_forgotten_is_said_to_be() -> None:
    reply = make_reply("Hej")
    Reply.objects.update(sender="", subject="", text="", reasons=[])
    page = log_in("Consultants").get(get_page(reply)).content.decode()
    assert "has been removed, as our retention says" in page


def test_many_replies_take_as_many_queries_as_one() -> None:
    client = log_in("Consultants")
    make_reply(number=0)
    one = count_queries(client, REPLIES)
    for number in range(1, 5):
        make_reply(number=number)
    assert count_queries(client, REPLIES) == one


def test_many_answers_take_as_many_queries_as_one() -> None:
    client = log_in("Marketers")
    message = make_reply().message
    assert message is not None

    def tell(number: int) -> None:
        TipAnswer.objects.create(
            message=message,
            respondent=message.respondent,
            choice="done",
            text=f"{EVIL} {number}",
            answered_at=timezone.now(),
        )

    tell(0)
    one = count_queries(client, ANSWERS)
    for number in range(1, 5):
        tell(number)
    assert count_queries(client, ANSWERS) == one
    assert "<script>alert" not in client.get(ANSWERS).content.decode()


def see(client: Client, url: str) -> set[int]:
    return {row.pk for row in client.get(url).context["cl"].result_list}


def make_everybodys() -> dict[str, Reply]:
    """A reply of each sort of person; `own` is that of the user *consultants*."""
    replies = {
        name: make_reply(number=number)
        for number, name in enumerate(("own", "nobodys", "colleagues", "tips_only", "strangers"))
    }
    colleague = make_user("Consultants", name="colleague")
    people = {name: reply.respondent_id for name, reply in replies.items()}
    Lead.objects.filter(respondent=people["colleagues"]).update(owner=colleague)
    Lead.objects.filter(respondent=people["tips_only"]).update(may_contact=False)
    Reply.objects.filter(pk=replies["strangers"].pk).update(respondent=None)
    for name, reply in replies.items():
        if name != "strangers":
            TipAnswer.objects.create(
                message=reply.message,
                respondent_id=reply.respondent_id,
                choice="done",
                answered_at=timezone.now(),
            )
    return replies


ALL = {"own", "nobodys", "colleagues", "tips_only", "strangers"}
MINE = {"own", "nobodys"}


@pytest.mark.parametrize(
    ("group", "setting", "seen"),
    [
        ("Consultants", "own", MINE),
        ("Consultants", "all", {*MINE, "colleagues"}),
        ("Administrators", "own", ALL),
        ("Marketers", "own", set()),
        ("", "own", set()),
    ],
)
def test_replies_are_seen_by_whoever_may_see_the_lead(
    settings: Settings, group: str, setting: str, seen: set[str]
) -> None:
    settings.LEADS_SEEN = setting
    replies, client = make_everybodys(), log_in(group)
    own = replies["own"].respondent_id
    Lead.objects.filter(respondent=own).update(owner=User.objects.latest("pk"))
    if seen:
        assert see(client, REPLIES) == {replies[name].pk for name in seen}
    for name, reply in replies.items():
        status = 200 if name in seen else 403
        assert get_status(client, get_page(reply)) == status, name
        assert get_status(client, get_page(reply, "frame")) == status, name
        posted = client.post(get_page(reply, "correct"), {"verdict": "auto_reply"})
        assert posted.status_code == (302 if name in seen else 403), name
        reply.refresh_from_db()
        assert reply.verdict == ("auto_reply" if name in seen else "human"), name


@pytest.mark.parametrize(
    ("group", "seen"),
    [
        ("Consultants", MINE),
        ("Administrators", ALL - {"strangers"}),
        ("Marketers", ALL - {"strangers"}),
    ],
)
def test_answers_are_seen_by_whoever_may_see_the_lead_or_edits_tips(
    group: str, seen: set[str]
) -> None:
    replies, client = make_everybodys(), log_in(group)
    own = replies["own"].respondent_id
    Lead.objects.filter(respondent=own).update(owner=User.objects.latest("pk"))
    people = {replies[name].respondent_id for name in seen}
    answers = TipAnswer.objects.filter(respondent__in=people)
    assert see(client, ANSWERS) == set(answers.values_list("pk", flat=True))
    for answer in TipAnswer.objects.all():
        status = 200 if answer.respondent_id in people else 403
        assert get_status(client, get_page(answer)) == status


def test_whoever_may_not_see_a_reply_does_not_find_it_by_searching() -> None:
    replies, client = make_everybodys(), log_in("Consultants")
    sender = replies["colleagues"].sender
    assert sender
    assert see(client, f"{REPLIES}?q={sender}") == set()


def test_until_somebody_says_whose_they_are_replies_are_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_reply()
    monkeypatch.setattr(sight, "_deciders", [])
    assert see(log_in("Consultants"), REPLIES) == set()
    assert len(see(log_in("Administrators"), REPLIES)) == 1
