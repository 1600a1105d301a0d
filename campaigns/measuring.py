"""Visits to measured links: noted while their person allows it, judged a little later, counted.

Nothing is written without a confirmed consent to measuring, asked in the statement that writes.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Min

from campaigns import clicks, letters
from campaigns.models import Click, ClickCount, DeliveryEvent, Message
from campaigns.signals import link_followed
from campaigns.tokens import Onward

logger = logging.getLogger(__name__)

# Of one mail no more visits are kept: somebody who repeats a link for sport proves nothing.
MOST_VISITS = 100

# The lock waits for a withdrawal under way, and the visit is not noted when it commits.
NOTE = """
    INSERT INTO campaigns_click
        (message_id, link, is_head, agent, is_from_scanner, at, seconds, verdict, reasons, rules)
    SELECT message.id, %(link)s, %(is_head)s, %(agent)s, %(is_from_scanner)s, %(now)s,
        EXTRACT(EPOCH FROM %(now)s - message.sending_at), '', '[]', 0
    FROM campaigns_message AS message
    JOIN campaigns_consent AS consent ON consent.respondent_id = message.respondent_id
        AND consent.purpose = 'tracking' AND consent.state = 'confirmed'
    WHERE message.id = %(message)s AND message.is_tracked AND message.sending_at IS NOT NULL
        AND (
            SELECT count(*) FROM (
                SELECT 1 FROM campaigns_click WHERE message_id = %(message)s LIMIT %(most)s
            ) AS noted
        ) < %(most)s
    FOR SHARE OF consent
"""
# People of one mail domain who came in the same second.
CROWDS = """
    SELECT moment.second, split_part(message.to, '@', 2), count(DISTINCT message.respondent_id)
    FROM unnest(%(seconds)s::timestamptz[]) AS moment (second)
    JOIN campaigns_click AS click
        ON click.at >= moment.second AND click.at < moment.second + interval '1 second'
    JOIN campaigns_message AS message ON message.id = click.message_id
    GROUP BY 1, 2
"""
COUNT = """
    UPDATE campaigns_clickcount AS known SET
        human = GREATEST(known.human + new.human, 0),
        unsure = GREATEST(known.unsure + new.unsure, 0),
        machine = GREATEST(known.machine + new.machine, 0),
        -- Visits of long ago are counted and no longer there.
        clicked_at = CASE WHEN known.human + new.human <= 0 THEN NULL
            ELSE COALESCE(new.clicked_at, known.clicked_at) END
    FROM unnest(%(message)s::uuid[], %(human)s::int[], %(unsure)s::int[], %(machine)s::int[],
        %(clicked_at)s::timestamptz[]) AS new (message, human, unsure, machine, clicked_at)
    WHERE known.message_id = new.message
