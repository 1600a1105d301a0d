"""What other apps may listen to. Sent after commit; every argument is an id, never an address."""

from django.dispatch import Signal

# respondent_id, response_id: a person confirmed the address and one purpose or more.
consent_given = Signal()

# respondent_id, purposes: a person withdrew these purposes.
consent_withdrawn = Signal()

# respondent_id, reply_id: a person answered one of our mails, and no machine did.
reply_received = Signal()

# message_id, kind: the provider told us something about a mail that we sent.
delivery_recorded = Signal()

# message_id: the mail was accepted by the next server.
message_sent = Signal()
