"""Many mails in one window: pipelined, over several connections, each with its own outcome."""

from collections import Counter
from collections.abc import Iterator

import pytest

from campaigns.transport import Parcel
from tests.campaigns.fault_server import FaultServer, running_fault_server
from tests.campaigns.mailing import RAW, connect, describe, make_mail, send_all

LARGE = RAW + (b"x" * 900 + b"\r\n") * 20_000
FAULTS = {
    "rcpt-421": "TryLater",
    "rcpt-450": "TryLater",
    "rcpt-550": "Refused",
    "rcpt-drop": "TryLater",
    "data-451": "TryLater",
    "data-554": "Refused",
    "data-drop": "TryLater",
    "dot-421": "TryLater",
    "dot-451": "TryLater",
    "dot-554": "Refused",
    "dot-drop": "Unknown",
    "dot-nonsense": "Unknown",
    "dot-stall": "Unknown",
    "after-drop": "Accepted",
}


@pytest.fixture(params=[True, False], ids=["pipelining", "one by one"])
def server(request: pytest.FixtureRequest) -> Iterator[FaultServer]:
    with running_fault_server() as server:
        if not request.param:
            server.offers = ("8BITMIME",)
        yield server


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_some_is_no_fault_of_the_others(
    server: FaultServer, fault: str, connections: int
) -> None:
    names = [f"good{number}" for number in range(20)]
    for place in (0, 7, 13, 14, 22):
        names.insert(place, fault)
    outcomes = send_all(server, *map(make_mail, names), connections=connections)
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == [FAULTS.get(name, "Accepted") for name in names]
    taken = Counter(to.partition("@")[0] for to, _ in server.accepted)
    assert all(taken[name] == 1 for name in names if name.startswith("good"))
    if FAULTS[fault] in {"TryLater", "Refused"}:
        assert taken[fault] == 0


def test_a_refused_sender_lets_the_next_mail_through(server: FaultServer) -> None:
    mails = [make_mail("a"), make_mail("b", sender="mail-451"), make_mail("c")]
    outcomes = send_all(server, *mails)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Accepted", "TryLater", "Accepted"]


def test_a_server_that_hangs_up_after_each_mail_gets_them_all(server: FaultServer) -> None:
    outcomes = send_all(server, *(make_mail("after-drop") for _ in range(6)))
    assert {describe(outcome) for outcome in outcomes} == {("Accepted", "", 0)}
    assert server.seen["connections"] == 6
    assert len(server.accepted) == 6


def test_a_drop_in_the_body_is_certain_and_the_rest_goes_on(server: FaultServer) -> None:
    mails = [make_mail("a"), make_mail("body-drop", raw=LARGE), make_mail("c")]
    outcomes = send_all(server, *mails)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Accepted", "TryLater", "Accepted"]
    assert [to for to, _ in server.accepted] == ["a@example.se", "c@example.se"]


def test_few_mails_are_not_worth_a_second_connection(server: FaultServer) -> None:
    send_all(server, *(make_mail(f"a{n}") for n in range(4)), connections=4)
    assert server.seen["connections"] == 1


def test_many_mails_are_spread_over_the_connections_that_are_allowed(server: FaultServer) -> None:
    send_all(server, *(make_mail(f"a{n}") for n in range(40)), connections=4)
    assert server.seen["connections"] == 4
    assert len(server.accepted) == 40


def test_nobody_is_asked_any_more_when_time_is_over(server: FaultServer) -> None:
    transport = connect(server)
    parcels = [Parcel(mail=make_mail(f"a{n}")) for n in range(5)]
    transport.send(parcels=parcels, is_over=lambda: len(server.accepted) >= 2)
    transport.close()
    done = [parcel for parcel in parcels if parcel.outcome is not None]
    assert len(server.accepted) == len(done) < 5
    assert {describe(parcel.outcome) for parcel in done} == {("Accepted", "", 0)}


def test_a_server_without_pipelining_is_never_told_two_things_at_once() -> None:
    with running_fault_server() as server:
        server.offers = ("8BITMIME",)
        send_all(server, *(make_mail(f"a{n}") for n in range(3)))
    assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]


def test_a_mail_follows_the_dot_of_the_one_before_it() -> None:
    """RFC 2920: a group may begin behind the message; so each mail costs one wait."""
    with running_fault_server() as server:
        send_all(server, *(make_mail(f"a{n}") for n in range(3)))
    assert server.commands == ["EHLO", *["MAIL", "RCPT", "DATA"] * 3, "QUIT"]
