"""Whether our mail will be received, and what to do where it will not."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from campaigns import doctor
from campaigns.doctor import trial, words
from campaigns.doctor.findings import Finding
from campaigns.inbox import InboxError
from campaigns.tasks import send_due_messages
from pmoportal.bell import ring

MARKS = {"pass": "ok     ", "fail": "MEND   ", "unknown": "unknown"}


class Command(BaseCommand):
    help = (
        "Looks at everything that decides whether our mail is received: names, keys, encryption, "
        "the site, the permit, the workers; and, with --mail or --send, at a mail as it arrived. "
        "Ends with 1 when something is to be mended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        mail = parser.add_mutually_exclusive_group()
        mail.add_argument("--mail", type=Path, help="a received mail (.eml) to check as well")
        mail.add_argument(
            "--send", action="store_true", help="mail an address of our own, and check that"
        )
        parser.add_argument("--to", default="", help="another address for --send")
        parser.add_argument(
            "--wait", type=float, default=60, help="how many seconds the mail may take (60)"
        )
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")
        parser.add_argument("--language", choices=["en", "sv"], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        mail = self.read(options["mail"]) if options["mail"] else None
        if options["send"]:
            mail = self.send(to=options["to"], seconds=options["wait"])
        findings = doctor.examine(now=timezone.now(), mail=mail)
        with translation.override(options["language"]):
            if options["json"]:
                rows = [_get_row(finding) for finding in findings]
                self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            else:
                self.show(findings)
        if any(finding.state == "fail" for finding in findings):
            raise SystemExit(1)

    def read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from None

    def send(self, *, to: str, seconds: float) -> bytes:
        inbox = trial.get_inbox()
        if inbox is None:
            raise CommandError(
                "Set DOCTOR_INBOX to the folder where mail to you arrives, or INBOUND_URL."
            )
        message_id = trial.post(to=to, now=timezone.now())
        ring(send_due_messages)
        try:
            mail = trial.wait_for(message_id, inbox=inbox, seconds=seconds)
        except InboxError as error:
            raise CommandError(f"{message_id} was sent, but {error}.") from None
        if mail is None:
            raise CommandError(
                f"{message_id} has not arrived in {seconds:g} seconds. The admin says what became "
                "of it; when it is there, check it with --mail."
            )
        return mail

    def show(self, findings: list[Finding]) -> None:
        for finding in findings:
            mark = MARKS[finding.state]
            self.stdout.write(f"{mark}  {words.describe_check(finding)}: {words.describe(finding)}")
            if finding.detail:
                self.stdout.write(f"         {finding.detail}")


def _get_row(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.check,
        "state": finding.state,
        "reason": finding.reason,
        "sentence": words.describe(finding),
        "detail": finding.detail,
    }
