"""Names as people wrote them, without what would turn the writing around them."""

import re

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def strip_directions(name: str) -> str:
    return _DIRECTION.sub("", name)
