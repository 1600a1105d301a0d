"""Shipped campaign, tips and consent wordings into the draft, never over a marketer's work."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from assessments.seeding import Item, Seeded, seed_items
from campaigns.drafts import build_campaign, build_tip, write_campaign, write_tip
from campaigns.models import Campaign, CampaignVersion, ConsentWording, Tip
from campaigns.publishing import get_published, publish


def seed_campaign(
    *, campaign: dict[str, Any], tips: Iterable[dict[str, Any]], assessment_id: int
) -> tuple[Campaign, Seeded]:
    """Seed the tips one by one, and the campaign with its steps as one item."""
    present = Campaign.objects.filter(key=campaign["key"]).first()
    seeded = seed_items(
        items=[
            *_get_tip_items(tips),
            Item(
                key=f"campaign/{campaign['key']}",
                shipped=campaign,
                present=build_campaign(present) if present else None,
                write=lambda content: _write_campaign(content, assessment_id),
            ),
        ]
    )
    return Campaign.objects.get(key=campaign["key"]), seeded


def seed_wordings(*, wordings: dict[str, dict[str, str]], now: datetime) -> Seeded:
    """A wording is never rewritten: new shipped words become a new row, and so the current one."""

    def get_item(purpose: str, texts: dict[str, str]) -> Item:
        return Item(
            key=f"wording/{purpose}",
            shipped=texts,
            present=_get_current_wording(purpose),
            write=lambda content: _write_wording(purpose, content, now),
        )

    return seed_items(items=[get_item(*each) for each in wordings.items()])


def publish_seeded(*, campaign: Campaign, seeded: Seeded, now: datetime) -> CampaignVersion:
    """The version now in force: a new one when there is none yet, or when seeding changed a
    draft that nobody else has touched. A draft with edits is published by its editor.

    Raises publishing.NotPublishable.
    """
    newest = get_published(key=campaign.key)
    if newest is None or (seeded.written and not seeded.kept):
        return publish(campaign=campaign, by=None, now=now)
    return newest


def _get_tip_items(tips: Iterable[dict[str, Any]]) -> list[Item]:
    present = {tip.key: build_tip(tip) for tip in Tip.objects.all()}
    return [
        Item(
            key=f"tip/{tip['key']}",
            shipped=tip,
            present=present.get(tip["key"]),
            write=_get_tip_writer(position),
        )
        for position, tip in enumerate(tips, start=1)
    ]


def _get_tip_writer(position: int) -> Callable[[dict[str, Any]], None]:
    def write(content: dict[str, Any]) -> None:
        write_tip(content, position=position)

    return write


def _write_campaign(content: dict[str, Any], assessment_id: int) -> None:
    write_campaign(content, assessment_id)


def _get_current_wording(purpose: str) -> dict[str, str] | None:
    rows = ConsentWording.objects.filter(purpose=purpose).order_by("created_at", "pk")
    return dict(rows.values_list("language", "text")) or None


def _write_wording(purpose: str, texts: dict[str, str], now: datetime) -> None:
    ConsentWording.objects.bulk_create(
        [
            ConsentWording(purpose=purpose, language=language, text=text, created_at=now)
            for language, text in texts.items()
        ],
        ignore_conflicts=True,
    )
