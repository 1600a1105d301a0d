"""What tests start from: the shipped test, published once, and one maker per kind of row."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from django.conf import settings

from assessments import answering, profiles, publishing, seeding
from assessments.models import AssessmentVersion, Organisation, Response
from campaigns import permit
from campaigns import publishing as campaign_publishing
from campaigns import seeding as campaign_seeding
from campaigns.models import CampaignVersion, Consent, ConsentOrigin, Enrolment, Message
from campaigns.permission import ask, confirm, get_wordings

# A Tuesday morning in an open window, in no holiday week: 09:00 in Stockholm.
TUESDAY = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
# By hand, `make soak` tries many times as much.
IS_SOAK = bool(os.environ.get("SOAK"))
ROLES = ("takthallare", "synliggorare", "brobyggare", "balansmastare")


def read_content(name: str) -> Any:
    return yaml.safe_load((settings.CONTENT_DIR / name).read_text(encoding="utf-8"))


def publish_test() -> AssessmentVersion:
    """The shipped test, seeded and published; the one that is there already, if it is."""
    if published := publishing.get_published(key="pmo"):
        return published
    assessment, _ = seeding.seed_assessment(shipped=read_content("assessment.yaml"))
    return publishing.publish(assessment=assessment, by=None, now=TUESDAY)


def publish_campaign() -> CampaignVersion:
    """The shipped campaign with its tips, wordings and test, likewise; and mail may leave."""
    permit.grant(by="tests", now=TUESDAY)
    if published := campaign_publishing.get_published(key="utvecklingsmotorn"):
        return published
    version = publish_test()
    campaign_seeding.seed_wordings(wordings=read_content("consent.yaml"), now=TUESDAY)
    campaign, _ = campaign_seeding.seed_campaign(
        campaign=read_content("campaign.yaml"),
        tips=[tip for role in ROLES for tip in read_content(f"tips/{role}.yaml")],
        assessment_id=version.assessment_id,
    )
    return campaign_publishing.publish(campaign=campaign, by=None, now=TUESDAY)


def make_response(
    version: AssessmentVersion,
    *,
    language: str = "sv",
    answers: dict[str, str] | None = None,
    now: datetime = TUESDAY,
    pace: timedelta = timedelta(0),
    previous: Response | None = None,
    organisation: Organisation | None = None,
) -> Response:
    """A completed response: `answers` by question, all others "neither" or the first choice;
    `pace` between two answers.
    """
    response = answering.start_response(
        version=version,
        language=language,
        now=now,
        previous=previous,
        organisation=organisation,
    )
    for number, question in enumerate(version.document["questions"], start=1):
        default = question["choices"][0]["key"] if question.get("background") else "neither"
        answering.record_answer(
            response_id=response.pk,
            number=number,
            choice_key=(answers or {}).get(question["key"], default),
            now=now + number * pace,
        )
    return Response.objects.get(pk=response.pk)


def make_enrolment(
    version: CampaignVersion,
    *,
    email: str = "alva@example.se",
    first_name: str = "Alva",
    language: str = "sv",
    answers: dict[str, str] | None = None,
    now: datetime = TUESDAY,
) -> Enrolment:
    """A person who has confirmed tips, enrolled and due now, with nothing sent yet."""
    test = publishing.get_published(key="pmo")
    assert test is not None
    response = make_response(test, language=language, answers=answers, now=now)
    person = profiles.get_or_create_respondent(email=email, language=language, now=now)
    wordings = [get_wordings(language=language)["tips"]]
    ask(respondent_id=person, email=email, wordings=wordings, now=now)
    confirm(respondent_id=person, email=email, wordings=wordings, now=now)
    profiles.save_contact(
        respondent_id=person, response_id=response.pk, first_name=first_name, language=language
    )
    origin = ConsentOrigin.objects.create(
        respondent_id=person,
        response=response,
        first_name=first_name,
        language=language,
        path="/tips/",
        asked_at=now,
        confirmed_at=now,
    )
    origin.wordings.set(wordings)
    return Enrolment.objects.create(
        respondent_id=person,
        response=response,
        campaign=version.campaign,
        version=version,
        started_at=now,
        next_due_at=now,
    )


def get_states(enrolment: Enrolment) -> dict[str, str]:
    """Step key -> state, for every message of the enrolment."""
    return dict(Message.objects.filter(enrolment=enrolment).values_list("step_key", "state"))


def get_consents(respondent_id: int) -> dict[str, str]:
    return dict(Consent.objects.filter(respondent_id=respondent_id).values_list("purpose", "state"))
