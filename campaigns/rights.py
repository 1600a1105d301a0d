"""What people ask of us by law, and its clock (GDPR 12.3): a register that outlives them, with
reminders. It holds no address, and whoever is erased leaves a receipt and dates in it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from campaigns import posting
from campaigns.models import DeliveryEvent, Message, RightsRequest
from pmoportal.locking import lock_some
from pmoportal.months import get_month_after, get_months_before

Kind, Outcome = RightsRequest.Kind, RightsRequest.Outcome
# Days before the last one.
REMINDERS = (14, 7, 1)
MORNING = time(7, 30)
ROWS = 10
# A report that came as a mail says nothing of who carried ours.
NO_PROVIDER = "mail"
# States in which a provider has had the mail, or may have had it.
GIVEN_AWAY = (Message.State.SENDING, Message.State.SENT, Message.State.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many open requests are past their day, and how many have two weeks or less."""

    late: int
    soon: int


def register(
    *,
    kind: str,
    respondent_id: int | None,
    road: str,
    note: str,
    on: date,
    by_id: int | None,
    now: datetime,
) -> RightsRequest:
    """A request that came on this day. The clock is one month, whoever notices it when."""
    return RightsRequest.objects.create(
        kind=kind,
        respondent_id=respondent_id,
        road=road,
        note=note,
        registered_by_id=by_id,
        received_on=on,
        **_set_clock(on, now),
    )


def find_or_register(
    *, kind: str, respondent_id: int, now: datetime, by_id: int | None
) -> RightsRequest:
    """The person's open request of this kind; a new one of today when there is none."""
    theirs = RightsRequest.objects.filter(respondent=respondent_id, kind=kind, ended_on=None)
    return theirs.order_by("due_on", "pk").first() or register(
        kind=kind,
        respondent_id=respondent_id,
        road=RightsRequest.Road.HERE,
        note="",
        on=timezone.localdate(now),
        by_id=by_id,
        now=now,
    )


def end(*, request_id: int, outcome: str, reason: str, on: date, by_id: int | None) -> bool:
    """False, and nothing is changed, when it has ended before."""
    still_open = RightsRequest.objects.filter(pk=request_id, ended_on=None)
    return bool(
        still_open.update(
            outcome=outcome,
            reason=reason,
            ended_on=on,
            ended_by_id=by_id,
            remind_on=None,
            provider_ids=[],
        )
    )


def sign(*, request_id: int, by_id: int | None) -> None:
    """Who brought about an end that came by itself."""
    RightsRequest.objects.filter(pk=request_id, ended_by=None).update(ended_by=by_id)


def let_go(*, respondent_ids: Collection[int], receipt: str, now: datetime) -> None:
    """These people are being erased: of what they asked stay receipt, kind and dates."""
    theirs = RightsRequest.objects.filter(respondent__in=respondent_ids)
    done = When(kind=Kind.ERASURE, then=Value(Outcome.DONE.value))
    theirs.filter(ended_on=None).update(
        ended_on=timezone.localdate(now),
        outcome=Case(done, default=Value(Outcome.ERASED.value)),
        remind_on=None,
    )
    theirs.update(respondent=None, receipt=receipt, note="", reason="")


def queue_at_providers(*, respondent_id: int, receipt: str, now: datetime) -> None:
    """This person is being erased: whoever carried mail for us is to erase it too."""
    on = timezone.localdate(now)
    for provider, ids in _get_carried(respondent_id).items():
        RightsRequest.objects.create(
            kind=Kind.AT_PROVIDER,
            provider=provider,
            mails=len(ids),
            provider_ids=sorted(filter(None, ids)),
            receipt=receipt,
            received_on=on,
            **_set_clock(on, now),
        )


@transaction.atomic
def remind(*, now: datetime, limit: int) -> int:
    """One mail to each administrator about the requests that have come closer, from half past
    seven. How many requests. While no administrator has an address, nothing counts as told.
    """
    local = timezone.localtime(now)
    readers = list(get_readers()) if local.time() >= MORNING else []
    near = RightsRequest.objects.filter(remind_on__lte=local.date()).order_by("due_on", "pk")
    if not readers:
        return 0
    found = list(near.select_for_update(skip_locked=True)[:limit])
    for reader in readers if found else ():
        _tell(reader, found, now)
    for each in found:
        each.remind_on = _get_reminder(due_on=each.due_on, after=local.date())
    RightsRequest.objects.bulk_update(found, ["remind_on"])
    return len(found)


