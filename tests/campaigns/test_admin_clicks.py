"""What the admin tells of measured links, and to whom."""

from typing import get_args

import pytest
from django.test import override_settings
from django.urls import reverse

from campaigns.clicks import Reason
from campaigns.models import Message
from campaigns.words import VISIT_REASONS
from tests.admin import get_page, log_in
from tests.campaigns.following import BOOKING, SECOND, judge, send_talk, visit
from tests.factories import publish_campaign

pytestmark = pytest.mark.django_db


def get_figures_page() -> str:
    return reverse("admin:campaigns_campaign_figures", args=[publish_campaign().campaign_id])


def test_every_reason_has_words() -> None:
    assert set(VISIT_REASONS) == set(get_args(Reason))


@override_settings(BOOKING_URL=BOOKING)
def test_figures_tell_readers_from_scanners_and_say_that_they_are_few() -> None:
    visit(send_talk(email="a@e.se"))
    visit(send_talk(email="b@e.se"), is_head=True)
    visit(send_talk(email="c@e.se"), after=5 * SECOND)
    judge()
    response = log_in("Marketers").get(get_figures_page())
    (row,) = response.context["click_rows"]
    cells = [(str(cell.label), cell.count, cell.share, cell.is_small) for cell in row.cells]
    assert cells == [
        ("Links measured", 3, "", False),
        ("Followed a link", 1, "", True),
        ("Perhaps followed a link", 1, "", True),
        ("Only a scanner did", 1, "", True),
    ]


def test_figures_say_so_when_nothing_is_measured() -> None:
    page = log_in("Marketers").get(get_figures_page()).content.decode()
    assert "Nothing measured" in page


def test_an_administrator_sees_each_visit_with_its_reasons() -> None:
    message = send_talk()
    visit(message, after=2 * SECOND, is_head=True)
    visit(message, after=3600 * SECOND)
    judge(after=7200 * SECOND)
    page = log_in("Administrators").get(get_page(message)).content.decode()
    assert "looked without opening, sooner than anybody can read" in page
    assert "a person" in page


def test_a_marketer_sees_neither_visits_nor_a_link_that_counts_as_the_persons() -> None:
    message = send_talk()
    visit(message)
    judge()
    client = log_in("Marketers")
    page = client.get(get_page(message)).content.decode()
    frame = client.get(reverse("admin:campaigns_message_frame", args=[message.pk]))
    assert "Who followed its links" not in page
    assert "/m/go/•••/" in page
    assert "/m/go/•••/" in frame.content.decode()


def test_the_page_of_a_mail_that_never_left_has_no_visits() -> None:
    message = send_talk()
    Message.objects.update(state="failed", reason="refused", is_tracked=False)
    page = log_in("Administrators").get(get_page(message)).content.decode()
    assert "Who followed its links" not in page
