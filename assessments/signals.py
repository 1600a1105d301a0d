"""What other apps may listen to. Sent after commit; every argument is an id, never an address."""

from django.dispatch import Signal

# response_id: UUID of a response that has just been completed.
response_completed = Signal()

# respondent_id: everything about this person has been erased; the id leads nowhere any more.
respondent_erased = Signal()
