"""What other apps may listen to. Sent after commit; every argument is an id, never an address."""

from django.dispatch import Signal

# lead_id: somebody agreed to be contacted, so there is a lead to carry.
lead_created = Signal()

# lead_id, grade, before: the grade is another one now.
lead_graded = Signal()

# lead_id, owner_id: somebody became the lead's owner.
lead_taken = Signal()
