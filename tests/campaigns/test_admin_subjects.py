"""The page that compares two subjects, in words and drawn."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from campaigns.admin import subjects
from campaigns.cohorts import compare
from campaigns.models import CampaignVersion, Message
from tests.admin import count_queries, get_page, log_in
from tests.factories import TUESDAY, make_enrolment, publish_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> CampaignVersion:
    return publish_campaign()


@pytest.fixture
def doubled(version: CampaignVersion) -> CampaignVersion:
    """With a second subject of the result letter, and of the first tip."""
    campaign = version.document["campaign"]
    first = campaign["steps"][0] | {"subject_b": {"sv": "Ert PMO i siffror", "en": "In numbers"}}
    tip = version.document["tips"][0] | {"subject_b": {"sv": "<b>Börja här</b>", "en": "Begin"}}
    digests = sorted(set(version.compiled.values()))
    return CampaignVersion.objects.create(
        campaign=version.campaign,
        number=2,
        document={
            "campaign": campaign | {"steps": [first, *campaign["steps"][1:]]},
            "tips": [tip, *version.document["tips"][1:]],
        },
        compiled=version.compiled
        | {"step:result/sv/b": digests[0], f"tip:{tip['key']}/sv/b": digests[1]},
        published_at=TUESDAY,
    )


def get_url(version: CampaignVersion) -> str:
    return reverse("admin:campaigns_campaign_subjects", args=[version.campaign_id])


def send(version: CampaignVersion, variant: str, number: int = 0) -> Message:
    at = timezone.now() - timedelta(days=20)
    enrolment = make_enrolment(version, email=f"{variant}{number}@example.se", now=at)
    place = "step:result/sv" + ("/b" if variant == "b" else "")
    return Message.objects.create(
        key=f"{enrolment.pk}:result",
        kind="campaign",
        enrolment=enrolment,
        respondent_id=enrolment.respondent_id,
        step_key="result",
        to=enrolment.respondent.email,
        language="sv",
        variant=variant,
        compiled_id=version.compiled[place],
        created_at=at,
        due_at=at,
        state="sent",
        sent_at=at,
    )


def judge(a: tuple[int, int], b: tuple[int, int]) -> str:
    return subjects._judge(compare(a=a, b=b, is_more_better=True))


def test_a_campaign_without_second_subjects_says_how_to_get_one(version: CampaignVersion) -> None:
    page = log_in("Marketers").get(get_url(version)).content.decode()
    assert "No mail of this campaign has two subjects." in page


def test_both_subjects_are_shown_with_how_many_got_them(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    send(doubled, "b")
    send(doubled, "b", 1)
    response = log_in("Marketers").get(get_url(doubled))
    letter, tip = response.context["rows"]
    assert [(each, texts[0][1], sent) for each, texts, sent in letter.subjects] == [
        ("A", "Ditt resultat: så ser bilden av ert PMO ut", 1),
        ("B", "Ert PMO i siffror", 2),
    ]
    assert (letter.name, tip.name[:4]) == ("Day 0: Your result: how your PMO comes out", "Tip:")
    assert "&lt;b&gt;Börja här&lt;/b&gt;" in response.content.decode()


def test_few_people_are_too_few_to_say(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    send(doubled, "b")
    page = log_in("Marketers").get(get_url(doubled)).content.decode()
    assert "Too few to say: 1 and 1 people; from 100 each we dare." in page


def test_the_interval_is_drawn_and_said(doubled: CampaignVersion) -> None:
    send(doubled, "a")
    client = log_in("Marketers")
    assert "<svg" not in get_drawings(client.get(get_url(doubled)).content.decode())
    send(doubled, "b")
    drawing = get_drawings(client.get(get_url(doubled)).content.decode())
    assert drawing.count("<svg") == 2
    assert 'aria-label="B compared with A: −79.3 to +79.3 percentage points"' in drawing
    assert 'x="0.0" y="8" width="200.0"' in drawing


def get_drawings(page: str) -> str:
    return "".join(re.findall(r'<svg class="interval".*?</svg>', page))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ((10, 99), (10, 120), "Too few to say: 99 and 120 people; from 100 each we dare."),
        ((10, 100), (15, 100), "Too few to say: it may still go either way."),
        ((5, 100), (30, 100), "B does better."),
        ((30, 100), (5, 100), "A does better."),
        (
            (500, 10_000),
            (500, 10_000),
            "No difference worth acting on: less than 2.0 percentage points.",
        ),
    ],
)
def test_the_verdict_is_said_in_words(a: tuple[int, int], b: tuple[int, int], words: str) -> None:
    with override("en"):
        assert judge(a, b) == words


def test_a_drawing_lies_on_its_axis_with_no_difference_in_the_middle() -> None:
    found = compare(a=(0, 100), b=(50, 100), is_more_better=True)
    drawing = subjects._draw(found, found.high)
    assert drawing.start + drawing.width == 200
    assert drawing.dot == round(100 + 100 * 0.5 / found.high, 1)


def test_the_page_of_a_mail_says_which_subject_it_had(doubled: CampaignVersion) -> None:
    page = log_in("Marketers").get(get_page(send(doubled, "b"))).content.decode()
    assert re.search(r"<dt>Subject line</dt>\s*<dd>B</dd>", page)


def test_many_mails_take_as_many_queries_as_one(doubled: CampaignVersion) -> None:
    client = log_in("Marketers")
    send(doubled, "a")
    one = count_queries(client, get_url(doubled))
    for number in range(1, 4):
        send(doubled, "b", number)
    assert count_queries(client, get_url(doubled)) == one
