"""Where answers to our mail lie until they are taken: a mailbox on a server, or a maildir here."""

from campaigns.inbox.box import Inbox, InboxError, Letter
from campaigns.inbox.imap import ImapInbox
from campaigns.inbox.maildir import MaildirInbox
from pmoportal import inbound_url

__all__ = ["ImapInbox", "Inbox", "InboxError", "Letter", "open_inbox"]


def open_inbox(*, inbound: inbound_url.Inbox) -> Inbox:
    """Raises InboxError when it cannot be opened now."""
    return ImapInbox(inbound) if inbound.kind == "imap" else MaildirInbox(inbound.path)
