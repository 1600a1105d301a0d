from leads.models.colleagues import Consultant, Refusal, SavedView
from leads.models.grade_override import GradeOverride
from leads.models.lead import Lead
from leads.models.rules import Edition, ScoreRules
from leads.models.staff import Alert, Calendar, Preference
from leads.models.work import ClosingReason, HandOver, Note, OpeningQuestion, StageChange

__all__ = [
    "Alert",
    "Calendar",
    "ClosingReason",
    "Consultant",
    "Edition",
    "GradeOverride",
    "HandOver",
    "Lead",
    "Note",
    "OpeningQuestion",
    "Preference",
    "Refusal",
    "SavedView",
    "ScoreRules",
    "StageChange",
]
