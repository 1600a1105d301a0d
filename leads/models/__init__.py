from leads.models.checking import ScoreCheck, ScoreFault
from leads.models.colleagues import Consultant, Refusal, SavedView
from leads.models.grade_override import GradeOverride
from leads.models.hook import Delivery, Event, Hook, Kind
from leads.models.lead import Lead
from leads.models.proposal import Proposal
from leads.models.rules import Edition, ScoreRules
from leads.models.staff import Alert, Calendar, Preference
from leads.models.token import Scope, Token
from leads.models.work import ClosingReason, HandOver, Note, OpeningQuestion, StageChange

__all__ = [
    "Alert",
    "Calendar",
    "ClosingReason",
    "Consultant",
    "Delivery",
    "Edition",
    "Event",
    "GradeOverride",
    "HandOver",
    "Hook",
    "Kind",
    "Lead",
    "Note",
    "OpeningQuestion",
    "Preference",
    "Proposal",
    "Refusal",
    "SavedView",
    "Scope",
    "ScoreCheck",
    "ScoreFault",
    "ScoreRules",
    "StageChange",
    "Token",
]
