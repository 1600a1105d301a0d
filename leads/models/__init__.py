from leads.models.lead import Lead
from leads.models.staff import Alert, Calendar, Preference
from leads.models.work import ClosingReason, HandOver, Note, OpeningQuestion, StageChange

__all__ = [
    "Alert",
    "Calendar",
    "ClosingReason",
    "HandOver",
    "Lead",
    "Note",
    "OpeningQuestion",
    "Preference",
    "StageChange",
]
