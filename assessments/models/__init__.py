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
from assessments.models.comparison import Mirror, Organisation, Snapshot, Tally
from assessments.models.erasure import AddressKey, Erasure
from assessments.models.response import ABANDONED_AFTER, Answer, Respondent, Response, get_texts

__all__ = [
    "ABANDONED_AFTER",
    "AddressKey",
    "Answer",
    "Assessment",
    "AssessmentVersion",
    "Choice",
    "Erasure",
    "Mirror",
    "Organisation",
    "Question",
    "Respondent",
    "Response",
    "Role",
    "RoleText",
    "ShippedItem",
    "Snapshot",
    "Tally",
    "Tier",
    "VerdictText",
    "Weight",
    "get_texts",
]
