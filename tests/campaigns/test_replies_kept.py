"""What is kept of replies and how long, what others learn of them, and what they do together."""

from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments import personal_data
from campaigns import engagement, pausing
from campaigns.models import Campaign, Message, Reply, TipAnswer
from campaigns.purging import purge
from leads.models import Lead
from leads.refreshing import refresh_lead, refresh_stale
from tests.campaigns.corpus import OURS, build
from tests.campaigns.test_receiving import make_sent, report, take, write
from tests.factories import TUESDAY, publish_campaign

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def message() -> Message:
    return make_sent(publish_campaign(), "alva@example.se")


def tell(message: Message, *, at: datetime, text: str = "") -> None:
    TipAnswer.objects.create(
        message=message, respondent=message.respondent, choice="done", text=text, answered_at=at
    )


def test_words_are_forgotten_after_ninety_days_and_the_verdict_stays(message: Message) -> None:
    take(write(message, "Ring mig på 070-123 45 67"))
    tell(message, at=TUESDAY + HOUR, text="Min chef heter Bo")
    purge(now=TUESDAY + HOUR + 90 * DAY, limit=10)
    assert Reply.objects.exclude(text="").count() == TipAnswer.objects.exclude(text="").count() == 1
    purge(now=TUESDAY + HOUR + 91 * DAY, limit=10)
    reply, answer = Reply.objects.get(), TipAnswer.objects.get()
    assert (reply.sender, reply.subject, reply.text, reply.reasons) == ("", "", "", [])
    assert (reply.verdict, reply.respondent_id) == ("human", message.respondent_id)
    assert (answer.text, answer.choice) == ("", "done")
    assert purge(now=TUESDAY + HOUR + 92 * DAY, limit=10) == 0


def test_a_strangers_mail_is_forgotten_altogether(message: Message) -> None:
    take(write(None, "Hej", **{"from": "bo@example.org"}))
    purge(now=TUESDAY + 92 * DAY, limit=10)
    assert Reply.objects.count() == 0


def test_erasing_a_person_erases_what_they_wrote(message: Message) -> None:
    take(write(message, "Hej"))
    tell(message, at=TUESDAY, text="Bra")
    stranger = Reply.objects.get()
    stranger.pk, stranger.key, stranger.respondent = None, "other", None
    stranger.save()
    assert message.respondent_id is not None
    personal_data.erase(respondent_id=message.respondent_id, now=TUESDAY + DAY)
    assert (Reply.objects.count(), TipAnswer.objects.count()) == (0, 0)


def test_a_person_is_given_what_they_wrote(message: Message) -> None:
    take(write(message, "Hej"))
    tell(message, at=TUESDAY, text="Bra")
    assert message.respondent_id is not None
    given = personal_data.export(respondent_id=message.respondent_id)
    assert [each["text"] for each in given["replies"]] == ["Hej"]
    assert [each["text"] for each in given["tip_answers"]] == ["Bra"]


def test_a_persons_mail_and_answers_are_facts_and_a_programs_are_not(message: Message) -> None:
    take(write(message, "Hej"))
    take(build({"body": "", "quote": "gmail-sv"}, number=2).replace(*_named(message)))
    take(
        build({"body": "x", "headers": {"X-Autoreply": "yes"}}, number=3).replace(*_named(message))
    )
    tell(message, at=TUESDAY + 2 * HOUR)
    tell(message, at=TUESDAY + 3 * HOUR)
    standing = engagement.get_standing(respondent_id=message.respondent_id or 0)
    assert standing is not None
    assert [(fact.kind, fact.at) for fact in standing.facts] == [
        ("confirmed", TUESDAY),
        ("replied", TUESDAY + HOUR),
        ("answered", TUESDAY + 3 * HOUR),
    ]


def _named(message: Message) -> tuple[bytes, bytes]:
    return OURS.encode(), str(message.pk).encode()


def test_a_lead_that_missed_a_reply_is_computed_again(message: Message) -> None:
    assert message.respondent_id is not None
    refresh_lead(respondent_id=message.respondent_id, now=TUESDAY)
    take(write(message, "Hej"))
    assert engagement.get_people_since(at=TUESDAY, limit=10) == {
        message.respondent_id: TUESDAY + HOUR
    }
    refresh_stale(now=TUESDAY + 2 * HOUR, limit=10)
    assert Lead.objects.get().scored_at == TUESDAY + 2 * HOUR


def test_bounces_that_come_as_mail_halt_a_campaign() -> None:
    for number in range(5):
        sent = make_sent(publish_campaign(), f"alva{number}@example.se")
        take(report(sent, code="5.7.1", said="smtp; 550 5.7.1 policy"))
    assert dict(pausing.watch(now=TUESDAY + 2 * HOUR)) == {"bounces": 1}
    assert Campaign.objects.get().pause_reason == "bounces"


def test_complaints_that_come_as_mail_halt_a_campaign() -> None:
    for number in range(2):
        take(report(make_sent(publish_campaign(), f"alva{number}@example.se"), dsn="arf"))
    assert dict(pausing.watch(now=TUESDAY + 2 * HOUR)) == {"complaints": 1}


def say(path: Path) -> list[str]:
    out = StringIO()
    call_command("classify_reply", str(path), stdout=out)
    return out.getvalue().splitlines()


def test_a_file_is_judged_and_nothing_changes(message: Message, tmp_path: Path) -> None:
    path = tmp_path / "reply.eml"
    path.write_bytes(write(message, "Ta bort mig från listan", quote="outlook-sv"))
    kind, why = say(path)
    assert (kind[:10], why.count("ta bort mig från listan")) == ("remove_me:", 1)
    year = date.today().year + 1  # noqa: DTZ011  # the command reads the clock
    away = {"subject": "Frånvaro", "body": f"Åter {year}-01-10", "headers": {"Precedence": "bulk"}}
    path.write_bytes(build(away))
    assert say(path)[0].startswith("away:")
    assert Reply.objects.count() == 0


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("classify_reply", str(tmp_path / "none.eml"))
