from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from leads.dealing import Hand, deal

hands_of_any_kind = st.lists(
    st.builds(
        Hand, owner_id=st.integers(1, 9), capacity=st.integers(1, 12), held=st.integers(0, 15)
    ),
    max_size=5,
    unique_by=lambda hand: hand.owner_id,
)


def test_leads_go_round() -> None:
    hands = [Hand(owner_id=1, capacity=10, held=0), Hand(owner_id=2, capacity=10, held=0)]
    assert deal(lead_ids=[5, 6, 7, 8], hands=hands) == {5: 1, 6: 2, 7: 1, 8: 2}


def test_who_has_twice_the_room_gets_twice_as_many() -> None:
    hands = [Hand(owner_id=1, capacity=5, held=0), Hand(owner_id=2, capacity=10, held=0)]
    assert Counter(deal(lead_ids=range(9), hands=hands).values()) == {1: 3, 2: 6}


def test_who_has_much_already_waits_until_the_others_have_caught_up() -> None:
    hands = [Hand(owner_id=1, capacity=10, held=6), Hand(owner_id=2, capacity=10, held=4)]
    assert deal(lead_ids=[1, 2, 3], hands=hands) == {1: 2, 2: 2, 3: 1}


def test_what_nobody_has_room_for_is_left() -> None:
    assert deal(lead_ids=[1, 2], hands=[Hand(owner_id=1, capacity=1, held=0)]) == {1: 1}
    assert deal(lead_ids=[1, 2], hands=[]) == {}


@given(st.integers(0, 60), hands_of_any_kind)
def test_nobody_gets_more_than_they_have_room_for_and_nothing_is_left_while_there_is(
    count: int, hands: list[Hand]
) -> None:
    dealt = deal(lead_ids=range(count), hands=hands)
    got = Counter(dealt.values())
    rooms = {hand.owner_id: max(0, hand.capacity - hand.held) for hand in hands}
    assert all(got[owner] <= room for owner, room in rooms.items())
    assert len(dealt) == min(count, sum(rooms.values()))
    assert list(dealt) == list(range(len(dealt)))  # the best first


@given(st.integers(0, 60), st.lists(st.integers(1, 12), min_size=2, max_size=5))
def test_among_those_who_begin_with_nothing_no_share_is_a_whole_lead_ahead(
    count: int, capacities: list[int]
) -> None:
    hands = [Hand(owner_id=n, capacity=room, held=0) for n, room in enumerate(capacities)]
    got = Counter(deal(lead_ids=range(count), hands=hands).values())
    for one in hands:
        for other in hands:
            ahead = max(0, got[one.owner_id] - 1) / one.capacity
            assert ahead <= got[other.owner_id] / other.capacity + 1e-9
