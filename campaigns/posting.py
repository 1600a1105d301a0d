"""Put one mail into the queue. The only way in for mail that no sequence plans: confirming
mails, staff mail, test sends. Rings no bell: whoever calls does that after commit.
"""

import re
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml
from django.conf import settings
from django.db.models.functions import Now

from campaigns import rendering
from campaigns.models import CompiledMail, Message
from campaigns.rendering.layout import Layout

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "email"
_ROW = re.compile(r"\brow_n_")


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
    is_personal = kind == Message.Kind.SYSTEM and respondent_id is not None
    layout: Layout = "personal" if is_personal else "system"
    return put(
        kind=kind,
        key=key,
        to=to,
        compiled=compile_template(template=template, language=language, layout=layout),
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


def post_staff(  # each is a column of the row
    *,
    key: str,
    to: str,
    template: str,
    language: str,
    values: dict[str, str],
    now: datetime,
    due_at: datetime,
    rows: int = 0,
) -> bool:
    """Queue a mail to a colleague, as `post` does; its template lists `rows` rows."""
    return put(
        kind=Message.Kind.STAFF,
        key=key,
        to=to,
        compiled=compile_template(template=template, language=language, rows=rows),
        language=language,
        values=values,
        now=now,
        template=template,
        due_at=due_at,
    )


def get_known(*, keys: Collection[str]) -> set[str]:
    """Those of `keys` that have their message."""
    return set(Message.objects.filter(key__in=keys).values_list("key", flat=True))


def forget(*, keys: Collection[str]) -> int:
    """Empty what these mails say, and let none of them leave: a person they name is erased."""
    mails = Message.objects.filter(key__in=keys)
    waiting = mails.filter(state__in=[Message.State.QUEUED, Message.State.CLAIMED])
    waiting.update(
        state=Message.State.SKIPPED,
        reason="erased",
        ended_at=Now(),
        claim=None,
        lease_until=None,
    )
    return mails.update(values={}, evidence="")


@lru_cache
def compile_template(
    *, template: str, language: str, layout: Layout = "system", rows: int = 0
) -> rendering.Compiled:
    """Compile templates/email/<template>.<language>.md: front matter, then Markdown. A mail that
    may reach somebody else than its person says there that its layout is *system*. A line of the
    text with placeholders such as `row_n_name` is there once for each of `rows`.
    """
    source = (TEMPLATES / f"{template}.{language}.md").read_text(encoding="utf-8")
    _, head, body = source.split("---\n", 2)
    front = yaml.safe_load(head)
    return rendering.compile_mail(
        subject=front["subject"],
        preview=front["preview"],
        body=_repeat(body.strip(), rows),
        layout=front.get("layout", layout),
        language=language,
    )


def _repeat(body: str, rows: int) -> str:
    lines: list[str] = []
    for line in body.splitlines():
        is_row = _ROW.search(line)
        places = range(1, rows + 1) if is_row else (0,)
        lines += [_ROW.sub(rf"row_{place}_", line) if is_row else line for place in places]
    return "\n".join(lines)


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
