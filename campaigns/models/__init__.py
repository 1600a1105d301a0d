from campaigns.models.campaign import Campaign, CampaignVersion, CompiledMail, Step, Tip
from campaigns.models.click import Click, ClickCount
from campaigns.models.consent import (
    Consent,
    ConsentEvent,
    ConsentOrigin,
    ConsentWording,
    Purpose,
    Suppression,
)
from campaigns.models.delivery import DeliveryEvent
from campaigns.models.enrolment import Enrolment, Freeze
from campaigns.models.message import Message, make_message_id
from campaigns.models.pace import Lane, Pause, Permit
from campaigns.models.preference import AddressChange, Preference
from campaigns.models.reply import Reply, TipAnswer
from campaigns.models.rights import RightsRequest

__all__ = [
    "AddressChange",
    "Campaign",
    "CampaignVersion",
    "Click",
    "ClickCount",
    "CompiledMail",
    "Consent",
    "ConsentEvent",
    "ConsentOrigin",
    "ConsentWording",
    "DeliveryEvent",
    "Enrolment",
    "Freeze",
    "Lane",
    "Message",
    "Pause",
    "Permit",
    "Preference",
    "Purpose",
    "Reply",
    "RightsRequest",
    "Step",
    "Suppression",
    "Tip",
    "TipAnswer",
    "make_message_id",
]
