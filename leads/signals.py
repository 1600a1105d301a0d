"""What other apps may listen to. Sent after commit; every argument is an id, never an address."""

from django.dispatch import Signal

# lead_id: a person may be contacted, for the first time or again.
lead_created = Signal()

# lead_id, grade, before: another grade counts than `before`, which is empty for a new lead; it was
# computed, or a colleague set it or took that back.
lead_graded = Signal()

# lead_id, owner_id: a colleague took the lead, or was given it.
lead_taken = Signal()
