"""Leads as tests want them."""

from datetime import datetime, timedelta
from typing import Any

from campaigns import permission
from campaigns.models import CampaignVersion
from leads.models import Lead
from leads.refreshing import refresh_lead
from tests.factories import TUESDAY, make_enrolment, publish_campaign

SCORED_AT = TUESDAY + timedelta(days=3)


def allow_contact(respondent_id: int, email: str, *, now: datetime = TUESDAY) -> None:
    wordings = [permission.get_wordings(language="sv")["contact"]]
    permission.ask(respondent_id=respondent_id, email=email, wordings=wordings, now=now)
    permission.confirm(respondent_id=respondent_id, email=email, wordings=wordings, now=now)


def make_lead(
    version: CampaignVersion | None = None,
    *,
    number: int = 0,
    may_contact: bool = True,
    first_name: str = "Alva",
    domain: str = "example.se",
    now: datetime = SCORED_AT,
    **columns: Any,
) -> Lead:
    """One lead, scored `now`; `columns` are written over what was computed."""
    email = f"p{number}@{domain}"
    enrolment = make_enrolment(version or publish_campaign(), email=email, first_name=first_name)
    if may_contact:
        allow_contact(enrolment.respondent_id, email)
    lead = refresh_lead(respondent_id=enrolment.respondent_id, now=now)
    assert lead is not None
    if columns:
        Lead.objects.filter(pk=lead.pk).update(**columns)
    return Lead.objects.get(pk=lead.pk)


def make_leads(count: int, **columns: Any) -> list[Lead]:
    version = publish_campaign()
    return [make_lead(version, number=number, **columns) for number in range(count)]
