"""What a received mail is: the labelled corpus, dates in both languages, and hostile bytes."""

from datetime import date
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.replies import Figure, count, judge_all
from campaigns.rendering.layout import WORDS
from campaigns.replies import Verdict, judge, open_mail
from campaigns.replies.dates import find_return
from campaigns.replies.quotes import OUR_LINES, get_own_words
from tests.campaigns.corpus import (
    INTRODUCTIONS,
    OUR_MAIL,
    RECEIVED_AT,
    build,
    quote,
    read_corpus,
    read_part,
)

WRITTEN = date(2026, 9, 15)  # a Tuesday


def judge_body(body: str, **row: object) -> Verdict:
    return judge(open_mail(build({"body": body, **row})), received_at=RECEIVED_AT)


def get_figures(*parts: str) -> dict[str, Figure]:
    letters = [letter for part in parts for letter in read_part(part)]
    return {each.verdict: each for each in count(judge_all(letters))}


def test_people_and_wishes_to_be_removed_are_told_apart() -> None:
    figures = get_figures("tuned", "held_out")
    for verdict in ("human", "remove_me"):
        assert figures[verdict].precision >= 0.97, verdict
        assert figures[verdict].recall >= 0.97, verdict


def test_of_wishes_that_no_rule_knows_seven_in_ten_are_understood() -> None:
    """The goal is 0.97, and is not reached: the others go to a person, who looks."""
    figures = get_figures("held_out_2")
    assert figures["remove_me"].precision == figures["human"].recall == 1
    assert figures["remove_me"].recall >= 0.7


def test_nobody_is_removed_and_nobody_is_gone_by_a_guess() -> None:
    """In all mail there is, also in that which no rule was made for."""
    for letter, verdict in judge_all(read_corpus()):
        if verdict.kind in {"remove_me", "gone"}:
            assert verdict.kind == letter.want, letter.name


def test_days_of_return_are_read_right() -> None:
    for letter, verdict in judge_all(read_part("tuned")):
        assert verdict.until == letter.until, letter.name


@pytest.mark.parametrize("style", INTRODUCTIONS)
def test_our_own_way_out_is_never_somebodys_wish(style: str) -> None:
    assert judge_body(quote("Tack, bra!", style)).kind == "human"
    assert judge_body(quote("", style)).kind == "unsure"


@pytest.mark.parametrize("language", OUR_MAIL)
def test_our_own_mail_sent_back_bare_is_no_wish_to_leave(language: str) -> None:
    """Some programs mark nothing at all."""
    assert judge_body(f"Tack!\n\n{OUR_MAIL[language]}").kind == "human"


@pytest.mark.parametrize("language", WORDS)
def test_the_lines_of_our_layout_are_known_as_ours(language: str) -> None:
    for name in ("why", "unsubscribe_text", "answer"):
        said = WORDS[language][name].lower()
        assert any(line in said or said in line for line in OUR_LINES), said


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Hej\n> gammalt\nnytt", "Hej\nnytt"),
        ("Svar\n\nDen 15 sep. 2026 skrev PMO:\n> fråga\n\nUnder", "Svar\n\n\nUnder"),
        ("Svar\n\nDen 15 sep. 2026 skrev PMO:\nfråga utan märken", "Svar"),
        ("Svar\n\nOn Tue, 15 Sep 2026 at 09:00, PMO\n<a@b.se> wrote:\n> x", "Svar"),
        ("Svar\n\nFrån: PMO\nSkickat: i dag\nÄmne: x\n\ny", "Svar"),
        ("Från: och med nu är det bra", "Från: och med nu är det bra"),
        ("Svar\n-- \nAlva\nIT-chef", "Svar"),
        ("Svar\n\nMvh\nAlva\nTa bort papperskorgen", "Svar\n\nMvh"),
        ("Mvh är ett tråkigt sätt att sluta", "Mvh är ett tråkigt sätt att sluta"),
        ("Svar\nSkickat från min iPhone", "Svar"),
    ],
)
def test_own_words_are_what_is_left(text: str, own: str) -> None:
    assert get_own_words(text) == own


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Jag är åter måndag 12 januari", date(2027, 1, 12)),
        ("back on 3 Feb", date(2027, 2, 3)),
        ("Semester t.o.m. 15/10", date(2026, 10, 16)),
        ("Semester till och med söndag 4 oktober. Ring 08-123 45 67.", date(2026, 10, 5)),
        ("Tillbaka v. 43", date(2026, 10, 19)),
        ("Semester vecka 38-40", date(2026, 10, 5)),
        ("Out of office until October 5th, 2026", date(2026, 10, 5)),
        ("On leave 14 September through 2 October", date(2026, 10, 3)),
        ("Borta 14–25 september", date(2026, 9, 26)),
        ("On annual leave Sep 14 - 25", date(2026, 9, 26)),
        ("back on Monday", date(2026, 9, 21)),
        ("Åter onsdag", date(2026, 9, 16)),
        ("åter den 28:e", date(2026, 9, 28)),
        ("Åter 2026-10-01.", date(2026, 10, 1)),
        ("Semester 2026-09-10 - 2026-09-24", date(2026, 9, 25)),
        ("Åter 1.10.26", date(2026, 10, 1)),
        ("I will be back on 9/28", date(2026, 9, 28)),
        ("Semester 1–20 september och åter den 21 september", date(2026, 9, 21)),
        ("Jag är tillbaka i morgon", date(2026, 9, 16)),
        # What was forgotten, is impossible or is far away says nothing.
        ("God sommar! Åter 27 juli", None),
        ("Åter den 45:e", None),
        ("Åter 31 februari", None),
        ("Tillbaka v. 99", None),
        ("Åter 2031-01-01", None),
        ("Sjukskriven tills vidare", None),
        ("Konferensen den 12 oktober är fullbokad", None),
    ],
)
def test_a_day_of_return_is_found(text: str, day: date | None) -> None:
    assert find_return(text, written=WRITTEN) == day


