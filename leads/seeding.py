"""Shipped opening questions and reasons for an ending, never over somebody's own words."""

from typing import Any

from assessments.seeding import Item, Seeded, seed_items
from leads.models import ClosingReason, OpeningQuestion

LANGUAGES = ("sv", "en")


def seed_texts(*, shipped: dict[str, Any]) -> Seeded:
    return seed_items(
        items=[*_get_reasons(shipped["endings"]), *_get_openings(shipped["openings"])]
    )


def _get_reasons(shipped: list[dict[str, Any]]) -> list[Item]:
    present = {each.key: each for each in ClosingReason.objects.all()}

    def get_item(position: int, reason: dict[str, Any]) -> Item:
        row = present.get(reason["key"])
        return Item(
            key=f"ending/{reason['key']}",
            shipped={"ending": reason["ending"], "name": reason["name"]},
            present={"ending": row.ending, "name": _get_texts(row, "name")} if row else None,
            write=lambda content: _write_reason(reason["key"], position, content),
        )

    return [get_item(position, each) for position, each in enumerate(shipped, start=1)]


def _get_openings(shipped: dict[str, dict[str, dict[str, str]]]) -> list[Item]:
    present = {(each.role_key, each.tier): each for each in OpeningQuestion.objects.all()}

    def get_item(role: str, tier: str, texts: dict[str, str]) -> Item:
        row = present.get((role, tier))
        return Item(
            key=f"opening/{role}/{tier}",
            shipped=texts,
            present=_get_texts(row, "text") if row else None,
            write=lambda content: _write_opening(role, tier, content),
        )

    return [
        get_item(role, tier, texts)
        for role, tiers in shipped.items()
        for tier, texts in tiers.items()
    ]


def _write_reason(key: str, position: int, content: dict[str, Any]) -> None:
    values = {"ending": content["ending"], **_get_columns("name", content["name"])}
    ClosingReason.objects.update_or_create(
        key=key, defaults=values, create_defaults=values | {"position": position}
    )


def _write_opening(role: str, tier: str, texts: dict[str, str]) -> None:
    OpeningQuestion.objects.update_or_create(
        role_key=role, tier=tier, defaults=_get_columns("text", texts)
    )


def _get_texts(row: Any, field: str) -> dict[str, str]:
    return {language: getattr(row, f"{field}_{language}") or "" for language in LANGUAGES}


def _get_columns(field: str, texts: dict[str, str]) -> dict[str, str]:
    return {f"{field}_{language}": texts[language] for language in LANGUAGES}
