"""Whose matter a lead is."""

from collections.abc import Collection

from leads.models import Lead


def take(*, lead_ids: Collection[int], owner_id: int) -> int:
    """Make `owner_id` the owner of those that have none and may be contacted; returns how many.

    A colleague's lead is not taken from them: that is a change of owner, made on its page.
    """
    free = Lead.objects.filter(pk__in=lead_ids, owner=None, may_contact=True)
    return free.update(owner=owner_id)
