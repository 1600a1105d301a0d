"""What the page of a lead can be asked to do, and what is said when it is done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext

from leads import handover, working
from leads.models import Lead


def do(*, act: str, lead: Lead, values: Mapping[str, Any], user_id: int, now: datetime) -> str:
    """Do it, with the checked `values` of its form; empty when nothing was changed."""
    for known in (_do_with_owner, _do_with_mail, _do_work):
        said = known(act, lead.pk, values, user_id, now)
        if said:
            return said
    return ""


def _do_with_owner(
    act: str, lead_id: int, values: Mapping[str, Any], user_id: int, now: datetime
) -> str:
    match act:
        case "take" if handover.take(
            lead_ids=[lead_id],
            owner_id=user_id,
            is_for_organisation=values["colleagues"],
            now=now,
        ):
            return gettext("The lead is yours. No tips go out while you talk.")
        case "release" if handover.release(
            lead_ids=[lead_id], reason=values["reason"], by_id=user_id, now=now
        ):
            return gettext("The lead is nobody's again, and the tips go on.")
        case "reassign" if handover.assign(
            lead_ids=[lead_id],
            owner_id=values["owner"].pk,
            reason=values["reason"],
            by_id=user_id,
            now=now,
        ):
            return gettext("The lead has another owner.")
    return ""


def _do_with_mail(
    act: str, lead_id: int, values: Mapping[str, Any], user_id: int, now: datetime
) -> str:
    match act:
        case "hold" if handover.hold(
            lead_id=lead_id, is_for_organisation=False, by_id=user_id, now=now
        ):
            return gettext("The mail is held.")
        case "hold-all" if handover.hold(
            lead_id=lead_id, is_for_organisation=True, by_id=user_id, now=now
        ):
            return gettext("The mail is held, colleagues' too.")
        case "resume" if handover.resume(lead_id=lead_id, by_id=user_id, now=now):
            return gettext("The mail goes on.")
    return ""


def _do_work(act: str, lead_id: int, values: Mapping[str, Any], user_id: int, now: datetime) -> str:
    match act:
        case "move" if change := working.move(
            lead_id=lead_id,
            stage=Lead.Stage(values["stage"]),
            reason_id=values["reason"],
            text=values["text"],
            by_id=user_id,
            now=now,
        ):
            return gettext("The stage is now: %(stage)s.") % {"stage": change.get_after_display()}
        case "note":
            working.write_note(lead_id=lead_id, text=values["text"], by_id=user_id, now=now)
            return gettext("The note is kept.")
        case "remove-note" if working.remove_note(
            lead_id=lead_id, note_id=_read_number(values.get("note")), by_id=user_id
        ):
            return gettext("The note is removed.")
        case "plan":
            working.plan_step(lead_id=lead_id, on=values["on"], text=values["text"], now=now)
            if not values["on"]:
                return gettext("No next step is planned.")
            on = date_format(values["on"], "Y-m-d")
            return gettext("Next step on %(on)s.") % {"on": on}
    return ""


def _read_number(text: Any) -> int:
    text = str(text)
    return int(text) if text.isdecimal() and len(text) < 18 else 0
