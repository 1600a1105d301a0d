"""From a message's row to the mail itself: values, links, headers, bytes.

Everything here follows from the row alone, so that a mail can be made again to the byte for
as long as its values are kept.
"""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_datetime as format_moment
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import get_current_timezone

from assessments import profiles
from campaigns import mime, rendering, tokens
from campaigns.models import CompiledMail, Message, Purpose
from campaigns.transport import Form, Mail

# Values of system mail that name a row; the link to it is made when the mail is.
CONFIRM_ORIGIN = "confirm_origin"
STOP_RESPONDENT = "stop_respondent"

# Date and time as each language writes them.
MOMENTS = {"sv": "d MMMM y 'kl.' HH.mm", "en": "d MMMM y 'at' HH:mm"}

# The pages of a person's own result, by the variable that links there.
PERSONAL_PAGES = {
    "result_url": profiles.get_result_path,
    "retake_url": profiles.get_retake_path,
}

# Whom the links of a test mail act for.
NOBODY = 0

# What the sender and the links are in a mail that goes to nobody.
SAMPLE_LINKS = {
    "sender_name": settings.SENDER_NAME,
    "postal_address": settings.POSTAL_ADDRESS,
    "site_url": settings.SITE_URL,
    "result_url": settings.SITE_URL + "/",
    "retake_url": settings.SITE_URL + "/",
    "unsubscribe_url": settings.SITE_URL + "/m/unsubscribe/sample/",
}


def has_way_out(mail: rendering.Rendered) -> bool:
    """Whether both parts, made with SAMPLE_LINKS, say how to stop and who is writing from where."""
    needed = [SAMPLE_LINKS["unsubscribe_url"], SAMPLE_LINKS["sender_name"]]
    needed += SAMPLE_LINKS["postal_address"].splitlines()
    return all(each in mail.text and escape(each) in mail.html for each in needed)


def build_values(
    *, profile: profiles.Profile, step: dict[str, Any], tip: dict[str, Any] | None
) -> dict[str, str]:
    """What this person's mail says where the text has placeholders; missing ones are empty."""
    ranked = [profile.get_role(key) for key in profile.weakest]
    weakest = ranked[0] if ranked else None
    values = {
        "first_name": profile.first_name,
        "verdict": profile.verdict,
        "overall_score": _get_points(profile.points),
        "weakest_role": weakest.name if weakest else "",
        "weakest_score": _get_points(weakest.points) if weakest else "",
        "weakest_step": weakest.step if weakest else "",
        "second_role": ranked[1].name if len(ranked) > 1 else "",
        "role_name": profile.get_role(tip["role"]).name if tip else "",
        "booking_url": settings.BOOKING_URL,
    }
    if step["kind"] == "result":
        for number, role in enumerate(profile.roles, start=1):
            values[f"role_{number}_name"] = role.name
            values[f"role_{number}_score"] = _get_points(role.points)
            values[f"role_{number}_label"] = role.label
    return values


def build_mail(message: Message, *, form: Form) -> Mail:
    """The mail of a message whose hand-over time is set, in the form that a transport takes.

    Raises ValueError or LookupError when the row can make no correct mail (a value with a line
    break in a header, an address that is not one address): such a message fails alone.
    """
    values = get_all_values(message)
    compiled = get_compiled(message)
    headers = get_headers(message, values)
    mail = Mail(
        message_id=get_message_id(message),
        envelope_from=_get_sender(),
        to=message.to,
        headers=headers,
    )
    if form == "bytes":
        skeleton = rendering.get_skeleton(compiled=compiled)
        return replace(mail, raw=mime.splice(skeleton=skeleton, values=values, headers=headers))
    rendered = rendering.render(compiled=compiled, values=values)
    return replace(mail, subject=rendered.subject, text=rendered.text, html=rendered.html)


def render(message: Message) -> rendering.Rendered:
    """Subject, text and HTML as they were or will be sent."""
    return rendering.render(compiled=get_compiled(message), values=get_all_values(message))


