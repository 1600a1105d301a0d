"""Mail to those who work with leads: to whom, in which language, and not in their quiet hours.

Every mail has a key that says how often it may be sent, so two who tell the same tell it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from campaigns import posting
from leads import occasions
from leads.models import Alert, Lead, Preference
from leads.words import describe_reasons, get_name

CONSULTANTS = "Consultants"
ROWS = 10
REASONS_TOLD = 3


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who gets staff mail, and how they want it."""

    user_id: int
    email: str
    language: str
    quiet_from: time | None
    quiet_until: time | None


def get_readers(*, user_ids: Collection[int] | None = None, wish: str = "") -> list[Reader]:
    """Those of `user_ids` who may see leads and have an address, or all consultants; without
    those who said no to `wish` (a field of Preference). Two queries at most.
    """
    people = get_consultants() if user_ids is None else _get_staff().filter(pk__in=user_ids)
    return [_build_reader(user) for user in people if _wants(user, wish)]


def get_leaders() -> list[Reader]:
    """Those who lead the group; all consultants when nobody does."""
    leading = _get_staff().filter(lead_preference__is_lead_of_group=True)
    return [_build_reader(user) for user in leading] or get_readers(wish="has_alerts")


def get_waiting(*, weekday: int, now: datetime) -> list[Reader]:
    """Consultants, and others who own leads, whose digest is due this weekday and not there."""
    owned = Lead.objects.filter(owner=OuterRef("pk"), may_contact=True)
    people = _get_staff().filter(Q(groups__name=CONSULTANTS) | Exists(owned))
    wanting = [
        _build_reader(user)
        for user in people
        if _wants(user, "has_digest") and _get_preference(user).digest_weekday == weekday
    ]
    known = posting.get_known(keys=[_get_key(each, "digest", now) for each in wanting])
    return [each for each in wanting if _get_key(each, "digest", now) not in known]


def get_consultants() -> QuerySet[User]:
    return _get_staff().filter(groups__name=CONSULTANTS)


def tell(  # noqa: PLR0913  # each says one thing about the mail
    *,
    to: Iterable[Reader],
    kind: Alert.Kind,
    what: str,
    leads: Sequence[Lead],
    values: Mapping[str, str],
    now: datetime,
    texts: Mapping[int, str] | None = None,
    day: date | None = None,
    due_at: datetime | None = None,
    cause: str = "",
) -> int:
    """Queue the mail of this kind to each reader, once per reader, `what` and day; how many.

    It lists the first of `leads` (with their respondents), each with its reasons or its text.
    """
    told = 0
    for reader in to:
        key = _get_key(reader, what, now, day)
        shown = leads[:ROWS]
        with translation.override(reader.language):
            filled = {**values, **_get_rows(shown, texts or {}), **_get_links()}
        is_new = posting.post_staff(
            key=key,
            to=reader.email,
            template=f"lead-{kind}" if shown else f"lead-{kind}-none",
            language=reader.language,
            values=filled,
            rows=len(shown),
            now=now,
            due_at=_get_due(reader, due_at or now),
        )
        if is_new:
            told += 1
            _remember(shown, kind, key, cause, now)
    return told


def _get_key(reader: Reader, what: str, now: datetime, day: date | None = None) -> str:
    return f"staff:{reader.user_id}:{what}:{day or timezone.localdate(now)}"


def get_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _get_staff() -> QuerySet[User]:
    may_see = Q(groups__permissions__codename="view_lead") | Q(is_superuser=True)
    staff = get_user_model().objects.filter(may_see, is_active=True, is_staff=True)
    return staff.exclude(email="").select_related("lead_preference").distinct().order_by("pk")


def _wants(user: User, wish: str) -> bool:
    return not wish or bool(getattr(_get_preference(user), wish))


def _get_preference(user: User) -> Preference:
    return getattr(user, "lead_preference", None) or Preference(user=user)


def _build_reader(user: User) -> Reader:
    choice = _get_preference(user)
    return Reader(
        user_id=user.pk,
        email=user.email,
        language=choice.language,
        quiet_from=choice.quiet_from,
        quiet_until=choice.quiet_until,
    )


def _get_due(reader: Reader, at: datetime) -> datetime:
    return occasions.leave_quiet(
        at=at, quiet_from=reader.quiet_from, quiet_until=reader.quiet_until, zone=get_zone()
    )


def _get_rows(leads: Sequence[Lead], texts: Mapping[int, str]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for place, lead in enumerate(leads, start=1):
        why = texts.get(lead.pk) or "; ".join(_describe(lead))
        rows[f"row_{place}_name"] = get_name(lead)
        rows[f"row_{place}_mark"] = lead.effective_grade
        rows[f"row_{place}_text"] = why
        page = reverse("admin:leads_lead_change", args=[lead.pk])
        rows[f"row_{place}_url"] = settings.SITE_URL + page
    return rows


def _describe(lead: Lead) -> list[str]:
    """What is planned, and why the grade."""
    planned = f"{lead.next_step_at} {lead.next_step}".strip() if lead.next_step_at else ""
    reasons = describe_reasons(lead.reasons[:REASONS_TOLD])
    return [planned, *reasons] if planned else reasons


def _get_links() -> dict[str, str]:
    return {
        "desk_url": settings.SITE_URL + reverse("admin:leads_lead_changelist"),
        "choices_url": settings.SITE_URL + reverse("admin:leads_lead_choices"),
    }


def _remember(leads: Sequence[Lead], kind: Alert.Kind, key: str, cause: str, now: datetime) -> None:
    Alert.objects.bulk_create(
        [Alert(lead=each, kind=kind, cause=cause, key=key, at=now) for each in leads],
        ignore_conflicts=True,
    )
