"""Names as people wrote them, without what would turn the writing around them."""

from leads.words import strip_directions

__all__ = ["strip_directions"]
