"""What the events tell: what somebody has said yes to and in which words, and how often an address
was asked. Also how a person takes it all along to another address.
"""

from datetime import datetime, timedelta

from django.db import transaction

from campaigns import permission
from campaigns.models import Consent, ConsentEvent, ConsentWording, Suppression

# Limits of confirming mails to one address.
ASK_AGAIN_AFTER = timedelta(minutes=10)
ASKS_PER_DAY = 3
ASKS_WITHOUT_ANSWER = 5


def may_ask_again(*, email: str, now: datetime) -> bool:
    """At most one confirming mail in ten minutes, three in a day, and five in a row that nobody
    answers. Counted in the events, which outlive the person's rows.
    """
    events = ConsentEvent.objects.filter(subject_key=permission.get_subject_key(email))
    moments = events.filter(kind=ConsentEvent.Kind.ASKED).values_list("happened_at", flat=True)
    asked = set(moments)
    confirmed = events.filter(kind=ConsentEvent.Kind.CONFIRMED).order_by("-happened_at").first()
    unanswered = [at for at in asked if confirmed is None or at > confirmed.happened_at]
    return (
        len(unanswered) < ASKS_WITHOUT_ANSWER
        and sum(now - at < timedelta(days=1) for at in asked) < ASKS_PER_DAY
        and all(now - at >= ASK_AGAIN_AFTER for at in asked)
    )


def get_yeses(*, email: str) -> dict[str, ConsentEvent]:
    """Purpose -> the last confirmation that this address gave, with its wording."""
    said = ConsentEvent.objects.filter(
        subject_key=permission.get_subject_key(email), kind=ConsentEvent.Kind.CONFIRMED
    )
    in_order = said.select_related("wording").order_by("happened_at", "pk")
    return {event.purpose: event for event in in_order}


def get_given(*, respondent_id: int, email: str) -> list[ConsentWording]:
    """What the person has said yes to and not taken back, in the words it was said to."""
    yeses = get_yeses(email=email)
    given = Consent.objects.filter(respondent=respondent_id, state=Consent.State.CONFIRMED)
    purposes = given.order_by("pk").values_list("purpose", flat=True)
    return [_get_wording(each, yeses.get(each)) for each in purposes]


@transaction.atomic
def take_along(*, respondent_id: int, before: str, after: str, source: str, now: datetime) -> None:
    """Each yes holds for the new address from now on, in the same words, and for the old one no
    longer; what was taken back stays so. Both addresses were proved.

    Takes the lock that a hand-over takes.
    """
    consents = list(
        Consent.objects.filter(respondent=respondent_id).order_by("pk").select_for_update()
    )
    refused = [each.purpose for each in consents if each.state == Consent.State.WITHDRAWN]
    words = get_given(respondent_id=respondent_id, email=before)
    given = [each.purpose for each in words]
    taken = ConsentEvent.Kind.WITHDRAWN
    permission.record(ConsentEvent.Kind.CONFIRMED, after, words, source=source, now=now)
    permission.record(taken, after, _get_wordless(refused), source=source, now=now)
    left = ConsentEvent.MOVED_AWAY
    permission.record(taken, before, _get_wordless(given), source=left, now=now)
    Consent.objects.filter(respondent=respondent_id, purpose__in=given).update(confirmed_at=now)
    Suppression.objects.filter(
        subject_key=permission.get_subject_key(after), reason__in=permission.ENDED_BY_CONFIRMING
    ).delete()


def _get_wording(purpose: str, said: ConsentEvent | None) -> ConsentWording:
    return (said.wording if said else None) or ConsentWording(purpose=purpose)


def _get_wordless(purposes: list[str]) -> list[ConsentWording]:
    return [ConsentWording(purpose=each) for each in purposes]
