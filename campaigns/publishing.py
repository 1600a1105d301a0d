"""From draft to frozen version: write it out, check every text for every profile, compile, freeze.

Whatever could fail to render at send time is refused here, with its place.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.urls import Resolver404, resolve
from django.utils import translation

from assessments import examples, profiles
from campaigns import advising, letters, placeholders, posting, rendering
from campaigns.drafts import LANGUAGES, PARTS, SECOND_SUBJECT, build_document
from campaigns.models import Campaign, CampaignVersion, Step

LARGEST_MAIL = 60_000
_LINK = re.compile(r'href="([^"]*)"')


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
class Advice:
    """What is worth a second look; `figure` is the count that it is about."""

    place: str
    code: str
    name: str = ""
    figure: int = 0


@dataclass(frozen=True, kw_only=True)
class Source:
    """One mail as written, in one language: a step's own text or a tip."""

    key: str
    language: str
    step: dict[str, Any]
    tip: dict[str, Any] | None
    texts: dict[str, str]
    # Of two subjects, the second.
    is_second: bool = False

    @property
    def name(self) -> str:
        """By which a version knows the compiled mail."""
        return f"{self.key}/{self.language}" + ("/b" if self.is_second else "")

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
        source.name: posting.store(_compile(source)).digest for source in _get_sources(document)
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
    """Every mail the campaign can send: each own text, and each tip if it has a tip step; once
    more where there is a second subject.
    """
    steps = document["campaign"]["steps"]
    own = [step for step in steps if step["kind"] != Step.Kind.TIP]
    tip_steps = [step for step in steps if step["kind"] == Step.Kind.TIP]
    written: list[tuple[str, dict[str, Any], dict[str, Any] | None]]
    written = [(f"step:{step['key']}", step, None) for step in own]
    if tip_steps:
        written += [(f"tip:{tip['key']}", tip_steps[0], tip) for tip in document["tips"]]
    for key, step, tip in written:
        content = tip or step
        for language in LANGUAGES:
            texts = {part: content[part][language] for part in PARTS}
            source = Source(key=key, language=language, step=step, tip=tip, texts=texts)
            yield source
            if SECOND_SUBJECT in content:
                second = texts | {"subject": content[SECOND_SUBJECT][language]}
                yield replace(source, texts=second, is_second=True)


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
            part = problem.place
            if source.is_second:
                if part != "subject":
                    continue  # said of the first already
                part = SECOND_SUBJECT
            yield Problem(
                place=f"{source.key}.{part}.{source.language}",
                code=problem.code,
                name=problem.name,
                suggestion=problem.suggestion,
                line=problem.line,
                column=problem.column,
            )


def get_advice(*, campaign: Campaign) -> list[Advice]:
    """What is worth a second look, and keeps nothing from being published."""
    document = build_document(campaign=campaign)
    found = [
        Advice(
            place=f"{source.key}.{SECOND_SUBJECT if source.is_second else each.part}"
            f".{source.language}",
            code=each.code,
            name=each.name,
            figure=each.figure,
        )
        for source in _get_sources(document)
        for each in advising.advise(
            **source.texts, language=source.language, is_tip=source.tip is not None
        )
        if not source.is_second or each.part == "subject"
    ]
    return [*_count_tips(document), *found]


def _count_tips(document: dict[str, Any]) -> Iterator[Advice]:
    """A role that has fewer tips than there are steps for it runs out of them."""
    ranks = Counter(step.get("role_rank") for step in document["campaign"]["steps"])
    ranks.pop(None, None)
    most = max(ranks.values(), default=0)
    places = Counter((tip["role"], tip["tier"]) for tip in document["tips"])
    for (role, tier), count in places.items():
        if count < most:
            yield Advice(place=f"tips.{role}.{tier}", code="few_tips", figure=most)


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
    if not letters.has_way_out(mail):
        yield Problem(place=place, code="no_way_out")
    for link in _get_dead_links(mail.html):
        yield Problem(place=f"{source.key}.body.{source.language}", code="dead_link", name=link)


def _get_dead_links(html: str) -> Iterator[str]:
    """Links to this site that lead to no page of it."""
    for link in dict.fromkeys(_LINK.findall(html)):
        path = unescape(link).removeprefix(settings.SITE_URL)
        if path != unescape(link) and not _is_page(path.partition("?")[0].partition("#")[0]):
            yield unescape(link)


@cache
def _is_page(path: str) -> bool:
    for language in LANGUAGES:
        with translation.override(language), suppress(Resolver404):
            resolve(path or "/")
            return True
    return False


def _compile(source: Source) -> rendering.Compiled:
    return rendering.compile_mail(
        **source.texts,
        layout=rendering.get_layout(source.step["kind"]),
        language=source.language,
        allowed=source.allowed,
    )
