from assessments.models.assessment import (
    Assessment,
    AssessmentVersion,
    Choice,
    Question,
    Role,
    RoleText,
    ShippedItem,
    Tier,
    VerdictText,
    Weight,
)
from assessments.models.response import Answer, Respondent, Response

__all__ = [
    "Answer",
    "Assessment",
    "AssessmentVersion",
    "Choice",
    "Question",
    "Respondent",
    "Response",
    "Role",
    "RoleText",
    "ShippedItem",
    "Tier",
    "VerdictText",
    "Weight",
]
