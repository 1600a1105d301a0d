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

# respondent_id: a person is known by another address from now on.
address_changed = Signal()

# respondent_id: a person objected to everything: mail, scoring and the consultants' list.
objection_made = Signal()
# respondent_id, reply_id: a person wrote back by mail (or so it seems).
reply_received = Signal()

# respondent_id, message_id: a person told on the page how it went with a tip.
tip_answered = Signal()
# respondent_id: a person followed a measured link, or what was taken for that is so no longer.
link_followed = Signal()
