"""A published campaign as the planner reads it: steps, tips, window, red days."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings
from django.utils.translation import get_language

from campaigns import planner
from campaigns.models import CampaignVersion
from campaigns.windows import Window

Reader = Callable[[datetime], planner.Sequence]


@lru_cache(maxsize=64)
def get_document(version_id: int) -> dict[str, Any]:
    """The frozen document of a version. Never changes, so it is read once per process."""
    return CampaignVersion.objects.values_list("document", flat=True).get(pk=version_id)


@lru_cache(maxsize=256)
def get_sequence(*, version_id: int, year: int) -> planner.Sequence:
    """The sequence of a version, with the red days of `year` and the next."""
    document = get_document(version_id)
    return build_sequence(document=document, years=(year, year + 1))


def get_version_reader(version_id: int) -> Reader:
    """The sequence of a version as it is known at a moment: red days are known year by year."""
    return lambda moment: get_sequence(version_id=version_id, year=moment.year)


def get_opening(*, version_id: int, step_key: str, now: datetime) -> datetime | None:
    """When the mail of a step may leave by its campaign's hours; None for never."""
    sequence = get_sequence(version_id=version_id, year=now.year)
    return planner.get_opening(sequence=sequence, step_key=step_key, now=now)


def build_sequence(*, document: dict[str, Any], years: Iterable[int]) -> planner.Sequence:
    campaign = document["campaign"]
    return planner.Sequence(
        steps=tuple(
            planner.Step(
                key=step["key"],
                kind=step["kind"],
                delay_days=step["delay_days"],
                useful_days=step["useful_days"],
                role_rank=step.get("role_rank"),
            )
            for step in campaign["steps"]
        ),
        tips=_group_tips(document["tips"]),
        cap_days=campaign["cap_days"],
        calendar=_build_calendar(campaign, years),
    )


def get_reader(*, document: dict[str, Any]) -> Reader:
    """The same of a document that may be a draft."""

    @cache
    def build(year: int) -> planner.Sequence:
        return build_sequence(document=document, years=(year, year + 1))

    return lambda moment: build(moment.year)


def get_red_days(years: Iterable[int]) -> frozenset[date]:
    """Swedish public holidays, and the eves on which nobody works either."""
    return frozenset(holidays.Sweden(years=list(years), categories=("public", "de_facto")))


def get_holiday(day: date) -> str:
    """What the red day is called in the reader's language; empty for any other day."""
    language = "en_US" if (get_language() or "").startswith("en") else "sv"
    categories = ("public", "de_facto")
    known = holidays.Sweden(years=day.year, categories=categories, language=language)
    return str(known.get(day, ""))


def _group_tips(tips: Iterable[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, ...]]:
    grouped: dict[tuple[str, str], tuple[str, ...]] = {}
    for tip in tips:
        place = (tip["role"], tip["tier"])
        grouped[place] = (*grouped.get(place, ()), tip["key"])
    return grouped


def _build_calendar(campaign: dict[str, Any], years: Iterable[int]) -> planner.Calendar:
    window = campaign["window"]
    zone = ZoneInfo(window["zone"])
    if settings.DEMO_DAY_SECONDS:
        day = timedelta(seconds=settings.DEMO_DAY_SECONDS)
        return planner.Calendar(window=None, zone=zone, day=day)
    blackout = {date.fromisoformat(day) for day in campaign["blackout_dates"]}
    return planner.Calendar(
        window=Window(
            weekdays=frozenset(window["weekdays"]),
            opens=time.fromisoformat(window["opens"]),
            closes=time.fromisoformat(window["closes"]),
        ),
        zone=zone,
        red_days=get_red_days(years) | blackout,
    )
