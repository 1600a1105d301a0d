"""What a person chooses about our mail: how often, in which language, or nothing of it at all."""

from datetime import datetime
from functools import partial

from django.db import transaction

from assessments import profiles
from campaigns import permission
from campaigns.models import Enrolment, Preference, Purpose, Suppression
from campaigns.signals import objection_made

# Days between two mails that a person may choose; 0 leaves it to the campaigns.
CAPS = (0, 7, 14)


def set_cap(*, respondent_id: int, cap_days: int, now: datetime) -> None:
    """At most one campaign mail in so many days, from the next that is planned."""
    _save(respondent_id, {"cap_days": cap_days, "changed_at": now})
    held = Enrolment.objects.filter(respondent=respondent_id, state=Enrolment.State.ACTIVE)
    held.filter(hold_reason="own_cap").update(next_due_at=now)


def set_language(*, respondent_id: int, language: str) -> None:
    """For pages, and for mail from the next that is planned."""
    profiles.set_language(respondent_id=respondent_id, language=language)


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
