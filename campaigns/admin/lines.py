"""The ledger of one person: each step, what became of it, and why it was not sent, or not yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from campaigns import ledger
from campaigns.admin.messages import explain, get_state_mark, get_subject
from campaigns.admin.steps import get_names
from campaigns.ledger import Ending, Entry
from campaigns.models import Enrolment, Message
from campaigns.words import describe_reason
from pmoportal.cockpit import get_mark


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step in the ledger. Without a message it is still to come, or never came; `is_gone`
    when only an earlier version has it.
    """

    step_key: str
    day: int
    name: str
    subject: str
    message: Message | None
    mark: SafeString
    why: str
    is_gone: bool


def build_lines(enrolment: Enrolment) -> list[Line]:
    steps = ledger.get_steps(campaign_id=enrolment.campaign_id)
    own = {step["key"]: step for step in steps[enrolment.version_id]}
    # Their own version comes first: a step may be called something else by now.
    names = get_names({enrolment.version_id: [*own.values()], **steps})
    mails = enrolment.messages.select_related("compiled").order_by("created_at")
    messages = mails.defer("compiled__html", "compiled__text")
    return [
        Line(
            step_key=entry.step_key,
            day=names[entry.step_key].day if entry.step_key in names else 0,
            name=names[entry.step_key].words if entry.step_key in names else entry.step_key,
            subject=_get_subject(entry.message),
            message=entry.message,
            mark=_get_mark(entry),
            why=_explain(entry, enrolment, own.get(entry.step_key, {})),
            is_gone=entry.step_key not in own,
        )
        for entry in ledger.get_entries(enrolment=enrolment, messages=messages, steps=steps)
    ]


def _get_subject(message: Message | None) -> str:
    return get_subject(message) if message and message.compiled else ""


def _get_mark(entry: Entry) -> SafeString:
    if entry.message is not None:
        return get_state_mark(entry.message)
    return get_mark("warn" if entry.ending == Ending.HELD else "plain", entry.ending.label)


def _explain(entry: Entry, enrolment: Enrolment, step: dict[str, Any]) -> str:
    """Why it was not sent, or not yet, and when somebody looks again."""
    if entry.message is not None:
        return explain(entry.message)
    if entry.ending == Ending.NEVER:
        return describe_reason(entry.reason)
    if not entry.is_next:
        return ngettext(
            "Comes %(n)d day after the mail before it.",
            "Comes %(n)d days after the mail before it.",
            step["delay_days"],
        ) % {"n": step["delay_days"]}
    why = describe_reason(entry.reason) if entry.reason else gettext("Its day has not come yet.")
    return f"{why} {_describe_next_look(enrolment.next_due_at)}".strip()


def _describe_next_look(at: datetime | None) -> str:
    if at is None:
        return ""
    shown = date_format(timezone.localtime(at), "Y-m-d H:i")
    return gettext("We look again %(at)s.") % {"at": shown}