def get_compiled(message: Message) -> rendering.Compiled:
    """Raises ValueError for a message that was never compiled, such as a skipped one."""
    if message.compiled_id is None:
        raise ValueError("this message has no content")
    return _load_compiled(message.compiled_id)


def get_all_values(message: Message) -> dict[str, str]:
    """The stored values with the sender and the signed links, which are made and not stored."""
    values = dict(message.values)
    values["sender_name"] = settings.SENDER_NAME
    values["postal_address"] = settings.POSTAL_ADDRESS
    values["site_url"] = settings.SITE_URL
    if CONFIRM_ORIGIN in values:
        values["confirm_url"] = get_link("confirm", values.pop(CONFIRM_ORIGIN))
    if STOP_RESPONDENT in values:
        values["stop_url"] = get_link("unsubscribe", [values.pop(STOP_RESPONDENT), "", ""])
    if message.enrolment is not None:
        for name, get_path in PERSONAL_PAGES.items():
            path = get_path(message.enrolment.response_id, message.language)
            values[name] = settings.SITE_URL + path
        purpose = message.enrolment.campaign.purpose
        stop = [message.respondent_id, purpose, message.pk.hex]
        values["unsubscribe_url"] = get_link("unsubscribe", stop)
    if message.kind == Message.Kind.TEST:
        values |= _get_test_links(message)
    return values


def _get_test_links(message: Message) -> dict[str, str]:
    """The pages that a reader would come to, but nobody's: they work, and change nothing."""
    sample = settings.SITE_URL + reverse("campaigns:sample", args=[message.language])
    stop = get_link("unsubscribe", [NOBODY, Purpose.TIPS, message.pk.hex])
    return {**dict.fromkeys(PERSONAL_PAGES, sample), "unsubscribe_url": stop}


def get_link(purpose: tokens.Purpose, content: Any) -> str:
    """The absolute link whose page acts for `purpose`."""
    return settings.SITE_URL + _get_pattern(purpose).format(tokens.make(purpose, content))


def get_message_id(message: Message) -> str:
    return f"<{message.pk}@{_get_domain()}>"


def get_headers(message: Message, values: dict[str, str]) -> dict[str, str]:
    """Every header but the subject and the MIME ones, in the order they are sent."""
    headers = {
        "From": settings.DEFAULT_FROM_EMAIL,
        "To": message.to,
        "Date": format_datetime(_get_sending_time(message)),
        "Message-ID": get_message_id(message),
        "Auto-Submitted": "auto-generated",
    }
    if message.kind in (Message.Kind.CAMPAIGN, Message.Kind.TEST):
        headers |= {
            "List-Id": formataddr((settings.SENDER_NAME, f"tips.{_get_domain()}")),
            "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers


def get_moment(at: datetime, language: str) -> str:
    """Date and time in words, on the clock of the site."""
    return format_moment(at, MOMENTS[language], tzinfo=get_current_timezone(), locale=language)


@lru_cache(maxsize=rendering.CACHED)
def _load_compiled(digest: str) -> rendering.Compiled:
    """Named by its digest, so what was read once holds for ever."""
    mail = CompiledMail.objects.get(pk=digest)
    return rendering.Compiled(subject=mail.subject, text=mail.text, html=mail.html)


@lru_cache
def _get_pattern(purpose: tokens.Purpose) -> str:
    """The path with `{}` for the token: Django takes long to find one, and mail has many."""
    return reverse(f"campaigns:{purpose}", args=["token"]).replace("token", "{}")


def _get_sender() -> str:
    return _get_address(settings.DEFAULT_FROM_EMAIL)


@lru_cache
def _get_address(sender: str) -> str:
    return parseaddr(sender)[1]


def _get_points(points: int | None) -> str:
    return "" if points is None else str(points)


def _get_domain() -> str:
    """Our own domain: the sender's, or the site's when mail is sent from a bare host name."""
    domain = _get_sender().rpartition("@")[2]
    return domain or str(urlsplit(settings.SITE_URL).hostname)


def _get_sending_time(message: Message) -> datetime:
    return (message.sending_at or message.created_at).astimezone(UTC)