def test_days_count_from_when_the_letter_was_written_if_its_clock_is_right() -> None:
    raw = build({"body": "Åter på måndag", "subject": "Frånvaro"})
    assert judge(open_mail(raw), received_at=RECEIVED_AT).until == date(2026, 9, 21)
    old = raw.replace(b"15 Sep 2026", b"15 Sep 2001")
    assert judge(open_mail(old), received_at=RECEIVED_AT).until == date(2026, 9, 21)


def test_a_verdict_says_why() -> None:
    verdict = judge_body("Ta bort mig från listan", quote="outlook-sv")
    assert [(each.code, each.found) for each in verdict.reasons] == [
        ("says_remove", "ta bort mig från listan")
    ]


def test_attachments_are_not_read() -> None:
    raw = (
        b"From: a@b.se\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nSe bilagan\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\n"
        b"\r\nta bort mig\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nta bort mig\r\n--b--\r\n"
    )
    assert open_mail(raw).text == "Se bilagan"


HOSTILE = [
    b"",
    b"\x00" * 5_000,
    b"\xff\xfe" * 5_000,
    b"From: " + b"a" * 100_000 + b"\r\n\r\nx",
    b"From: <" + b"<" * 5_000 + b"\r\n\r\nx",
    b"Subject: =?utf-8?b?%%%?= =?x-unknown?q?=E5?= =?utf-8?q?=ff=fe?=\r\n\r\nx",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n\r\nx",
    b"Date: Tue, 15 Sep 0000 10:00:00 +0000\r\n\r\nx",
    b"Content-Type: text/plain; charset=\x00\r\n\r\nx",
    b"Content-Type: text/plain; charset=no-such\r\n\r\n\xe5",
    b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"hej",
    b"Content-Type: text/html\r\n\r\n" + b"<blockquote" * 20_000,
    b"Content-Type: text/html\r\n\r\n" + b"</div>" * 50_000 + b"<!--" * 20_000,
    b"Content-Type: text/html\r\n\r\n<!DOCTYPE [<![x[" + b"<!" * 2_000,
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 20_000,
    b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number)
        for number in range(3_000)
    ),
    (
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: \xff\x00\r\n"
    ),
    b"Content-Type: message/delivery-status\r\n\r\nx",
    b"References: " + b"<" + b"x@y> <" * 20_000 + b"\r\n\r\nx",
    b"\r\n\r\n" + b"Den " * 50_000,
    b"\r\n\r\n" + b"ta bort mig " * 20_000,
    b"\r\n\r\n" + b"1-" * 50_000,
    "Subject: Frånvaro\r\n\r\n".encode() + b"till den " * 20_000,
    "Subject: x\r\n\r\n\u202e\ud7ff\u2028 tack \u0000".encode(),
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_mail_gets_a_verdict_in_time(raw: bytes) -> None:
    began = process_time()
    mail = open_mail(raw)
    verdict = judge(mail, received_at=RECEIVED_AT)
    assert process_time() - began < 2
    assert verdict.kind in {"human", "unsure", "auto_reply", "bounce", "away", "remove_me"}
    assert "\x00" not in mail.text + mail.subject + mail.sender


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000))
@example(b"From: \xff@\xff\r\n\r\n")
def test_any_bytes_get_the_same_verdict_every_time(raw: bytes) -> None:
    first = judge(open_mail(raw), received_at=RECEIVED_AT)
    assert judge(open_mail(raw), received_at=RECEIVED_AT) == first


NAMES = ["From", "To", "Date", "Subject", "References", "In-Reply-To", "Content-Type", "Precedence"]
NAMES += ["Auto-Submitted", "Return-Path", "Content-Transfer-Encoding", "Message-ID"]
HEADERS = st.dictionaries(
    st.sampled_from(NAMES),
    st.text(max_size=80).map(lambda text: text.replace("\n", " ").replace("\r", " ")),
)


@settings(max_examples=200, deadline=None)
@given(HEADERS, st.text(max_size=400))
def test_any_headers_and_words_get_a_verdict(headers: dict[str, str], body: str) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = f"{lines}\r\n{body}".encode("utf-8", "surrogatepass")
    judge(open_mail(raw), received_at=RECEIVED_AT)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_quotes_alone_are_no_words(text: str) -> None:
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    assert get_own_words(quoted) == ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="återilb v.0123456789/-–:stomnajufeb\n", max_size=60))
def test_a_day_of_return_is_never_in_the_past_nor_far_away(text: str) -> None:
    day = find_return(text, written=WRITTEN)
    assert day is None or 0 <= (day - WRITTEN).days <= 400
