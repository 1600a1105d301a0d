from campaigns.admin import (
    campaigns,
    consents,
    enrolments,
    lanes,
    messages,
    replies,
    rights,
    tips,
    versions,
)

__all__ = [
    "campaigns",
    "consents",
    "enrolments",
    "lanes",
    "messages",
    "replies",
    "rights",
    "tips",
    "versions",
]
