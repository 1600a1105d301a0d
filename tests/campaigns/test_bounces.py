from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import bounces
from tests.factories import TUESDAY

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("event_type", "reject_reason", "words", "kind"),
    [
        ("queued", "", "", "accepted"),
        ("sent", "", "", "accepted"),
        ("delivered", "", "250 2.0.0 OK", "delivered"),
        ("deferred", "", "451 4.7.1 greylisted", "deferred"),
        ("complained", "spam", "", "complaint"),
        ("unsubscribed", "", "", "unsubscribed"),
        ("bounced", "bounced", "550 5.1.1 no such user", "hard_bounce"),
        ("bounced", "bounced", "550 5.2.1 mailbox disabled", "hard_bounce"),
        ("bounced", "bounced", "Hard bounce", "hard_bounce"),
        ("bounced", "invalid", "", "hard_bounce"),
        ("bounced", "bounced", "552 5.2.2 mailbox full", "soft_bounce"),
        ("bounced", "other", "", "soft_bounce"),
        ("bounced", "timed_out", "451 4.4.1 no answer", "soft_bounce"),
        ("bounced", "blocked", "", "policy_bounce"),
        ("bounced", "bounced", "550 5.7.515 access denied", "policy_bounce"),
        ("rejected", "bounced", "", "hard_bounce"),
        ("rejected", "spam", "", "complaint"),
        ("rejected", "unsubscribed", "", "unsubscribed"),
        ("rejected", "blocked", "", "refused"),
        ("failed", "", "template error", "refused"),
        ("opened", "", "", None),
        ("clicked", "", "", None),
        ("autoresponded", "", "", None),
        ("unknown", "", "", None),
    ],
)
def test_classify(event_type: str, reject_reason: str, words: str, kind: str | None) -> None:
    found, _ = bounces.classify(event_type=event_type, reject_reason=reject_reason, words=words)
    assert found == kind


@pytest.mark.parametrize(
    ("event_type", "severity", "words", "kind"),
    [
        ("bounced", "soft", "mailbox full", "soft_bounce"),
        ("bounced", "hard", "no such user", "hard_bounce"),
        ("bounced", "soft", "550 5.1.1 no such user", "hard_bounce"),
        ("bounced", "hard", "552 5.2.2 mailbox full", "soft_bounce"),
        ("bounced", "hard", "550 5.7.1 not wanted", "policy_bounce"),
        ("failed", "hard", "550 5.1.1 no such user", "hard_bounce"),
        ("failed", "hard", "", "hard_bounce"),
        ("failed", "soft", "", "refused"),
        ("rejected", "hard", "", "refused"),
        ("delivered", "hard", "", "delivered"),
    ],
)
def test_a_providers_own_word_counts_where_there_is_no_code(
    event_type: str, severity: bounces.Severity, words: str, kind: str
) -> None:
    reason = "bounced" if event_type == "bounced" else ""
    found, _ = bounces.classify(
        event_type=event_type, reject_reason=reason, words=words, severity=severity
    )
    assert found == kind


@pytest.mark.parametrize(
    ("words", "code"),
    [("smtp; 550 5.1.1 gone", "5.1.1"), ("from 10.5.1.1 said no", ""), ("", "")],
)
def test_classify_finds_the_code_and_no_address(words: str, code: str) -> None:
    assert bounces.classify(event_type="bounced", reject_reason="", words=words)[1] == code


@pytest.mark.parametrize(
    ("history", "is_unreachable"),
    [
        ([(0, "soft_bounce")], False),
        ([(0, "soft_bounce"), (1, "soft_bounce"), (2, "soft_bounce")], False),
        ([(0, "soft_bounce"), (72, "soft_bounce")], False),
        ([(0, "soft_bounce"), (24, "soft_bounce"), (72, "soft_bounce")], True),
        ([(0, "soft_bounce"), (24, "delivered"), (48, "soft_bounce"), (96, "soft_bounce")], False),
        ([(0, "soft_bounce"), (24, "soft_bounce"), (72, "soft_bounce"), (99, "delivered")], True),
        ([(0, "soft_bounce"), (9, "deferred"), (24, "soft_bounce"), (72, "soft_bounce")], True),
    ],
)
def test_three_soft_bounces_in_a_row_over_three_days(
    history: list[tuple[int, str]], is_unreachable: bool
) -> None:
    dated = [(TUESDAY + hours * HOUR, kind) for hours, kind in history]
    assert bounces.is_unreachable(dated) is is_unreachable


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["soft_bounce", "delivered"]))),
    st.randoms(),
)
def test_the_order_of_the_reports_does_not_matter(
    history: list[tuple[int, str]], chance: object
) -> None:
    dated = [(TUESDAY + hours * HOUR, kind) for hours, kind in history]
    shuffled = list(dated)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert bounces.is_unreachable(shuffled) == bounces.is_unreachable(dated)
