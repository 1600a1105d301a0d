"""What we tell people, and the authority, about what is kept: made from the field map.

All words are in the active language.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext, ngettext

from assessments.field_map import Field, Kind, Purpose, Retention, get_fields
from pmoportal.identity import Recipient, get_country, get_imprint, get_recipients

CONSENT = (Purpose.TIPS, Purpose.CONTACT, Purpose.TRACKING, Purpose.COMPARISON)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One purpose: what it needs, on what ground, and how long; each in words."""

    purpose: Purpose
    heading: str
    kinds: tuple[str, ...]
    basis: str
    retentions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A part of the record of processing. Without `columns` it is a list of facts."""

    heading: str
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()


def get_parts(*, with_staff: bool = False) -> list[Part]:
    """The purposes that something is kept for, in their own order."""
    fields = [each for each in get_fields() if with_staff or each.kind != Kind.STAFF]
    parts = []
    for purpose in Purpose:
        own = [each for each in fields if each.purpose == purpose]
        if own or purpose == Purpose.PROTECTION:
            parts.append(_build_part(purpose, own))
    return parts


def build_notice() -> dict[str, str]:
    """What stands for each placeholder of content/privacy.*.md, as Markdown."""
    return {
        "sender_name": settings.SENDER_NAME,
        "controller": get_imprint(),
        "contact_email": settings.PRIVACY_EMAIL,
        "purposes": "\n\n".join(_write_part(part) for part in get_parts()),
        "recipients": "\n".join(f"- {describe_recipient(each)}" for each in get_recipients()),
        "transfers": describe_transfers(),
        "evidence": describe_months(settings.CONSENT_EVIDENCE_MONTHS),
    }


def build_record() -> list[Table]:
    """The record of processing activities (GDPR, article 30)."""
    return [
        Table(heading=gettext("Controller"), rows=list(_get_controller())),
        Table(
            heading=gettext("Purposes"),
            columns=(
                gettext("Purpose"),
                gettext("Categories of data"),
                gettext("Legal basis"),
                gettext("Erased after"),
            ),
            rows=[
                (part.heading, _join(part.kinds), part.basis, _join(part.retentions))
                for part in get_parts(with_staff=True)
            ],
        ),
        Table(
            heading=gettext("Recipients"),
            columns=(gettext("Who"), gettext("Does what"), gettext("Where")),
            rows=[
                (each.name, _describe_work(each), get_country(each.country))
                for each in get_recipients()
            ],
        ),
        Table(heading=gettext("Security"), rows=[(each,) for each in _get_measures()]),
        Table(
            heading=gettext("Field map"),
            columns=(
                gettext("Table"),
                gettext("Columns"),
                gettext("Category"),
                gettext("Purpose"),
                gettext("Erased after"),
            ),
            rows=list(_group(get_fields())),
        ),
    ]


def write_record(record: Iterable[Table]) -> str:
    """The same as Markdown."""
    return "\n\n".join(_write_table(table) for table in record) + "\n"


def describe_basis(purpose: Purpose) -> str:
    if purpose in CONSENT:
        return gettext("your consent (GDPR, article 6.1 a)")
    if purpose == Purpose.TEST:
        return gettext("you ask us to (GDPR, article 6.1 b)")
    if purpose == Purpose.RIGHTS:
        return gettext("the law obliges us (GDPR, article 6.1 c)")
    return gettext("our legitimate interest in it (GDPR, article 6.1 f)")


def describe_recipient(recipient: Recipient) -> str:
    return gettext("**%(name)s** (%(country)s), which %(work)s") % {
        "name": recipient.name,
        "country": get_country(recipient.country),
        "work": _describe_work(recipient),
    }


def describe_transfers() -> str:
    outside = [each.name for each in get_recipients() if each.is_outside]
    if not outside:
        return gettext("No data leaves the EU and the EEA.")
    return gettext(
        "%(names)s may handle data outside the EU and the EEA. That rests on the European"
        " Commission’s decision that the country protects data well enough, or on its standard"
        " contractual clauses. Write to us for a copy."
    ) % {"names": _join(outside)}


def describe_retention(retention: Retention) -> str:
    """How long, with the lengths that the settings have."""
    days = {
        Retention.UNCONFIRMED: settings.KEEP_UNCONFIRMED_DAYS,
        Retention.CONTENTS: settings.KEEP_MAIL_DAYS,
        Retention.REPORTS: settings.KEEP_REPORTS_DAYS,
        Retention.LOGS: settings.KEEP_LOGS_DAYS,
    }
    if retention in days:
        return describe_days(days[retention])
    values = {
        "hours": settings.KEEP_UNFINISHED_HOURS,
        "anonymous": describe_days(settings.KEEP_ANONYMOUS_DAYS),
        "ip": describe_days(settings.KEEP_IP_DAYS),
        "idle": describe_months(settings.KEEP_IDLE_MONTHS),
        "evidence": describe_months(settings.CONSENT_EVIDENCE_MONTHS),
        "unconfirmed": describe_days(settings.KEEP_UNCONFIRMED_DAYS),
    }
    return _describe(retention) % values


def describe_days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def describe_months(months: int) -> str:
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def _describe(retention: Retention) -> str:
    return {
        Retention.TEST: gettext(
            "without an address %(hours)d hours if unfinished and %(anonymous)s if completed;"
            " otherwise as long as the address"
        ),
        Retention.PERSON: gettext(
            "%(unconfirmed)s if you never confirm your address; otherwise until you ask for"
            " erasure, or %(idle)s without a sign of life"
        ),
        Retention.IP: gettext("%(ip)s, then only the network"),
        Retention.EVIDENCE: gettext("%(evidence)s after erasure, without the address"),
        Retention.REQUESTS: gettext(
            "%(evidence)s after it ended; once you are erased, only the receipt and the dates"
        ),
        Retention.STANDING: gettext("as long as the address must not be written to"),
        Retention.GROUP: gettext("as long as anybody of the group is left"),
        Retention.STAFF: gettext("as long as what the colleague did is there"),
    }[retention]


def _build_part(purpose: Purpose, fields: Sequence[Field]) -> Part:
    heading = str(purpose.label)
    kept: dict[str, dict[str, None]] = {}
    for field in fields:
        kept.setdefault(_describe_kind(field), {})[describe_retention(field.retention)] = None
    if purpose == Purpose.PROTECTION:
        # Counters live in the cache, where no column is.
        counted = gettext("number of requests per IP address or network")
        kept[counted] = {gettext("at most a day"): None}
    return Part(
        purpose=purpose,
        heading=heading[:1].upper() + heading[1:],
        kinds=tuple(kept),
        basis=describe_basis(purpose),
        retentions=tuple(_describe_times(kept)),
    )


def _describe_kind(field: Field) -> str:
    is_content = field.retention == Retention.CONTENTS
    return gettext("the contents of mails") if is_content else str(field.kind.label)


def _describe_times(kept: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """How long, and of what, where it is not the same for all."""
    by_time: dict[str, list[str]] = {}
    for kind, times in kept.items():
        by_time.setdefault(_join(times), []).append(kind)
    for time, kinds in by_time.items():
        yield time if len(by_time) == 1 else f"{_join(kinds, ', ')}: {time}"


def _write_part(part: Part) -> str:
    # Outside of the f-string, where the collector of texts finds them.
    names = (gettext("Data"), gettext("Legal basis"), gettext("How long"))
    times = part.retentions[0]
    if len(part.retentions) > 1:
        times = "".join(f"\n  - {time}" for time in part.retentions)
    facts = zip(names, (_join(part.kinds), part.basis, times), strict=True)
    lines = [f"- **{name}:** {words}" for name, words in facts]
    return "\n".join([f"### {part.heading}", "", *lines])


def _get_controller() -> Iterator[tuple[str, str]]:
    yield gettext("Name"), settings.CONTROLLER_NAME
    yield gettext("Registration number"), settings.ORG_NUMBER
    yield gettext("Address"), settings.POSTAL_ADDRESS
    yield gettext("Contact"), settings.PRIVACY_EMAIL
    yield (
        gettext("People concerned"),
        gettext("those who take the test or ask for tips; colleagues with a login"),
    )
    yield gettext("Transfers outside the EU and the EEA"), describe_transfers()


def _describe_work(recipient: Recipient) -> str:
    return {
        "hosting": gettext("runs our servers"),
        "mail": gettext("delivers our mail"),
    }[recipient.work]


def _get_measures() -> Iterator[str]:
    yield gettext("Encrypted connections; links that act for a person are signed and not stored.")
    yield gettext("Logins by group, each with the rights its work needs; guessing is stopped.")
    yield gettext(
        "Logs hold no addresses and no links that act for anybody; they are kept %(days)s."
    ) % {"days": describe_days(settings.KEEP_LOGS_DAYS)}
    yield gettext("Suppressed and erased addresses are known by a keyed hash only.")
    yield gettext("Evidence of consent cannot be changed, not even in the database.")
    yield gettext("Whoever was erased is erased again when a backup is restored.")


def _group(fields: Iterable[Field]) -> Iterator[tuple[str, ...]]:
    """One row per table and sort, with its columns together."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for field in fields:
        table = field.model._meta.db_table  # noqa: SLF001  # Django's own way to a name
        place = (
            table,
            str(field.kind.label),
            str(field.purpose.label),
            describe_retention(field.retention),
        )
        grouped.setdefault(place, []).append(field.column)
    for (table, *sort), columns in grouped.items():
        yield table, ", ".join(columns), *sort


def _write_table(table: Table) -> str:
    lines = [f"## {table.heading}", ""]
    if table.columns:
        lines += [_write_line(table.columns), _write_line(["---"] * len(table.columns))]
        lines += [_write_line(row) for row in table.rows]
    else:
        lines += [f"- {': '.join(row)}" for row in table.rows]
    return "\n".join(lines)


def _write_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _join(words: Iterable[str], between: str = "; ") -> str:
    return between.join(words)
