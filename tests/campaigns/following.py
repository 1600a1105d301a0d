"""A person who allows that links are measured, a mail to them that was sent, and its links."""

import re
from datetime import datetime, timedelta

from campaigns import advancing, engagement, letters, measuring, permission, sending, tokens
from campaigns.models import Click, ClickCount, Consent, Message, Purpose
from tests.campaigns.wires import Wire
from tests.factories import TUESDAY, make_enrolment, publish_campaign

BOOKING = "https://boka.example.se/tid?konsult=1&plats=sthlm"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
SECOND = timedelta(seconds=1)
COUNTS = ("human", "unsure", "machine")


def allow(person: int | None, *, now: datetime = TUESDAY, purpose: str = "tracking") -> None:
    assert person is not None
    Consent.objects.update_or_create(
        respondent_id=person,
        purpose=purpose,
        defaults={"state": "confirmed", "asked_at": now, "confirmed_at": now},
    )


def send_talk(*, email: str = "alva@example.se", is_allowed: bool = True) -> Message:
    """The invitation to talk, sent on Tuesday to a new person: it has a link to book by."""
    enrolment = make_enrolment(publish_campaign(), email=email)
    if is_allowed:
        allow(enrolment.respondent_id)
    message = plan_talk(enrolment.pk)
    sending.send_due(now=TUESDAY, limit=100, transport=Wire())
    message.refresh_from_db()
    assert message.state == "sent", message.reason
    return message


def plan_talk(enrolment: int) -> Message:
    """Of the result letter that is due now we make the invitation to talk."""
    advancing.plan_due(now=TUESDAY, limit=10)
    message = Message.objects.select_related("enrolment__version").get(enrolment=enrolment)
    assert message.enrolment
    message.step_key = "talk"
    message.key = f"{enrolment}:talk"
    message.compiled_id = message.enrolment.version.compiled["step:talk/sv"]
    message.values |= {"booking_url": BOOKING}
    message.save()
    return message


def get_onward(message: Message, *, target: str = BOOKING, link: int = 0) -> tokens.Onward:
    return tokens.Onward(target=target, message_id=message.pk, link=link)


def visit(
    message: Message,
    *,
    after: timedelta = 60 * SECOND,
    link: int = 0,
    is_head: bool = False,
    user_agent: str = FIREFOX,
    address: str | None = "192.0.2.1",
) -> bool:
    return measuring.note(
        onward=get_onward(message, link=link),
        is_head=is_head,
        user_agent=user_agent,
        address=address,
        now=TUESDAY + after,
    )


def judge(*, after: timedelta = timedelta(hours=1), limit: int = 100) -> measuring.Judged:
    return measuring.judge_due(now=TUESDAY + after, limit=limit)


def get_verdicts() -> list[tuple[str, list[str]]]:
    return list(Click.objects.order_by("at", "pk").values_list("verdict", "reasons"))


def get_go_links(text: str) -> list[str]:
    return re.findall(r"https?://[^\s\"<>]*/m/go/[^\s\"<>]+", text)


def render(message: Message) -> str:
    mail = letters.render(message)
    return mail.text + mail.html


def withdraw(message: Message, purpose: str = Purpose.TRACKING) -> None:
    permission.withdraw(
        respondent_id=message.respondent_id or 0, purposes=[purpose], source="t", now=TUESDAY
    )


def get_counts() -> list[tuple[int, ...]]:
    return list(ClickCount.objects.order_by("message__to").values_list(*COUNTS))


def get_clicked(message: Message) -> list[object]:
    standing = engagement.get_standing(respondent_id=message.respondent_id or 0)
    assert standing
    return [fact.at for fact in standing.facts if fact.kind == "clicked"]
