"""What a person chooses about our mail: how often, in which language, or nothing of it at all."""

from datetime import datetime
from functools import partial

from django.db import transaction

from assessments import profiles
from campaigns import permission
from campaigns.models import Consent, Enrolment, Message, Preference, Purpose, Suppression
from campaigns.signals import objection_made

# Days between two mails that a person may choose; 0 leaves it to the campaigns.
CAPS = (0, 7, 14)


def set_cap(*, respondent_id: int, cap_days: int, now: datetime) -> None:
    """At most one campaign mail in so many days, from the next that is planned."""
    _save(respondent_id, {"cap_days": cap_days, "changed_at": now})
    held = Enrolment.objects.filter(respondent=respondent_id, state=Enrolment.State.ACTIVE)
    held.filter(hold_reason="own_cap").update(next_due_at=now)


@transaction.atomic
def set_language(*, respondent_id: int, language: str, now: datetime) -> None:
    """For pages, and for every mail that no worker has in hand: what was written already, and was
    not tried, is planned anew.
    """
    profiles.set_language(respondent_id=respondent_id, language=language)
    # The lock that a hand-over takes, and then the planner's.
    list(Consent.objects.filter(respondent=respondent_id).order_by("pk").select_for_update())
    written = Message.objects.filter(
        respondent=respondent_id,
        kind=Message.Kind.CAMPAIGN,
        state=Message.State.QUEUED,
        attempt=0,
        doubted_at=None,
    ).exclude(language=language)
    theirs = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, messages__in=written)
    ids = list(theirs.values_list("pk", flat=True))
    Enrolment.objects.filter(pk__in=ids).update(next_due_at=now)
    written.filter(enrolment__in=ids).delete()


@transaction.atomic
def object_to_everything(*, respondent_id: int, now: datetime) -> None:
    """One act, three effects (article 21): no mail, no score, on no consultant's list. Over when
    the person asks for something again and confirms it.
    """
    person = profiles.get_people().filter(pk=respondent_id).first()
    if person is None:
        return
    permission.withdraw(
        respondent_id=respondent_id, purposes=Purpose.values, source="objection", now=now
    )
    permission.suppress(email=person.email, reason=Suppression.Reason.REMOVE_ME, now=now)
    _save(respondent_id, {"objected_at": now, "changed_at": now})
    tell = partial(objection_made.send_robust, sender=None, respondent_id=respondent_id)
    transaction.on_commit(tell)


def _save(respondent_id: int, values: dict[str, object]) -> None:
    Preference.objects.update_or_create(respondent_id=respondent_id, defaults=values)
