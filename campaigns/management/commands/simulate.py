"""Walks one made-up respondent through a campaign and prints each decision."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from assessments import examples, profiles
from campaigns import drafts, publishing, simulating, walking
from campaigns.management.choosing import choose, get_campaign
from campaigns.models import Campaign
from pmoportal.cockpit import LANGUAGES

# The time of day at which the made-up respondent confirms.
NOON = time(12)


class Command(BaseCommand):
    help = (
        "One line for each decision: when, step, ending, reason or tip. A step that is held has "
        "a line for why and until when. The planner is the one that decides for real."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="its key")
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--weakest", default="", help="roles, the weakest first: ROLE[,ROLE]")
        parser.add_argument("--tier", default="weak", help="how weak they are")
        parser.add_argument("--language", default="sv")
        parser.add_argument("--start", default="", help="the day of confirming, as 2026-12-01")
        parser.add_argument("--draft", action="store_true", help="what is not published yet")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        campaign = get_campaign(options["campaign"])
        document = _get_document(campaign, is_draft=options["draft"])
        start = _get_start(options["start"])
        if not 0 < options["days"] <= 1000:
            raise CommandError("Days are 1 to 1000.")
        profile = _get_profile(campaign, options, start)
        for stop in simulating.simulate(
            document=document, profile=profile, start=start, days=options["days"]
        ):
            self.stdout.write(_describe(stop))


def _get_document(campaign: Campaign, *, is_draft: bool) -> dict[str, Any]:
    version = publishing.get_published(key=campaign.key)
    if is_draft:
        return drafts.build_document(campaign=campaign)
    if version is None:
        raise CommandError("The campaign is not published. To walk the draft: --draft")
    return version.document


def _get_start(written: str) -> datetime:
    if not written:
        return timezone.now()
    try:
        start = date.fromisoformat(written)
    except ValueError:
        raise CommandError(f"“{written}” is not a date. Write it like 2026-12-01.") from None
    if start.year not in simulating.YEARS:
        raise CommandError("The start lies too far away.")
    return timezone.make_aware(datetime.combine(start, NOON))


def _get_profile(campaign: Campaign, options: dict[str, Any], now: datetime) -> profiles.Profile:
    roles = profiles.get_role_keys(assessment_key=campaign.assessment.key)
    weakest = [choose("role", each, roles) for each in options["weakest"].split(",") if each]
    profile = examples.make_up(
        assessment_key=campaign.assessment.key,
        weakest=weakest or roles[:1],
        tier=choose("tier", options["tier"], profiles.TIERS),
        language=choose("language", options["language"], LANGUAGES),
        first_name="Alva",
        now=now,
    )
    if profile is None:
        raise CommandError("The test is not published.")
    return profile


def _describe(stop: walking.Stop) -> str:
    at = timezone.localtime(stop.at)
    words = [f"{at:%Y-%m-%d %a %H:%M}", stop.step.key if stop.step else "-", stop.ending]
    why = stop.reason or stop.tip or "-"
    if stop.until:
        why += f" until {timezone.localtime(stop.until):%Y-%m-%d %a %H:%M}"
    return f"{words[0]}  {words[1]:<16} {words[2]:<10} {why}"