"""


@dataclass(frozen=True, kw_only=True)
class Judged:
    visits: int
    people: frozenset[int]


def note(
    *, onward: Onward, is_head: bool, user_agent: str, address: str | None, now: datetime
) -> bool:
    """Write down one visit, if its person allows that now. Whether it was.

    Whatever goes wrong is logged and no more: whoever clicked is on the way to somewhere else.
    """
    values: dict[str, Any] = {
        "message": onward.message_id,
        "link": onward.link,
        "is_head": is_head,
        "agent": clicks.get_agent(user_agent),
        "is_from_scanner": clicks.is_in_networks(address, settings.SCANNER_NETWORKS),
        "now": now,
        "most": MOST_VISITS,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NOTE, values)
            return cursor.rowcount > 0
    except DatabaseError:
        logger.exception("a visit could not be noted")
        return False


@transaction.atomic
def judge_due(*, now: datetime, limit: int) -> Judged:
    """Judge up to `limit` visits that no one has judged by the rules of today, oldest first, as
    soon as all that has a say in it has happened; a constant number of queries.
    """
    due = list(
        Click.objects.filter(rules__lt=clicks.RULES, at__lte=now - get_limits().settled_after)
        .order_by("rules", "at")
        .select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    if not due:
        return Judged(visits=0, people=frozenset())
    judgements = _judge(due)
    changes: dict[UUID, Counter[str]] = defaultdict(Counter)
    for click in due:
        judgement = judgements[click.pk]
        changes[click.message_id].update({judgement.verdict: 1})
        changes[click.message_id].subtract({click.verdict: 1} if click.verdict else {})
        click.verdict, click.reasons = judgement.verdict, list(judgement.reasons)
        click.rules = clicks.RULES
    Click.objects.bulk_update(due, ["verdict", "reasons", "rules"])
    people = _count({pk: each for pk, each in changes.items() if any(each.values())})
    for person in people:
        tell = partial(link_followed.send_robust, sender=None, respondent_id=person)
        transaction.on_commit(tell)
    return Judged(visits=len(due), people=frozenset(people))


def get_limits() -> clicks.Limits:
    return clicks.Limits(
        burst=timedelta(seconds=settings.CLICK_BURST_SECONDS),
        sooner=timedelta(seconds=settings.CLICK_SOONER_SECONDS),
        soon=timedelta(seconds=settings.CLICK_SOON_SECONDS),
        crowd=settings.CLICK_CROWD,
    )


@lru_cache(maxsize=1024)
def count_links(digest: str, booking_url: str) -> int:
    """How many links of a compiled mail are measured, in the mail of who allows it."""
    compiled = letters.get_compiled(Message(compiled_id=digest))
    return len(letters.get_targets(compiled=compiled, booking_url=booking_url))


def _judge(due: Sequence[Click]) -> dict[int, clicks.Judgement]:
    """Of the mails that `due` is about, every visit, by its key."""
    mails = Message.objects.in_bulk({click.message_id for click in due})
    theirs: dict[UUID, list[Click]] = defaultdict(list)
    for click in Click.objects.filter(message__in=mails).order_by("at", "pk"):
        theirs[click.message_id].append(click)
    reported = DeliveryEvent.objects.filter(message__in=mails, kind=DeliveryEvent.Kind.DELIVERED)
    delivered = dict(reported.values_list("message").annotate(Min("happened_at")).order_by())
    crowds = _get_crowds(due)
    limits = get_limits()
    judgements: dict[int, clicks.Judgement] = {}
    for pk, all_of_it in theirs.items():
        message = mails[pk]
        sent_at = min(each.at - timedelta(seconds=each.seconds) for each in all_of_it)
        booking_url = (message.values or {}).get("booking_url", settings.BOOKING_URL)
        judged = clicks.judge(
            visits=[_get_visit(each, message, crowds) for each in all_of_it],
            links=count_links(message.compiled_id or "", booking_url),
            delivered_at=max(sent_at, delivered.get(pk, sent_at)),
            limits=limits,
        )
        keys = [each.pk for each in all_of_it]
        judgements |= dict(zip(keys, judged, strict=True))
    return judgements


def _get_visit(
    click: Click, message: Message, crowds: Mapping[tuple[datetime, str], int]
) -> clicks.Visit:
    domain = message.to.rpartition("@")[2]
    return clicks.Visit(
        link=click.link,
        at=click.at,
        is_head=click.is_head,
        agent=clicks.read_agent(click.agent),
        is_from_scanner=click.is_from_scanner,
        neighbours=crowds.get((click.at.replace(microsecond=0), domain), 1),
    )


def _get_crowds(due: Sequence[Click]) -> dict[tuple[datetime, str], int]:
    seconds = {click.at.replace(microsecond=0) for click in due}
    with connection.cursor() as cursor:
        cursor.execute(CROWDS, {"seconds": list(seconds)})
        return {(second, domain): people for second, domain, people in cursor.fetchall()}


def _count(changes: Mapping[UUID, Counter[str]]) -> set[int]:
    """Keep the counts of these mails, and return the people whose clicks are others now."""
    if not changes:
        return set()
    keys = sorted(changes)  # in one order, whoever else is at it
    ClickCount.objects.bulk_create(
        [ClickCount(message_id=pk) for pk in keys], ignore_conflicts=True
    )
    latest = _get_latest(keys)
    values: dict[str, Any] = {
        verdict: [changes[pk][verdict] for pk in keys] for verdict in clicks.VERDICTS
    }
    values |= {"message": keys, "clicked_at": [latest.get(pk) for pk in keys]}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
    changed = [pk for pk in keys if changes[pk]["human"]]
    people = Message.objects.filter(pk__in=changed, respondent__isnull=False)
    return set(people.values_list("respondent_id", flat=True))


def _get_latest(messages: Sequence[UUID]) -> dict[UUID, datetime]:
    human = Click.objects.filter(message__in=messages, verdict=Click.Verdict.HUMAN)
    rows = human.order_by("message", "-at").distinct("message")
    return dict(rows.values_list("message_id", "at"))
