"""A campaign goes from one installation to another: out as a file, in as a draft.

Only drafts are written: no version, nobody under way. Steps and tips are known by their keys.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Max

from assessments import overview
from campaigns import drafts, files
from campaigns.files import BadFile, Problem
from campaigns.models import Campaign, CampaignVersion, Tip
from pmoportal.differences import Change, get_changes

COPIES = {"sv": "kopia", "en": "copy"}
COPY_KEY = re.compile(r"-copy(-\d+)?$")
COPY_NAME = re.compile(r" \((kopia|copy)( \d+)?\)$")
LONGEST_NAME = 120
# What the longest key leaves for the original's.
ROOM = 40


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What importing would do: the documents `before` and `wanted`, and how they differ. `shared`
    are keys of tips whose words change and that other campaigns may use.
    """

    key: str
    is_new: bool
    changes: Sequence[Change]
    before: Mapping[str, Any]
    wanted: Mapping[str, Any]
    new_tips: Sequence[str]
    shared: Sequence[str]
    lost_steps: Sequence[str]


def export(*, campaign: Campaign, version: CampaignVersion | None = None) -> str:
    """The draft as a file, or a version of it. A campaign without tip steps takes no tips along."""
    document = version.document if version else drafts.build_document(campaign=campaign)
    uses_tips = any(step["kind"] == "tip" for step in document["campaign"]["steps"])
    tips = document["tips"] if uses_tips else []
    return files.write(document=_in_unix_lines({"campaign": document["campaign"], "tips": tips}))


def plan(*, text: str, key: str = "") -> Plan:
    """What importing the file would change, under another key if one is given. Raises BadFile with
    everything that keeps it from being imported.
    """
    return _plan(_read(text, key))


@transaction.atomic
def bring_in(*, text: str, key: str = "") -> Campaign:
    """The file becomes the draft. Raises BadFile, and then nothing is written."""
    document = _read(text, key)
    content = document["campaign"]
    last = Tip.objects.aggregate(last=Max("position"))["last"] or 0
    for number, tip in enumerate(document["tips"], start=1):
        row = drafts.write_tip(tip, position=last + number)
        Tip.objects.filter(pk=row.pk).update(is_active=True)
    test = overview.get_ids()[content["assessment"]]
    return drafts.write_campaign(content, test)


@transaction.atomic
def copy(*, campaign: Campaign) -> Campaign:
    """A new draft like the draft: its steps with their texts, under a key and a name of its own.
    Tips belong to all campaigns and are not copied.
    """
    content = drafts.build_campaign(campaign)
    base = COPY_KEY.sub("", campaign.key)
    taken = set(Campaign.objects.filter(key__startswith=base[:ROOM]).values_list("key", flat=True))
    number = next(each for each in count(1) if _get_copy_key(base, each) not in taken)
    names = {
        language: _get_copy_name(name, language, number)
        for language, name in content["name"].items()
    }
    content |= {"key": _get_copy_key(base, number), "name": names}
    made = drafts.write_campaign(content, campaign.assessment_id)
    made.refresh_from_db()
    return made


@transaction.atomic
def roll_back(*, version: CampaignVersion) -> Campaign:
    """The version becomes the draft again. Tips that it does not know are put out of use, so that
    publishing the draft makes the same edition anew.
    """
    document = version.document
    campaign = drafts.write_campaign(document["campaign"], version.campaign.assessment_id)
    last = Tip.objects.aggregate(last=Max("position"))["last"] or 0
    for number, tip in enumerate(document["tips"], start=1):
        drafts.write_tip(tip, position=last + number)
    own = [tip["key"] for tip in document["tips"]]
    Tip.objects.filter(key__in=own).update(is_active=True)
    Tip.objects.exclude(key__in=own).update(is_active=False)
    return campaign


def _get_copy_key(base: str, number: int) -> str:
    return f"{base[:ROOM]}-copy" + (f"-{number}" if number > 1 else "")


def _get_copy_name(name: str, language: str, number: int) -> str:
    """Nothing where the language has no name yet."""
    words = COPIES[language] + (f" {number}" if number > 1 else "")
    base = COPY_NAME.sub("", name)[: LONGEST_NAME - len(words) - 3]
    return f"{base} ({words})" if name else ""


def _read(text: str, key: str) -> dict[str, Any]:
    document = files.read(text=text)
    if key:
        document["campaign"]["key"] = key
    roles = overview.get_roles().get(document["campaign"]["assessment"])
    if roles is None:
        name = document["campaign"]["assessment"]
        raise BadFile([Problem(place="campaign.assessment", code="no_such_test", name=name)])
    strangers = [
        Problem(place=f"tips.{number}.role", code="no_such_role", name=tip["role"])
        for number, tip in enumerate(document["tips"])
        if tip["role"] not in roles
    ]
    if strangers:
        raise BadFile(strangers)
    return document


def _plan(document: dict[str, Any]) -> Plan:
    wanted = _in_unix_lines(document)
    key = wanted["campaign"]["key"]
    campaign = Campaign.objects.select_related("assessment").filter(key=key).first()
    keys = [tip["key"] for tip in wanted["tips"]]
    present = {tip.key: drafts.build_tip(tip) for tip in Tip.objects.filter(key__in=keys)}
    before = _in_unix_lines(
        {
            "campaign": drafts.build_campaign(campaign) if campaign else {},
            "tips": [present[each] for each in keys if each in present],
        }
    )
    steps = before["campaign"].get("steps", [])
    changed = {tip["key"] for tip in wanted["tips"] if tip not in before["tips"]}
    return Plan(
        key=key,
        is_new=campaign is None,
        changes=list(get_changes(before, wanted)) if campaign else [],
        before=before,
        wanted=wanted,
        new_tips=[each for each in keys if each not in present],
        shared=[each for each in keys if each in present and each in changed],
        lost_steps=[
            step["key"]
            for step in steps
            if step["key"] not in {each["key"] for each in wanted["campaign"]["steps"]}
        ],
    )


def _in_unix_lines(content: Any) -> Any:
    """Browsers end lines in their own way, which is no difference."""
    if isinstance(content, dict):
        return {key: _in_unix_lines(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_in_unix_lines(value) for value in content]
    return content.replace("\r\n", "\n") if isinstance(content, str) else content
