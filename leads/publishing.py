"""Put rules of the score in force. What was in force stays as it was, for the scores it made."""

from datetime import datetime

from django.db import connection, transaction

from leads.models import ScoreRules
from leads.scoring_rules import Rules, find_faults, write


class SomebodyElsePublished(Exception):
    """Other rules are in force than those that were being changed."""


@transaction.atomic
def publish(
    *, rules: Rules, note: str, by_id: int | None, expected: int, now: datetime
) -> ScoreRules | None:
    """The new edition; None when exactly these rules are in force already.

    `expected` is the number of the rules that whoever publishes believes to be in force.
    """
    if faults := find_faults(rules):
        raise ValueError(", ".join(faults))
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE leads_scorerules IN SHARE ROW EXCLUSIVE MODE")
    newest = ScoreRules.objects.get_in_force()
    if newest.number != expected:
        raise SomebodyElsePublished
    if write(newest.rules) == write(rules):
        return None
    return ScoreRules.objects.create(
        number=newest.number + 1,
        document=write(rules),
        note=note,
        published_at=now,
        published_by_id=by_id,
    )
