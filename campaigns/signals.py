"""What other apps may listen to. Sent after commit; every argument is an id, never an address."""

from django.dispatch import Signal

# respondent_id, response_id: a person confirmed the address and one purpose or more.
consent_given = Signal()

# respondent_id, purposes: a person withdrew these purposes.
consent_withdrawn = Signal()

# message_id, kind: the provider told us something about a mail that we sent.
delivery_recorded = Signal()

# message_id: the mail was accepted by the next server.
message_sent = Signal()

# respondent_id: a person followed a measured link, or what was taken for that is so no longer.
link_followed = Signal()
