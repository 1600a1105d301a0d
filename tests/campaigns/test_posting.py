"""Mail to colleagues: rows, layouts, once per key, and forgotten when a person is erased."""

from datetime import timedelta

import pytest

from campaigns import letters, posting, rendering
from campaigns.models import Message
from tests.factories import TUESDAY

LEAD_MAILS = (
    "lead-grade",
    "lead-reply",
    "lead-silent",
    "lead-step",
    "lead-untouched",
    "lead-digest",
)
EVIL = "<script>alert(1)</script>"


def get_values(rows: int) -> dict[str, str]:
    values = {
        "desk_url": "https://x.se/",
        "choices_url": "https://x.se/c/",
        "count": "3",
        "week": "40",
    }
    for place in range(1, rows + 1):
        values |= {f"row_{place}_{what}": f"{what}-{place}" for what in ("name", "mark", "text")}
        values[f"row_{place}_url"] = f"https://x.se/{place}/"
    for place in range(1, 6):
        values |= {f"bar_{place}_value": str(place), f"bar_{place}_width": "50"}
    return values


def post(key: str = "staff:1:x:2026-09-15", rows: int = 1, template: str = "lead-grade") -> bool:
    return posting.post_staff(
        key=key,
        to="karin@byran.se",
        template=template,
        language="sv",
        values=get_values(rows),
        rows=rows,
        now=TUESDAY,
        due_at=TUESDAY + timedelta(hours=1),
    )


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("template", [*LEAD_MAILS, "lead-digest-none"])
@pytest.mark.parametrize("rows", [1, 10])
def test_every_mail_can_be_filled_with_any_number_of_rows(
    template: str, language: str, rows: int
) -> None:
    compiled = posting.compile_template(template=template, language=language, rows=rows)
    values = get_values(rows) | {
        "sender_name": "PMO", "postal_address": "Gatan 1", "site_url": "https://x.se",
    }  # fmt: skip
    mail = rendering.render(compiled=compiled, values=values)
    assert "{{" not in mail.subject + mail.text + mail.html
    assert "https://x.se/c/" in mail.text
    assert "unsubscribe" not in mail.html


def test_a_line_with_a_row_is_there_once_for_each() -> None:
    compiled = posting.compile_template(template="lead-step", language="en", rows=3)
    assert [compiled.text.count(f"row_{place}_name") for place in (1, 2, 3, 4)] == [1, 1, 1, 0]


def test_a_digest_has_its_bars_and_an_alert_has_none() -> None:
    digest = posting.compile_template(template="lead-digest", language="sv", rows=1)
    alert = posting.compile_template(template="lead-grade", language="sv", rows=1)
    assert ('class="track"' in digest.html, 'class="track"' in alert.html) == (True, False)
    assert "Att ringa: {{ bar_2_value }}" in digest.text


@pytest.mark.django_db
def test_a_mail_to_a_colleague_is_posted_once_per_key() -> None:
    assert (post(), post(), post(key="staff:1:x:2026-09-16")) == (True, False, True)
    message = Message.objects.get(key="staff:1:x:2026-09-15")
    assert (message.kind, message.due_at, message.enrolment, message.respondent) == (
        "staff", TUESDAY + timedelta(hours=1), None, None,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_value_is_text_and_never_a_tag() -> None:
    post()
    message = Message.objects.select_related("enrolment").get()
    message.values["row_1_name"] = EVIL
    assert EVIL not in letters.render(message).html


@pytest.mark.django_db
def test_known_keys_are_those_with_a_message() -> None:
    post()
    assert posting.get_known(keys=["staff:1:x:2026-09-15", "y"]) == {"staff:1:x:2026-09-15"}


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "expected"), [("queued", "skipped"), ("sent", "sent")])
def test_a_forgotten_mail_says_nothing_and_leaves_no_more(state: str, expected: str) -> None:
    post()
    Message.objects.update(state=state)
    assert posting.forget(keys=["staff:1:x:2026-09-15"]) == 1
    message = Message.objects.get()
    assert (message.state, message.values) == (expected, {})
