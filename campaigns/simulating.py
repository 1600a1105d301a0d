"""What a campaign would do to one person over the coming months. Nothing is written: the planner
that decides for real decides here too, by `walking`.
"""

from datetime import datetime, timedelta
from typing import Any

from assessments import profiles
from campaigns import histories, letters, planner, rendering, sequences, walking
from campaigns.models import Enrolment

# Red days are known for these.
YEARS = range(2000, 2100)


def simulate(
    *, document: dict[str, Any], profile: profiles.Profile, start: datetime, days: int
) -> list[walking.Stop]:
    """The way of one respondent who confirms at `start`."""
    return walking.walk(
        get_sequence=sequences.get_reader(document=document),
        history=planner.History(started_at=start),
        person=histories.build_person(profile),
        now=start,
        until=start + timedelta(days=days),
    )


def go_on(*, enrolment: Enrolment, now: datetime, days: int) -> list[walking.Stop]:
    """What is still to come for somebody under way, in the version they have. `enrolment` comes
    with its campaign.
    """
    profile = profiles.get_profile(enrolment.response_id)
    if profile is None or enrolment.state != Enrolment.State.ACTIVE:
        return []
    past = histories.get_past(people=[enrolment.respondent_id])
    waits = histories.get_waits(enrolments=[enrolment])[enrolment.pk]
    caps = histories.get_caps(people=[enrolment.respondent_id])
    return walking.walk(
        get_sequence=sequences.get_version_reader(enrolment.version_id),
        history=histories.build_history(enrolment, past.get(enrolment.respondent_id, ()), waits),
        person=histories.build_person(profile, cap_days=caps.get(enrolment.respondent_id, 0)),
        now=now,
        until=now + timedelta(days=days),
    )


def render(
    *, document: dict[str, Any], stop: walking.Stop, profile: profiles.Profile
) -> rendering.Rendered:
    """The mail of a stop at which one is sent. Raises ValueError or LookupError for a text that
    Publish would refuse.
    """
    assert stop.step is not None
    step = next(each for each in document["campaign"]["steps"] if each["key"] == stop.step.key)
    tip = next((each for each in document["tips"] if each["key"] == stop.tip), None)
    texts = tip or step
    compiled = rendering.compile_mail(
        subject=texts["subject"][profile.language],
        preview=texts["preview"][profile.language],
        body=texts["body"][profile.language],
        layout=rendering.get_layout(step["kind"]),
        language=profile.language,
    )
    values = letters.build_values(profile=profile, step=step, tip=tip) | letters.SAMPLE_LINKS
    return rendering.render(compiled=compiled, values=values)
