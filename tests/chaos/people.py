"""A crowd, fast: people who have confirmed that they want tips, enrolled and due now."""

from datetime import datetime
from uuid import uuid4

from assessments.models import Respondent, Response
from campaigns.models import CampaignVersion, Consent, Enrolment
from tests.factories import make_response

CHUNK = 2000


def enrol(version: CampaignVersion, emails: list[str], *, now: datetime) -> None:
    """All of them took the same test, answered alike and said yes at `now`."""
    model = make_response(version.campaign.assessment.versions.get(), now=now)
    for start in range(0, len(emails), CHUNK):
        _enrol(version, model, emails[start : start + CHUNK], now)


def _enrol(version: CampaignVersion, model: Response, emails: list[str], now: datetime) -> None:
    people = Respondent.objects.bulk_create(
        Respondent(email=email, first_name="Alva", language="sv", created_at=now)
        for email in emails
    )
    responses = Response.objects.bulk_create(_copy(model, person) for person in people)
    Consent.objects.bulk_create(
        Consent(
            respondent=person,
            purpose=version.campaign.purpose,
            state=Consent.State.CONFIRMED,
            asked_at=now,
            confirmed_at=now,
        )
        for person in people
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            respondent=person,
            response=response,
            campaign=version.campaign,
            version=version,
            started_at=now,
            next_due_at=now,
        )
        for person, response in zip(people, responses, strict=True)
    )


def _copy(model: Response, person: Respondent) -> Response:
    pk = uuid4()
    return Response(
        id=pk,
        series=pk,
        version_id=model.version_id,
        respondent=person,
        language=model.language,
        started_at=model.started_at,
        completed_at=model.completed_at,
        result=model.result,
    )
