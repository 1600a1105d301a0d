"""How the mails of each step were received: what providers reported, and who left after it."""

from collections import Counter

from django.db.models import Count

from campaigns.models import Campaign, DeliveryEvent, Message, Step
from campaigns.sequels import UNSUBSCRIBED

Kind = DeliveryEvent.Kind
REPORTED = (
    Kind.DELIVERED,
    Kind.HARD_BOUNCE,
    Kind.SOFT_BOUNCE,
    Kind.POLICY_BOUNCE,
    Kind.COMPLAINT,
)


def get_receptions(*, campaign_id: int) -> dict[str, Counter[str]]:
    """Step -> how many of its mails had a report of each kind in REPORTED, however often it was
    told, and after how many the person unsubscribed. Two queries.
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
    return receptions


def count_tips() -> Counter[str]:
    """How many mails have left with each tip, by its key. Reads every mail."""
    sent = Message.objects.filter(state=Message.State.SENT).exclude(tip_key="")
    return Counter(dict(sent.values_list("tip_key").order_by().annotate(Count("pk"))))


def get_users_of_tips() -> list[Campaign]:
    """The campaigns whose draft has a step for a tip: each takes from all that are in use."""
    return list(Campaign.objects.filter(steps__kind=Step.Kind.TIP).distinct().order_by("pk"))
