"""Leads and those who work with them, for the tests of this app."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission, User

from campaigns import permission
from leads.models import Lead, Preference
from leads.refreshing import refresh_lead
from tests.factories import TUESDAY, make_enrolment, publish_campaign


def allow_contact(person: int, email: str, now: datetime = TUESDAY) -> None:
    wordings = [permission.get_wordings(language="sv")["contact"]]
    permission.ask(respondent_id=person, email=email, wordings=wordings, now=now)
    permission.confirm(respondent_id=person, email=email, wordings=wordings, now=now)


def make_lead(
    *,
    number: int = 0,
    domain: str = "example.se",
    first_name: str = "Alva",
    may_contact: bool = True,
    now: datetime = TUESDAY,
    grade: str = "",
    **columns: Any,
) -> Lead:
    """Somebody who confirmed tips and, as a rule, contact. Alerts know a given `grade` already."""
    email = f"p{number}@{domain}"
    person = make_enrolment(publish_campaign(), email=email, first_name=first_name, now=now)
    if may_contact:
        allow_contact(person.respondent_id, email, now)
    lead = refresh_lead(respondent_id=person.respondent_id, now=now + timedelta(minutes=1))
    assert lead is not None
    columns |= {"grade": grade, "alerted_grade": grade} if grade else {}
    Lead.objects.filter(pk=lead.pk).update(**columns)
    return Lead.objects.select_related("respondent").get(pk=lead.pk)


def make_consultant(name: str = "karin", **choices: Any) -> User:
    user = User.objects.create_user(name, email=f"{name}@byran.se", is_staff=True)
    # A test with transactions of its own leaves no groups behind.
    group, is_new = Group.objects.get_or_create(name="Consultants")
    if is_new:
        rights = Permission.objects.filter(codename__in=["view_lead", "change_lead"])
        group.permissions.set(rights)
    user.groups.add(group)
    if choices:
        Preference.objects.create(user=user, **choices)
    return user
