"""The rules that tell a person from a program, case by case and over whatever may happen."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.clicks import (
    MACHINE,
    UNSURE,
    Limits,
    Visit,
    get_agent,
    is_in_networks,
    judge,
    read_agent,
)
from tests.factories import TUESDAY

SECOND = timedelta(seconds=1)
LIMITS = Limits()
WORSE = ["human", "unsure", "machine"]


def make(
    seconds: float = 60,
    *,
    link: int = 1,
    is_head: bool = False,
    agent: str = "browser",
    is_from_scanner: bool = False,
    neighbours: int = 1,
) -> Visit:
    return Visit(
        link=link,
        at=TUESDAY + seconds * SECOND,
        is_head=is_head,
        agent=read_agent(agent),
        is_from_scanner=is_from_scanner,
        neighbours=neighbours,
    )


def decide(*visits: Visit, links: int = 2, limits: Limits = LIMITS) -> list[tuple[str, list[str]]]:
    judged = judge(visits=visits, links=links, delivered_at=TUESDAY, limits=limits)
    return [(each.verdict, list(each.reasons)) for each in judged]


@pytest.mark.parametrize(
    ("visit", "verdict", "reasons"),
    [
        (make(), "human", []),
        (make(15), "human", []),
        (make(14.9), "unsure", ["soon"]),
        (make(3), "unsure", ["soon"]),
        (make(2.9), "machine", ["sooner"]),
        (make(-3), "machine", ["sooner"]),
        (make(is_head=True), "machine", ["head"]),
        (make(agent="scanner"), "machine", ["scanner_agent"]),
        (make(agent="program"), "machine", ["program"]),
        (make(agent="other"), "unsure", ["unknown_agent"]),
        (make(is_from_scanner=True), "machine", ["scanner_network"]),
        (make(neighbours=4), "human", []),
        (make(neighbours=5), "machine", ["crowd"]),
        (make(1, is_head=True, agent="other"), "machine", ["head", "sooner", "unknown_agent"]),
    ],
)
def test_one_visit_alone(visit: Visit, verdict: str, reasons: list[str]) -> None:
    assert decide(visit) == [(verdict, reasons)]


def test_every_link_of_a_mail_within_five_seconds_is_a_program() -> None:
    assert decide(make(60, link=1), make(65, link=2)) == [("machine", ["all_links"])] * 2


def test_every_link_in_more_than_five_seconds_is_a_reader() -> None:
    assert decide(make(60, link=1), make(65.1, link=2)) == [("human", [])] * 2


def test_the_same_link_twice_is_a_double_click() -> None:
    assert decide(make(60), make(60.2)) == [("human", [])] * 2


def test_the_only_link_of_a_mail_is_no_sweep() -> None:
    assert decide(make(60), links=1) == [("human", [])]


def test_a_reader_comes_long_after_the_scanner() -> None:
    swept = [make(2, link=1), make(3, link=2)]
    assert [verdict for verdict, _ in decide(*swept, make(600, link=2))] == [
        "machine",
        "machine",
        "human",
    ]


def test_whoever_comes_together_with_a_program_may_be_one() -> None:
    assert decide(make(60, is_head=True), make(62)) == [
        ("machine", ["head"]),
        ("unsure", ["beside_machine"]),
    ]


def test_thresholds_can_be_chosen() -> None:
    patient = Limits(soon=90 * SECOND, sooner=70 * SECOND)
    assert decide(make(60), limits=patient) == [("machine", ["sooner"])]


@pytest.mark.parametrize(
    ("user_agent", "agent"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "browser"),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0"
            ),
            "browser",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Mobile/15E148"
            ),
            "browser",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 "
                "(KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
            ),
            "browser",
        ),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "scanner"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 HeadlessChrome/120.0", "scanner"),
        ("Microsoft Office Existence Discovery", "scanner"),
        ("BarracudaCentral scanner", "scanner"),
        ("prefetch", "scanner"),
        ("curl/8.5.0", "program"),
        ("python-requests/2.32", "program"),
        ("Go-http-client/1.1", "program"),
        ("Mozilla/5.0", "program"),
        ("", "program"),
        ("  ", "program"),
        ("Outlook-iOS/2.0", "other"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)", "other"),
    ],
)
def test_get_agent_is_coarse(user_agent: str, agent: str) -> None:
    assert get_agent(user_agent) == agent


@given(st.text(max_size=2_000))
def test_get_agent_takes_whatever_is_sent(user_agent: str) -> None:
    assert read_agent(get_agent(user_agent)) == get_agent(user_agent)


def test_a_long_user_agent_costs_no_time() -> None:
    assert get_agent("Mozilla/5.0 (" + "gecko(" * 100_000) in {"browser", "other"}


@pytest.mark.parametrize(
    ("address", "is_in"),
    [
        ("192.0.2.7", True),
        ("192.0.3.1", False),
        ("2001:db8::1", True),
        ("::1", False),
        (None, False),
    ],
)
def test_is_in_networks(address: str | None, is_in: bool) -> None:
    assert is_in_networks(address, ["192.0.2.0/24", "2001:db8::/32"]) is is_in


# --- Whatever may happen -----------------------------------------------------------------

visits = st.lists(
    st.builds(
        make,
        st.floats(-10, 200),
        link=st.integers(0, 3),
        is_head=st.booleans(),
        agent=st.sampled_from(["browser", "browser", "scanner", "program", "other"]),
        is_from_scanner=st.sampled_from([False, False, True]),
        neighbours=st.integers(1, 7),
    ),
    max_size=8,
)
links = st.integers(0, 4)


@given(visits, links)
def test_a_verdict_follows_from_its_reasons(all_visits: list[Visit], count: int) -> None:
    for verdict, reasons in decide(*all_visits, links=count):
        assert set(reasons) <= MACHINE | UNSURE
        expected = "machine" if set(reasons) & MACHINE else "unsure" if reasons else "human"
        assert verdict == expected


@given(visits, links, st.randoms())
def test_the_order_in_which_visits_are_read_is_of_no_matter(
    all_visits: list[Visit], count: int, chance: Random
) -> None:
    judged = dict(enumerate(decide(*all_visits, links=count)))
    order = list(range(len(all_visits)))
    chance.shuffle(order)
    again = decide(*[all_visits[place] for place in order], links=count)
    assert dict(zip(order, again, strict=True)) == judged


@given(visits, links, st.data())
def test_more_that_speaks_for_a_program_never_helps(
    all_visits: list[Visit], count: int, data: st.DataObject
) -> None:
    if not all_visits:
        return
    place = data.draw(st.integers(0, len(all_visits) - 1))
    worse = data.draw(
        st.sampled_from(
            [
                {"is_head": True},
                {"is_from_scanner": True},
                {"neighbours": 9},
                {"agent": "scanner"},
                {"agent": "program"},
            ]
        )
    )
    accused = list(all_visits)
    accused[place] = replace(accused[place], **worse)
    before = [verdict for verdict, _ in decide(*all_visits, links=count)]
    after = [verdict for verdict, _ in decide(*accused, links=count)]
    assert all(WORSE.index(b) >= WORSE.index(a) for a, b in zip(before, after, strict=True))
    assert after[place] == "machine"


@given(visits, links, visits)
def test_more_visits_never_make_another_one_look_more_like_a_persons(
    some: list[Visit], count: int, others: list[Visit]
) -> None:
    before = [verdict for verdict, _ in decide(*some, links=count)]
    after = [verdict for verdict, _ in decide(*some, *others, links=count)][: len(some)]
    assert all(WORSE.index(b) >= WORSE.index(a) for a, b in zip(before, after, strict=True))
