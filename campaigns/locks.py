"""Locks until the end of a transaction, so that a hand-over and a withdrawal see each other."""

from collections.abc import Sequence

from django.db import connection

from campaigns.models import Message

CAMPAIGN_LOCKS = 7_071_002  # any number that no other advisory locks use

LOCK_CAMPAIGNS = """
    SELECT pg_advisory_xact_lock_shared(%(namespace)s, campaign)
    FROM unnest(%(campaigns)s::int[]) AS campaign
"""
LOCK_PEOPLE = """
    SELECT 1 FROM campaigns_consent WHERE respondent_id = ANY(%(people)s)
    ORDER BY id FOR NO KEY UPDATE
"""


def lock_messages(*, messages: Sequence[Message]) -> None:
    """Until the transaction ends nobody withdraws, is suppressed, or pauses the campaign of one
    of these; who did so before has committed.
    """
    people = sorted({each.respondent_id for each in messages if each.respondent_id is not None})
    campaigns = sorted({each.enrolment.campaign_id for each in messages if each.enrolment})
    with connection.cursor() as cursor:
        if campaigns:
            cursor.execute(LOCK_CAMPAIGNS, {"namespace": CAMPAIGN_LOCKS, "campaigns": campaigns})
        if people:
            cursor.execute(LOCK_PEOPLE, {"people": people})


def lock_campaign(*, campaign_id: int) -> None:
    """Wait for the hand-overs under way, and let none begin, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CAMPAIGN_LOCKS, campaign_id])
