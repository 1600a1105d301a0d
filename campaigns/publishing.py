"""From draft to frozen version: write it out, check every text for every profile, compile, freeze.

Whatever could fail to render at send time is refused here, with its place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from assessments import examples, profiles
from campaigns import letters, placeholders, posting, rendering
from campaigns.drafts import LANGUAGES, PARTS, build_document
from campaigns.models import Campaign, CampaignVersion, Step

LARGEST_MAIL = 60_000


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why the draft cannot be published. `place` is a dotted path; line and column start at 1."""

    place: str
    code: str
    name: str = ""
    suggestion: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        at = f" {self.line}:{self.column}" if self.line else ""
        name = f" “{self.name}”" if self.name else ""
        return f"{self.place}{at}: {self.code}{name}"


class NotPublishable(ValueError):
    """The draft has problems; `problems` lists every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Source:
    """One mail as written, in one language: a step's own text or a tip."""

    key: str
    language: str
    step: dict[str, Any]
    tip: dict[str, Any] | None
    texts: dict[str, str]

    @property
    def allowed(self) -> Any:
        return placeholders.TIP_VARIABLES if self.tip else placeholders.CAMPAIGN_VARIABLES


def get_published(*, key: str) -> CampaignVersion | None:
    """The newest version of the campaign that is in force, or None when there is none."""
    versions = CampaignVersion.objects.filter(campaign__key=key, withdrawn_at=None)
    return versions.order_by("-number").first()


def check(*, campaign: Campaign, now: datetime) -> list[Problem]:
    """All that keeps the draft from being published; empty when nothing does."""
    document = build_document(campaign=campaign)
    problems = [*_check_steps(document), *_check_texts(document)]
    return problems or list(_check_rendering(document, now))


@transaction.atomic
def publish(*, campaign: Campaign, by: User | None, now: datetime) -> CampaignVersion:
    """Freeze the draft as the next version. Raises NotPublishable with every problem found.

    An unchanged draft is not frozen twice: the version that already holds it is returned.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    if problems := check(campaign=campaign, now=now):
        raise NotPublishable(problems)
    document = build_document(campaign=campaign)
    compiled = {
        f"{source.key}/{source.language}": posting.store(_compile(source)).digest
        for source in _get_sources(document)
    }
    newest = get_published(key=campaign.key)
    if newest and newest.document == document and newest.compiled == compiled:
        return newest
    last = campaign.versions.aggregate(number=Max("number"))["number"] or 0
    return CampaignVersion.objects.create(
        campaign=campaign,
        number=last + 1,
        document=document,
        compiled=compiled,
        published_at=now,
        published_by=by,
    )


def _get_sources(document: dict[str, Any]) -> Iterator[Source]:
    """Every mail the campaign can send: each own text, and each tip if it has a tip step."""
    steps = document["campaign"]["steps"]
    own = [step for step in steps if step["kind"] != Step.Kind.TIP]
    tip_steps = [step for step in steps if step["kind"] == Step.Kind.TIP]
    written: list[tuple[str, dict[str, Any], dict[str, Any] | None]]
    written = [(f"step:{step['key']}", step, None) for step in own]
    if tip_steps:
        written += [(f"tip:{tip['key']}", tip_steps[0], tip) for tip in document["tips"]]
    for key, step, tip in written:
        for language in LANGUAGES:
            texts = {part: (tip or step)[part][language] for part in PARTS}
            yield Source(key=key, language=language, step=step, tip=tip, texts=texts)


def _check_steps(document: dict[str, Any]) -> Iterator[Problem]:
    steps = document["campaign"]["steps"]
    if not steps:
        yield Problem(place="steps", code="no_steps")
    if not document["campaign"]["window"]["weekdays"]:
        yield Problem(place="window", code="no_weekday")
    if any(step["kind"] == Step.Kind.TIP for step in steps):
        yield from _check_tips(document)


def _check_tips(document: dict[str, Any]) -> Iterator[Problem]:
    """Every respondent must find a tip for every role and tier the test can give."""
    key = document["campaign"]["assessment"]
    covered = {(tip["role"], tip["tier"]) for tip in document["tips"]}
    for role in profiles.get_role_keys(assessment_key=key):
        for tier in profiles.TIERS:
            if (role, tier) not in covered:
                yield Problem(place=f"tips.{role}.{tier}", code="no_tip")


def _check_texts(document: dict[str, Any]) -> Iterator[Problem]:
    for source in _get_sources(document):
        for problem in rendering.check_mail(**source.texts, allowed=source.allowed):
            yield Problem(
                place=f"{source.key}.{problem.place}.{source.language}",
                code=problem.code,
                name=problem.name,
                suggestion=problem.suggestion,
                line=problem.line,
                column=problem.column,
            )


def _check_rendering(document: dict[str, Any], now: datetime) -> Iterator[Problem]:
    """Make every mail for every profile of its language, exactly as sending will."""
    grid = examples.build_grid(assessment_key=document["campaign"]["assessment"], now=now)
    if not grid:
        yield Problem(place="assessment", code="never_published")
    for source in _get_sources(document):
        compiled = _compile(source)
        for profile in grid:
            if profile.language == source.language:
                yield from _check_mail(source, compiled, profile)


def _check_mail(
    source: Source, compiled: rendering.Compiled, profile: profiles.Profile
) -> Iterator[Problem]:
    values = letters.build_values(profile=profile, step=source.step, tip=source.tip)
    values |= letters.SAMPLE_LINKS
    place = f"{source.key}.{source.language}"
    try:
        mail = rendering.render(compiled=compiled, values=values)
    except (ValueError, LookupError) as error:
        yield Problem(place=place, code="cannot_be_filled", name=str(error))
        return
    if len(mail.html.encode()) + len(mail.text.encode()) > LARGEST_MAIL:
        yield Problem(place=place, code="too_large")


def _compile(source: Source) -> rendering.Compiled:
    return rendering.compile_mail(
        **source.texts,
        layout="result" if source.step["kind"] == Step.Kind.RESULT else "campaign",
        language=source.language,
        allowed=source.allowed,
    )
