"""Put one mail into the queue. The only way in for mail that no sequence plans: confirming
mails, staff mail, test sends. Rings no bell: whoever calls does that after commit.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml
from django.conf import settings

from campaigns import rendering
from campaigns.models import CompiledMail, Message

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "email"


def post(  # noqa: PLR0913  # each is a column of the row
    *,
    kind: Message.Kind,
    key: str,
    to: str,
    template: str,
    language: str,
    values: dict[str, Any],
    now: datetime,
    due_at: datetime | None = None,
    respondent_id: int | None = None,
) -> bool:
    """Queue `template` (a name in templates/email) for `to`, once per `key`; due now, or later.

    Returns False, and changes nothing, when a message with this key exists already.
    """
    return put(
        kind=kind,
        key=key,
        to=to,
        compiled=compile_template(template=template, language=language),
        language=language,
        values=values,
        now=now,
        template=template,
        due_at=due_at or now,
        respondent_id=respondent_id,
    )


def put(
    *, compiled: rendering.Compiled, now: datetime, message_id: UUID | None = None, **columns: Any
) -> bool:
    """Queue a mail that is compiled already, once per key; whether there was none."""
    message = Message(
        id=message_id or uuid4(),
        is_urgent=True,
        compiled=store(compiled),
        created_at=now,
        **{"due_at": now} | columns,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return Message.objects.filter(pk=message.pk).exists()


@lru_cache
def compile_template(*, template: str, language: str) -> rendering.Compiled:
    """Compile templates/email/<template>.<language>.md: front matter, then Markdown."""
    source = (TEMPLATES / f"{template}.{language}.md").read_text(encoding="utf-8")
    _, head, body = source.split("---\n", 2)
    front = yaml.safe_load(head)
    return rendering.compile_mail(
        subject=front["subject"],
        preview=front["preview"],
        body=body.strip(),
        layout="system",
        language=language,
    )


def store(compiled: rendering.Compiled) -> CompiledMail:
    """The row of this compiled mail, written once however often it is asked for."""
    mail = CompiledMail(
        digest=compiled.digest,
        subject=compiled.subject,
        text=compiled.text,
        html=compiled.html,
    )
    CompiledMail.objects.bulk_create([mail], ignore_conflicts=True)
    return mail