def get_readers() -> QuerySet[User]:
    """Who keeps the register and can be mailed."""
    right = Q(
        groups__permissions__codename="change_rightsrequest",
        groups__permissions__content_type__app_label="campaigns",
    )
    staff = get_user_model().objects.filter(right | Q(is_superuser=True))
    return staff.filter(is_active=True, is_staff=True).exclude(email="").distinct().order_by("pk")


def get_due(*, today: date) -> Due:
    late, soon = Count("pk", filter=Q(due_on__lt=today)), Count("pk", filter=Q(due_on__gte=today))
    still_open = RightsRequest.objects.filter(ended_on=None)
    near = still_open.filter(due_on__lte=today + timedelta(days=max(REMINDERS)))
    return Due(**near.aggregate(late=late, soon=soon))


def get_old(now: datetime) -> QuerySet[RightsRequest]:
    """Those nobody needs to see the end of any more."""
    before = get_months_before(now, settings.CONSENT_EVIDENCE_MONTHS).date()
    return RightsRequest.objects.filter(ended_on__lt=before).order_by(F("ended_on").desc())


@transaction.atomic
def purge(now: datetime, limit: int) -> int:
    ids = lock_some(get_old(now), limit)
    RightsRequest.objects.filter(pk__in=ids).delete()
    return len(ids)


def _set_clock(on: date, now: datetime) -> dict[str, Any]:
    due_on = get_month_after(on)
    yesterday = timezone.localdate(now) - timedelta(days=1)
    return {"due_on": due_on, "remind_on": _get_reminder(due_on=due_on, after=yesterday)}


def _get_reminder(*, due_on: date, after: date) -> date | None:
    days = (due_on - timedelta(days=each) for each in REMINDERS)
    return next((day for day in days if day > after), None)


def _tell(reader: User, requests: list[RightsRequest], now: datetime) -> None:
    """The first of them by name; all are on the list that the mail links to."""
    shown = requests[:ROWS]
    with translation.override(settings.LANGUAGE_CODE):
        values = {
            "count": str(len(requests)),
            "register_url": settings.SITE_URL + reverse("admin:campaigns_rightsrequest_changelist"),
            **_get_rows(shown),
        }
    posting.post_staff(
        # Of the same day there may be two: the second about what was registered since.
        key=f"staff:{reader.pk}:rights:{timezone.localdate(now)}:{requests[0].pk}",
        to=reader.email,
        template="rights-due",
        language=settings.LANGUAGE_CODE,
        values=values,
        rows=len(shown),
        now=now,
        due_at=now,
    )


def _get_rows(requests: list[RightsRequest]) -> dict[str, str]:
    rows = {}
    for place, each in enumerate(requests, start=1):
        page = reverse("admin:campaigns_rightsrequest_change", args=[each.pk])
        rows[f"row_{place}_name"] = f"{each.pk} · {each.get_kind_display()}"
        rows[f"row_{place}_text"] = date_format(each.due_on, "Y-m-d")
        rows[f"row_{place}_url"] = settings.SITE_URL + page
    return rows


def _get_carried(respondent_id: int) -> Mapping[str, list[str]]:
    """Provider -> what it calls the person's mails; an empty word where it gave no name."""
    theirs = Message.objects.filter(respondent=respondent_id)
    told = DeliveryEvent.objects.filter(message__in=theirs).exclude(provider=NO_PROVIDER)
    carriers = dict(told.values_list("message", "provider"))
    present = settings.EMAIL.provider
    carried: dict[str, list[str]] = defaultdict(list)
    for mail in theirs.only("provider_id", "state").order_by("pk"):
        provider = carriers.get(mail.pk, present if mail.state in GIVEN_AWAY else "")
        if provider:
            carried[_get_name(provider)].append(mail.provider_id)
    return carried


def _get_name(provider: str) -> str:
    """As EMAIL_URL has it: anymail says *Amazon SES* in its reports."""
    return provider.lower().replace(" ", "-").replace("_", "-")
