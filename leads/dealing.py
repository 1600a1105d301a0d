"""Who gets which of many leads, so that nobody gets more than they have room for.

Pure. Leads are dealt one by one, the best first, to whoever has the smallest part of their room
taken; of two alike, to the one with more room, then to the one named first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A consultant: room for `capacity` open leads, `held` of it taken already."""

    owner_id: int
    capacity: int
    held: int

    @property
    def is_full(self) -> bool:
        return self.held >= self.capacity


def deal(*, lead_ids: Iterable[int], hands: Sequence[Hand]) -> dict[int, int]:
    """Lead -> owner. Leads for which nobody has room are left out."""
    holding = [hand for hand in hands if not hand.is_full]
    dealt = {}
    for lead_id in lead_ids:
        if not holding:
            break
        place = min(range(len(holding)), key=lambda number: _get_load(holding[number]))
        hand = replace(holding[place], held=holding[place].held + 1)
        dealt[lead_id] = hand.owner_id
        holding[place : place + 1] = [] if hand.is_full else [hand]
    return dealt


def _get_load(hand: Hand) -> tuple[float, int]:
    return hand.held / hand.capacity, -hand.capacity
