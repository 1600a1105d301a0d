"""Shipped content into the draft, again and again, never over a marketer's work.

For every item we remember the digest of what we last wrote. An item whose rows still have
that digest is ours and follows the content files; any other, and one that was removed, is
the marketer's and is left alone.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from assessments.models import (
    Assessment,
    AssessmentVersion,
    Choice,
    Question,
    Role,
    RoleText,
    ShippedItem,
    VerdictText,
    Weight,
)
from assessments.publishing import build_document, get_published, publish


@dataclass(frozen=True, kw_only=True)
class Item:
    """One piece of content: what we ship, what is there now (None: nothing), how to write it."""

    key: str
    shipped: dict[str, Any]
    present: dict[str, Any] | None
    write: Callable[[dict[str, Any]], None]


@dataclass(kw_only=True)
class Seeded:
    """Keys of items by what became of them."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def seed_items(*, items: Iterable[Item]) -> Seeded:
    """Write each item that is new or still as we left it."""
    seeded = Seeded()
    digests = dict(ShippedItem.objects.values_list("key", "digest"))
    for item in items:
        shipped = get_digest(item.shipped)
        known = digests.get(item.key)
        present = None if item.present is None else get_digest(item.present)
        if present == shipped and known == shipped:
            seeded.unchanged.append(item.key)
        elif present == known:
            item.write(item.shipped)
            ShippedItem.objects.update_or_create(key=item.key, defaults={"digest": shipped})
            seeded.written.append(item.key)
        else:
            seeded.kept.append(item.key)
    return seeded


def get_digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def seed_assessment(*, shipped: dict[str, Any]) -> tuple[Assessment, Seeded]:
    """Seed the assessment's own texts, verdicts, roles and questions, item by item."""
    assessment, _ = Assessment.objects.get_or_create(key=shipped["key"])
    draft = build_document(assessment=assessment)
    seeded = seed_items(items=_get_items(assessment, shipped, draft))
    return assessment, seeded


def publish_seeded(*, assessment: Assessment, seeded: Seeded, now: datetime) -> AssessmentVersion:
    """The version now in force: a new one when there is none yet, or when seeding changed a
    draft that nobody else has touched. A draft with edits is published by its editor.

    Raises publishing.NotPublishable.
    """
    newest = get_published(key=assessment.key)
    if newest is None or (seeded.written and not seeded.kept):
        return publish(assessment=assessment, by=None, now=now)
    return newest


def _get_items(
    assessment: Assessment, shipped: dict[str, Any], draft: dict[str, Any]
) -> Iterable[Item]:
    own = ("title", "tiers", "article")
    is_new = not draft["roles"] and not assessment.title
    yield Item(
        key=f"{assessment.key}",
        shipped={name: shipped[name] for name in own},
        present=None if is_new else {name: draft[name] for name in own},
        write=partial(_write_own, assessment),
    )
    for tier, verdict in shipped["verdicts"].items():
        yield Item(
            key=f"{assessment.key}/verdict/{tier}",
            shipped=verdict,
            present=draft["verdicts"].get(tier),
            write=partial(_write_verdict, assessment, tier),
        )
    for name, write in (("roles", _write_role), ("questions", _write_question)):
        present = {each["key"]: each for each in draft[name]}
        for position, each in enumerate(shipped[name], start=1):
            yield Item(
                key=f"{assessment.key}/{name}/{each['key']}",
                shipped=each,
                present=present.get(each["key"]),
                write=partial(write, assessment, position),
            )


def set_texts(field: str, texts: dict[str, str]) -> dict[str, str]:
    """Column values for one translated field; the inverse of publishing.get_texts."""
    return {f"{field}_{language}": text for language, text in texts.items()}


def _write_own(assessment: Assessment, content: dict[str, Any]) -> None:
    values = set_texts("title", content["title"]) | content["tiers"]
    for name, texts in content["article"].items():
        values |= set_texts(f"article_{name}", texts)
    Assessment.objects.filter(pk=assessment.pk).update(**values)
    assessment.refresh_from_db()


def _write_verdict(assessment: Assessment, tier: str, content: dict[str, Any]) -> None:
    VerdictText.objects.update_or_create(
        assessment=assessment,
        tier=tier,
        defaults=set_texts("title", content["title"]) | set_texts("text", content["text"]),
    )


def _write_role(assessment: Assessment, position: int, content: dict[str, Any]) -> None:
    texts = set_texts("name", content["name"]) | set_texts("description", content["description"])
    role, _ = Role.objects.update_or_create(
        assessment=assessment,
        key=content["key"],
        defaults=texts,
        create_defaults={"position": position} | texts,
    )
    role.texts.all().delete()
    RoleText.objects.bulk_create(
        RoleText(
            role=role,
            tier=tier,
            **set_texts("text", text["text"]),
            **set_texts("step", text["step"]),
        )
        for tier, text in content["texts"].items()
    )


def _write_question(assessment: Assessment, position: int, content: dict[str, Any]) -> None:
    texts: dict[str, Any] = {"background": content.get("background", False)}
    for name in ("text", "signal", "signal_text"):
        if name in content:
            texts |= set_texts(name, content[name])
    question, _ = Question.objects.update_or_create(
        assessment=assessment,
        key=content["key"],
        defaults=texts,
        create_defaults={"position": position} | texts,
    )
    question.choices.all().delete()
    Choice.objects.bulk_create(
        Choice(
            question=question,
            key=choice["key"],
            position=place,
            points=choice.get("points"),
            fit=choice.get("fit", 0),
            **set_texts("label", choice["label"]),
        )
        for place, choice in enumerate(content["choices"], start=1)
    )
    question.weights.all().delete()
    roles = {role.key: role for role in assessment.roles.all()}
    Weight.objects.bulk_create(
        Weight(question=question, role=roles[key], weight=weight)
        for key, weight in content.get("weights", {}).items()
    )
