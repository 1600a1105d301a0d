"""A draft's mail as somebody would get it: made for the eyes, or sent to whoever asks for it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments import profiles
from campaigns import drafts, letters, placeholders, posting, rendering
from campaigns.models import Message, Step, Tip
from campaigns.placeholders import Problem

MARK = {"sv": "[Test]", "en": "[Test]"}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The mail, or what keeps the text from being one."""

    mail: rendering.Rendered | None = None
    problems: Collection[Problem] = ()


def make(*, row: Step | Tip, profile: profiles.Profile) -> Proof:
    """In the profile's language, as it would be now; its links lead nowhere."""
    texts = _get_texts(row, profile.language)
    problems = rendering.check_mail(**texts, allowed=get_allowed(row))
    if problems:
        return Proof(problems=problems)
    compiled = _compile(row, texts, profile.language)
    values = _build_values(row, profile) | letters.SAMPLE_LINKS
    return Proof(mail=rendering.render(compiled=compiled, values=values))


def send(*, row: Step | Tip, profile: profiles.Profile, to: str, now: datetime) -> uuid.UUID:
    """Queue it as a test: marked in its subject, in no figure, its links for nobody real. Returns
    the message's id. Raises PlaceholderError for a text that is not a mail yet.
    """
    texts = _get_texts(row, profile.language)
    texts["subject"] = f"{MARK[profile.language]} {texts['subject']}"
    message_id = uuid.uuid4()
    posting.put(
        message_id=message_id,
        kind=Message.Kind.TEST,
        key=f"test:{message_id.hex}",
        to=to,
        compiled=_compile(row, texts, profile.language),
        language=profile.language,
        values=_build_values(row, profile),
        now=now,
    )
    return message_id


def get_allowed(row: Step | Tip) -> Mapping[str, placeholders.Variable]:
    is_tip = isinstance(row, Tip)
    return placeholders.TIP_VARIABLES if is_tip else placeholders.CAMPAIGN_VARIABLES


def _get_texts(row: Step | Tip, language: str) -> dict[str, str]:
    return {part: drafts.get_texts(row, part)[language] for part in drafts.PARTS}


def _compile(row: Step | Tip, texts: Mapping[str, str], language: str) -> rendering.Compiled:
    is_result = isinstance(row, Step) and row.kind == Step.Kind.RESULT
    return rendering.compile_mail(
        **texts,
        layout="result" if is_result else "campaign",
        language=language,
        allowed=get_allowed(row),
    )


def _build_values(row: Step | Tip, profile: profiles.Profile) -> dict[str, Any]:
    if isinstance(row, Tip):
        tip = {"role": row.role_key}
        return letters.build_values(profile=profile, step={"kind": Step.Kind.TIP}, tip=tip)
    return letters.build_values(profile=profile, step={"kind": row.kind}, tip=None)
