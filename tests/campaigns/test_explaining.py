"""Why each mail came, in plain words, without telling what was answered."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from campaigns import advancing, enrolment, explaining, posting, purging
from campaigns.models import AddressChange, CampaignVersion, Enrolment, Message
from campaigns.models import Preference as Chosen
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# Templates of mail to colleagues and to the sender, who have no page of this kind.
OF_STAFF = {
    "doctor",
    "lead-digest",
    "lead-digest-none",
    "lead-grade",
    "lead-reply",
    "lead-silent",
    "lead-step",
    "lead-untouched",
    "rights-due",
}


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


def send(now: datetime) -> None:
    """What is due at `now` leaves at `now`."""
    advancing.plan_due(now=now, limit=10)
    Message.objects.filter(state="queued").update(
        state="sent", sent_at=now, sending_at=now, ended_at=now
    )


def get_picture(enrolled: Enrolment, mail: Message | None, language: str) -> explaining.Picture:
    with translation.override(language):
        return explaining.get_picture(
            respondent_id=enrolled.respondent_id,
            message_id=mail.pk if mail else None,
            now=TUESDAY + 30 * DAY,
        )


def test_the_result_letter_goes_to_everybody(version: CampaignVersion) -> None:
    enrolled = make_enrolment(version)
    send(TUESDAY)
    this = get_picture(enrolled, Message.objects.get(), "en").this
    assert this is not None
    assert this.at == TUESDAY
    assert this.sentences == (
        "Mail 1 of 9 in the series “The development engine”.",
        "It goes to everybody who gets the series and comes this far.",
    )


def test_a_tip_names_its_role_its_rank_and_the_statements_behind_it(
    version: CampaignVersion,
) -> None:
    enrolled = make_enrolment(version)
    send(TUESDAY)
    send(TUESDAY + 3 * DAY + timedelta(hours=1))
    mail = Message.objects.get(step_key="tip-1")
    this = get_picture(enrolled, mail, "en").this
    assert this is not None
    assert this.sentences[0] == "Mail 2 of 9 in the series “The development engine”."
    assert "Takthållare" in this.sentences[1]
    assert "the weakest in your answers" in this.sentences[1]
    assert this.sentences[2].startswith("That follows from how you answered statements ")
    assert this.sentences[3] == "Of the tips for that role, it is the first that you had not had."


def test_a_mail_rests_on_a_yes_with_its_date_and_words(version: CampaignVersion) -> None:
    enrolled = make_enrolment(version)
    send(TUESDAY)
    picture = get_picture(enrolled, Message.objects.get(), "sv")
    assert picture.this is not None
    assert picture.this.consent is not None
    assert picture.this.consent.happened_at == TUESDAY
    words = picture.this.consent.wording
    assert words is not None
    assert words.text.startswith("Ja, skicka mig mitt resultat")
    (tips,) = (each for each in picture.choices if each.is_given)
    assert (tips.purpose, tips.since, tips.said) == ("tips", TUESDAY, words.text)


def test_earlier_mails_are_told_without_the_role(version: CampaignVersion) -> None:
    enrolled = make_enrolment(version)
    send(TUESDAY)
    send(TUESDAY + 3 * DAY + timedelta(hours=1))
    picture = get_picture(enrolled, Message.objects.get(step_key="result"), "en")
    (tip,) = picture.earlier
    assert tip.sentences == (
        "Mail 2 of 9 in the series “The development engine”.",
        "A tip for the role that is the weakest in your answers.",
    )


@pytest.mark.parametrize("state", ["queued", "skipped", "dropped", "failed"])
def test_what_did_not_leave_is_no_mail_that_came(version: CampaignVersion, state: str) -> None:
    enrolled = make_enrolment(version)
    advancing.plan_due(now=TUESDAY, limit=10)
    Message.objects.update(state=state, reason="refused", ended_at=TUESDAY)
    assert get_picture(enrolled, None, "en").earlier == ()


def test_a_mail_of_somebody_else_explains_nothing(version: CampaignVersion) -> None:
    enrolled, other = (
        make_enrolment(version, email=f"{each}@example.se") for each in ("alva", "bo")
    )
    send(TUESDAY)
    theirs = Message.objects.get(respondent=other.respondent_id)
    assert get_picture(enrolled, theirs, "en").this is None


def test_every_system_mail_of_this_app_is_explained_in_words() -> None:
    there = {path.name.split(".")[0] for path in posting.TEMPLATES.glob("*.sv.md")}
    assert set(explaining.SYSTEM_MAILS) == there - OF_STAFF


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("alva@example.se", "a•••@e•••.se"),
        ("a@b.se", "a•••@b•••.se"),
        ("alva@sub.example.co.uk", "a•••@s•••.uk"),
    ],
)
def test_an_address_is_known_by_its_owner_only(email: str, masked: str) -> None:
    assert explaining.mask(email) == masked


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_asks_as_often_however_many_mails_there_were(
    version: CampaignVersion, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    enrolled = make_enrolment(version)
    for number in range(count):
        Message.objects.create(
            key=f"x{number}",
            kind="campaign",
            enrolment=enrolled,
            respondent=enrolled.respondent,
            step_key=f"step-{number}",
            to="alva@example.se",
            language="sv",
            state="sent",
            created_at=TUESDAY,
            due_at=TUESDAY,
        )
    get_picture(enrolled, None, "sv")
    with django_assert_num_queries(7):
        picture = get_picture(enrolled, None, "sv")
    assert len(picture.earlier) == min(count, explaining.SHOWN)


# --- What was chosen --------------------------------------------------------------------------


def test_a_pause_is_over_when_its_time_has_passed(version: CampaignVersion) -> None:
    enrolled = make_enrolment(version)
    for until, shown in ((TUESDAY + 40 * DAY, True), (TUESDAY + 20 * DAY, False)):
        enrolment.freeze(
            respondent_ids=[enrolled.respondent_id], reason="asked", until=until, now=TUESDAY
        )
        assert get_picture(enrolled, None, "sv").paused_until == (until if shown else None)


def test_a_consultants_hand_over_is_no_pause_of_the_persons(version: CampaignVersion) -> None:
    enrolled = make_enrolment(version)
    enrolment.freeze(
        respondent_ids=[enrolled.respondent_id], reason="handover", until=None, now=TUESDAY
    )
    assert get_picture(enrolled, None, "sv").paused_until is None


def test_wishes_to_move_are_forgotten_when_their_links_are_too_old(
    version: CampaignVersion,
) -> None:
    enrolled = make_enrolment(version)
    for age in (6, 8):
        AddressChange.objects.create(
            respondent=enrolled.respondent, email="x@example.se", asked_at=TUESDAY - age * DAY
        )
    Chosen.objects.create(respondent=enrolled.respondent, cap_days=7, changed_at=TUESDAY - 9 * DAY)
    purging.purge(now=TUESDAY, limit=10)
    assert AddressChange.objects.get().asked_at == TUESDAY - 6 * DAY
    assert Chosen.objects.exists()
