"""What the rows say has happened to people, as the planner reads it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from assessments import profiles
from campaigns import planner
from campaigns.models import Enrolment, Freeze, Message, Pause, Preference

State = Message.State
OPEN_STATES = (State.QUEUED, State.CLAIMED, State.SENDING)
FROZEN: Mapping[str, planner.FreezeReason] = {
    Freeze.Reason.ASKED: "frozen_asked",
    Freeze.Reason.HANDOVER: "frozen_handover",
    Freeze.Reason.AWAY: "frozen_away",
}
UNSENT_STATES = (State.SKIPPED, State.DROPPED, State.FAILED)


def get_past(*, people: Collection[int]) -> dict[int, list[Message]]:
    """Respondent id -> every campaign message they ever had planned, in any campaign."""
    past: dict[int, list[Message]] = {}
    messages = Message.objects.filter(respondent_id__in=people, kind=Message.Kind.CAMPAIGN)
    for message in messages.only(
        "enrolment_id", "respondent_id", "step_key", "tip_key", "state", "due_at", "sent_at"
    ):
        past.setdefault(message.respondent_id or 0, []).append(message)
    return past


def get_waits(*, enrolments: Sequence[Enrolment]) -> dict[int, list[planner.Wait]]:
    """Enrolment id -> when it was to wait; three queries. `enrolments` come with their campaign.

    A person is under way in one campaign at a time: the one of higher priority, and of two alike
    the one that began first.
    """
    pauses: dict[int, list[planner.Wait]] = {}
    for pause in Pause.objects.filter(campaign__in={each.campaign_id for each in enrolments}):
        wait = _build_wait(pause.began_at, pause.ended_at, "campaign_paused")
        pauses.setdefault(pause.campaign_id, []).append(wait)
    theirs: dict[int, list[Enrolment]] = {}
    people = {each.respondent_id for each in enrolments}
    freezes: dict[int, list[planner.Wait]] = {}
    for freeze in Freeze.objects.filter(respondent__in=people):
        wait = _build_wait(freeze.began_at, freeze.until, FROZEN[freeze.reason])
        freezes.setdefault(freeze.respondent_id, []).append(wait)
    for other in Enrolment.objects.filter(respondent__in=people).select_related("campaign"):
        theirs.setdefault(other.respondent_id, []).append(other)
    waits = {}
    for each in enrolments:
        own = [*pauses.get(each.campaign_id, ()), *freezes.get(each.respondent_id, ())]
        if each.campaign.paused_at:
            own.append(_build_wait(each.campaign.paused_at, None, "campaign_paused"))
        own += [
            _build_wait(other.started_at, other.ended_at, "other_campaign")
            for other in theirs.get(each.respondent_id, ())
            if other.campaign_id != each.campaign_id and _get_rank(other) < _get_rank(each)
        ]
        waits[each.pk] = own
    return waits


def build_history(
    enrolment: Enrolment, past: Iterable[Message], waits: Collection[planner.Wait]
) -> planner.History:
    """`past` is every campaign message of the person, `waits` those of this enrolment."""
    past = list(past)
    own = [message for message in past if message.enrolment_id == enrolment.pk]
    gone = [message for message in past if message.state not in UNSENT_STATES]
    return planner.History(
        started_at=enrolment.started_at,
        ended_steps={message.step_key: message.sent_at or message.due_at for message in own},
        tips=frozenset(message.tip_key for message in gone if message.tip_key),
        last_mail_at=max((message.sent_at or message.due_at for message in gone), default=None),
        is_mail_open=any(message.state in OPEN_STATES for message in own),
        waits=waits,
    )


def get_caps(*, people: Collection[int]) -> dict[int, int]:
    """Respondent id -> the days between two mails that the person asked for."""
    chosen = Preference.objects.filter(pk__in=people, cap_days__gt=0)
    return dict(chosen.values_list("pk", "cap_days"))


def build_person(profile: profiles.Profile, *, cap_days: int = 0) -> planner.Person:
    return planner.Person(
        seed=str(profile.respondent_id),
        weakest=profile.weakest,
        tiers={role.key: role.tier for role in profile.roles if role.tier is not None},
        cap_days=cap_days,
    )


def _build_wait(
    began_at: datetime, ended_at: datetime | None, reason: planner.WaitReason
) -> planner.Wait:
    return planner.Wait(began_at=began_at, ended_at=ended_at, reason=reason)


def _get_rank(enrolment: Enrolment) -> tuple[int, datetime, int]:
    return (-enrolment.campaign.priority, enrolment.started_at, enrolment.pk)
