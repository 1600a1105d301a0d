"""Views of the list that colleagues keep: its filters, under a name."""

from django.db.models import Q, QuerySet
from django.http import QueryDict

from leads.models import SavedView

FILTERS = ("whose", "stage", "role", "grade", "org", "silent", "q", "o")
MOST_VIEWS = 20


class TooManyViews(Exception):
    """One colleague keeps MOST_VIEWS views already."""


def save(*, owner_id: int, name: str, query: str, is_shared: bool) -> SavedView:
    """One of the same name is replaced. Of the query, what is no filter of the list is left out."""
    mine = SavedView.objects.filter(owner=owner_id)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise TooManyViews
    row, _ = SavedView.objects.update_or_create(
        owner_id=owner_id, name=name, defaults={"query": clean(query), "is_shared": is_shared}
    )
    return row


def remove(*, owner_id: int, view_id: int) -> bool:
    """Only one's own."""
    return SavedView.objects.filter(owner=owner_id, pk=view_id).delete()[0] > 0


def get_views(*, user_id: int) -> QuerySet[SavedView]:
    """One's own, and what colleagues share."""
    views = SavedView.objects.filter(Q(owner=user_id) | Q(is_shared=True, owner__is_active=True))
    return views.select_related("owner").order_by("name", "pk")


def clean(query: str) -> str:
    """The filters of the list among these, each once, in one order: equal views are equal text."""
    asked, kept = QueryDict(query), QueryDict(mutable=True)
    for name in FILTERS:
        if asked.get(name):
            kept[name] = asked[name]
    return kept.urlencode()
