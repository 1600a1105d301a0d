from leads.models.colleagues import Consultant, Refusal, SavedView
from leads.models.grade_override import GradeOverride
from leads.models.lead import Lead
from leads.models.rules import Edition, ScoreRules

__all__ = [
    "Consultant",
    "Edition",
    "GradeOverride",
    "Lead",
    "Refusal",
    "SavedView",
    "ScoreRules",
]
