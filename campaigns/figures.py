"""How the mails of each step were received: what providers reported, who followed a link where
that may be measured, and who left after it.
"""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from assessments import overview
from campaigns import letters, rendering
from campaigns.models import (
    Campaign,
    ClickCount,
    CompiledMail,
    Consent,
    DeliveryEvent,
    Message,
    Purpose,
    Step,
)
from campaigns.sequels import UNSUBSCRIBED

Kind = DeliveryEvent.Kind
REPORTED = (
    Kind.DELIVERED,
    Kind.HARD_BOUNCE,
    Kind.SOFT_BOUNCE,
    Kind.POLICY_BOUNCE,
    Kind.COMPLAINT,
)
SENT = "sent"
# Mails with a measured link, to people who allow that now; and the best that was made of visits.
MEASURED = "measured"
CLICKS = {
    "clicked_human": Q(human__gt=0),
    "clicked_unsure": Q(human=0, unsure__gt=0),
    "clicked_machine": Q(human=0, unsure=0, machine__gt=0),
}


def get_receptions(*, campaign_id: int) -> dict[str, Counter[str]]:
    """Step -> how many of its mails had a report of each kind in REPORTED, however often it was
    told, what was measured of their links, and after how many the person unsubscribed. Five
    queries.
    """
    reports = DeliveryEvent.objects.filter(
        message__enrolment__campaign=campaign_id, kind__in=REPORTED
    )
    counted = reports.values_list("message__step_key", "kind").order_by()
    receptions: dict[str, Counter[str]] = {}
    for key, kind, mails in counted.annotate(Count("message", distinct=True)):
        receptions.setdefault(key, Counter())[kind] = mails
    sent = Message.objects.filter(enrolment__campaign=campaign_id, state=Message.State.SENT)
    left = sent.filter(UNSUBSCRIBED.happened).values_list("step_key").order_by()
    for key, people in left.annotate(Count("pk")):
        receptions.setdefault(key, Counter())[UNSUBSCRIBED.key] = people
    for key, clicks in _get_clicks(sent, by="step_key").items():
        receptions.setdefault(key, Counter()).update(clicks)
    return receptions


def count_tips() -> dict[str, Counter[str]]:
    """Tip -> how many mails have left with it (SENT), and what was measured of their links. Reads
    every mail, in four queries.
    """
    sent = Message.objects.filter(state=Message.State.SENT).exclude(tip_key="")
    uses = _get_clicks(sent, by="tip_key")
    for key, mails in sent.values_list("tip_key").order_by().annotate(Count("pk")):
        uses.setdefault(key, Counter())[SENT] = mails
    return uses


def get_users_of_tip(*, role_key: str) -> list[Campaign]:
    """The campaigns whose draft has a step for a tip, and whose test has the role: each takes from
    all tips that are in use.
    """
    tests = [key for key, roles in overview.get_roles().items() if role_key in roles]
    users = Campaign.objects.filter(steps__kind=Step.Kind.TIP, assessment__key__in=tests)
    return list(users.distinct().order_by("pk"))


def _get_clicks(sent: QuerySet[Message], *, by: str) -> dict[str, Counter[str]]:
    allowed = Consent.objects.filter(
        respondent=OuterRef("respondent"),
        purpose=Purpose.TRACKING,
        state=Consent.State.CONFIRMED,
    )
    tracked = sent.filter(Exists(allowed), is_tracked=True)
    mails = list(tracked.values_list(by, "compiled").order_by().annotate(Count("pk")))
    linked = _get_linked({digest for _key, digest, _count in mails})
    clicks: dict[str, Counter[str]] = {}
    for key, digest, count in mails:
        if digest in linked:
            clicks.setdefault(key, Counter())[MEASURED] += count
    counted = ClickCount.objects.filter(message__in=sent).values_list(f"message__{by}")
    sums = {name: Count("pk", filter=verdict) for name, verdict in CLICKS.items()}
    for key, *counts in counted.order_by().annotate(**sums):
        clicks.setdefault(key, Counter()).update(dict(zip(CLICKS, counts, strict=True)))
    return clicks


def _get_linked(digests: Iterable[str | None]) -> set[str]:
    """Those of the compiled mails that have a link to be measured."""
    return {
        mail.digest
        for mail in CompiledMail.objects.filter(pk__in=digests)
        if letters.get_targets(
            compiled=rendering.Compiled(subject=mail.subject, text=mail.text, html=mail.html),
            booking_url=settings.BOOKING_URL,
        )
    }
