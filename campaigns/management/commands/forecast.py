"""Prints how many mails of a campaign leave on each coming day, or which leave on one of them."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from campaigns import forecasting, publishing
from campaigns.forecasting import outlook
from campaigns.forecasting.departures import Departure
from campaigns.management.choosing import get_campaign
from campaigns.models import Campaign, CampaignVersion, Message


class Command(BaseCommand):
    help = (
        "One line a day: mails to those under way, and to newcomers if as many come as in the last "
        "four weeks; then the sum. With --on, one line for each mail of that day: when, step, "
        "enrolment, how sure (planned, expected, likely), and why; then the sum of each step."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="its key")
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--on", default="", help="one of those days, as 2026-12-01")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        campaign = get_campaign(options["campaign"])
        version = publishing.get_published(key=campaign.key)
        if version is None:
            raise CommandError("The campaign is not published, so nothing leaves.")
        if not 0 < options["days"] <= 366:
            raise CommandError("Days are 1 to 366.")
        now = timezone.now()
        if options["on"]:
            self._print_day(campaign, version, now, _get_day(options["on"], options["days"], now))
        else:
            self._print_days(campaign, version, now, options["days"])
        if campaign.paused_at:
            self.stdout.write("The campaign is paused: nothing leaves until it goes on.")

    def _print_days(
        self, campaign: Campaign, version: CampaignVersion, now: datetime, days: int
    ) -> None:
        found = forecasting.forecast(
            campaign=campaign, document=version.document, now=now, days=days
        )
        for day in found.days:
            self.stdout.write(f"{day.date:%Y-%m-%d %a} {day.mails:>8} {day.newcomers:>10.1f}")
        self.stdout.write(
            f"{'sum':<14} {sum(day.mails for day in found.days):>8} "
            f"{sum(day.newcomers for day in found.days):>10.1f}"
        )
        if found.is_estimate:
            self.stdout.write(f"Estimated from {found.asked} of {found.people} people.")

    def _print_day(
        self, campaign: Campaign, version: CampaignVersion, now: datetime, day: date
    ) -> None:
        """Nothing here is estimated from a sample: everybody is led on, a part at a time."""
        steps = {step["key"]: 0 for step in version.document["campaign"]["steps"]}
        counts: Counter[str] = Counter(steps)
        for at, step, line in _get_lines(campaign, now, day):
            counts[step] += 1
            self.stdout.write(f"{timezone.localtime(at):%Y-%m-%d %a %H:%M}  {step:<16} {line}")
        for step, count in counts.items():
            self.stdout.write(f"{'sum':<20}  {step:<16} {count}")


def _get_day(written: str, days: int, now: datetime) -> date:
    today = timezone.localdate(now)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise CommandError(f"“{written}” is not a date. Write it like 2026-12-01.") from None
    if not today <= day < today + timedelta(days=days):
        raise CommandError(f"That day is not among the {days} that begin today.")
    return day


def _get_lines(campaign: Campaign, now: datetime, day: date) -> Iterator[tuple[datetime, str, str]]:
    """When, which step, and the rest of the line."""
    if campaign.paused_at is None:
        for mail in outlook.get_planned(campaign=campaign, now=now, day=day).iterator():
            yield max(mail.due_at, now), mail.step_key, _describe_planned(mail)
    after = None
    while True:
        part = outlook.list_part(campaign=campaign, now=now, day=day, after=after)
        for each in part.departures:
            yield each.at, each.step.key, _describe(each)
        after = part.next
        if after is None:
            return


def _describe_planned(mail: Message) -> str:
    return f"{mail.enrolment_id:<10} planned   {mail.reason or '-'}"


def _describe(departure: Departure) -> str:
    why = [f"after_{departure.step.delay_days}_days"]
    why += ["stood_still"] if departure.stood_still else []
    why += ["overdue"] if departure.is_overdue else []
    why += [wait.reason for wait in departure.waits]
    why += [f"behind_{departure.ahead}"] if departure.ahead else []
    return f"{departure.enrolment.pk:<10} {departure.certainty:<9} {','.join(why)}"
