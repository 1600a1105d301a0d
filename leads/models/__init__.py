from leads.models.hook import Delivery, Event, Hook, Kind
from leads.models.lead import Lead
from leads.models.token import Scope, Token

__all__ = ["Delivery", "Event", "Hook", "Kind", "Lead", "Scope", "Token"]
