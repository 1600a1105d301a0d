"""Which of two subjects a mail gets, when it is planned."""

from typing import Any

import pytest

from campaigns import advancing, cohorts, letters, posting, rendering
from campaigns.models import CampaignVersion, Message
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

SUBJECTS = {"a": "Ditt resultat: så ser bilden av ert PMO ut", "b": "Ert PMO i siffror"}


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def add_subject(version: CampaignVersion, place: str = "step:result/sv") -> CampaignVersion:
    """The next version, in which this mail has a second subject."""
    first = letters.get_compiled(Message(compiled_id=version.compiled[place]))
    second = rendering.Compiled(subject=SUBJECTS["b"], text=first.text, html=first.html)
    return CampaignVersion.objects.create(
        campaign=version.campaign,
        number=2,
        document=version.document,
        compiled=version.compiled | {f"{place}/b": posting.store(second).digest},
        published_at=TUESDAY,
    )


def plan(version: CampaignVersion, **person: Any) -> Message:
    enrolment = make_enrolment(version, **person)
    advancing.plan_due(now=TUESDAY, limit=10)
    return Message.objects.get(enrolment=enrolment)


def test_a_mail_with_one_subject_has_no_variant(version: CampaignVersion) -> None:
    message = plan(version)
    assert message.variant == ""
    assert message.compiled_id == version.compiled["step:result/sv"]


def test_of_two_subjects_everybody_gets_the_one_their_cohort_says(version: CampaignVersion) -> None:
    doubled = add_subject(version)
    messages = [plan(doubled, email=f"p{number}@example.se") for number in range(8)]
    for message in messages:
        cohort = cohorts.choose(seed=str(message.respondent_id), key="step:result")
        assert message.variant == cohort
        assert letters.render(message).subject == SUBJECTS[cohort]
    assert {message.variant for message in messages} == {"a", "b"}


def test_a_language_without_a_second_subject_compares_nothing(version: CampaignVersion) -> None:
    message = plan(add_subject(version), language="en")
    assert message.variant == ""
    assert message.compiled_id == version.compiled["step:result/en"]


def test_both_subjects_head_the_same_mail(version: CampaignVersion) -> None:
    doubled = add_subject(version)
    bodies = {
        letters.render(plan(doubled, email=f"p{number}@example.se")).text for number in range(4)
    }
    without_links = {body.partition("[Öppna")[0].partition("http")[0] for body in bodies}
    assert len(without_links) == 1
