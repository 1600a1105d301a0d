"""From a message's row to the mail itself: values, links, headers, bytes.

Everything here follows from the row alone, so that a mail can be made again to the byte for
as long as its values are kept.
"""

from datetime import UTC, datetime
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache, partial
from html import escape
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.dates import format_datetime as format_moment
from django.conf import settings
from django.urls import reverse
from django.utils.timezone import get_current_timezone

from assessments import profiles
from campaigns import mime, permission, rendering, tokens
from campaigns.models import CompiledMail, Message, Purpose
from campaigns.transport import Form, Mail
from pmoportal.identity import get_imprint

# Values of system mail that name a row; the link to it is made when the mail is.
CONFIRM_ORIGIN = "confirm_origin"
STOP_RESPONDENT = "stop_respondent"
STAY_RESPONDENT = "stay_respondent"
ACT = "act"
ADDRESS_CHANGE = "address_change"

MARK_DIGITS = 16

# Date and time as each language writes them.
MOMENTS = {"sv": "d MMMM y 'kl.' HH.mm", "en": "d MMMM y 'at' HH:mm"}

# The pages of a person's own result, by the variable that links there.
PERSONAL_PAGES = {
    "result_url": profiles.get_result_path,
    "retake_url": profiles.get_retake_path,
}

# Whom the links of a test mail act for.
NOBODY = 0
# Paths of the article, which is our front page in either language.
ARTICLE = ("", "en")
# What every mail program and server takes as an address, with the token around it.
LONGEST_TARGET = 1_500

# What the sender and the links are in a mail that goes to nobody.
SAMPLE_LINKS = {
    "sender_name": settings.SENDER_NAME,
    "postal_address": get_imprint("sv"),
    "site_url": settings.SITE_URL,
    "result_url": settings.SITE_URL + "/",
    "retake_url": settings.SITE_URL + "/",
    "unsubscribe_url": settings.SITE_URL + "/m/unsubscribe/sample/",
    "preferences_url": settings.SITE_URL + "/m/preferences/sample/",
    "answer_url": settings.SITE_URL + "/m/answer/sample/",
}


def has_way_out(mail: rendering.Rendered) -> bool:
    """Whether both parts, made with SAMPLE_LINKS, say how to stop and who is writing from where."""
    needed = [SAMPLE_LINKS[name] for name in ("unsubscribe_url", "preferences_url", "sender_name")]
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
    make = partial(
        Mail,
        message_id=headers["Message-ID"],
        envelope_from=get_return_address(message),
        to=message.to,
        headers=headers,
    )
    if form == "bytes":
        skeleton = rendering.get_skeleton(compiled=compiled)
        return make(raw=mime.splice(skeleton=skeleton, values=values, headers=headers))
    rendered = rendering.render(compiled=compiled, values=values)
    return make(subject=rendered.subject, text=rendered.text, html=rendered.html)


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
    values["postal_address"] = get_imprint(message.language)
    values["site_url"] = settings.SITE_URL
    values |= _get_system_links(values, message.to)
    if message.respondent_id is not None:
        own = [message.respondent_id, message.pk.hex]
        values["preferences_url"] = get_link("preferences", own)
    if message.enrolment is not None:
        for name, get_path in PERSONAL_PAGES.items():
            path = get_path(message.enrolment.response_id, message.language)
            values[name] = settings.SITE_URL + path
        purpose = message.enrolment.campaign.purpose
        stop = [message.respondent_id, purpose, message.pk.hex]
        values["unsubscribe_url"] = get_link("unsubscribe", stop)
    if message.kind == Message.Kind.TEST:
        values |= _get_test_links(message)
    if message.tip_key:
        values["answer_url"] = get_link("answer", message.pk.hex)
    if message.is_tracked:
        values |= _get_measured_links(message, values)
    return values


def _get_test_links(message: Message) -> dict[str, str]:
    """The pages that a reader would come to, but nobody's: they work, and change nothing."""
    sample = settings.SITE_URL + reverse("campaigns:sample", args=[message.language])
    stop = get_link("unsubscribe", [NOBODY, Purpose.TIPS, message.pk.hex])
    own_pages = (*PERSONAL_PAGES, "preferences_url", "answer_url")
    return {**dict.fromkeys(own_pages, sample), "unsubscribe_url": stop}


def _get_system_links(values: dict[str, Any], to: str) -> dict[str, str]:
    """The links that values of system mail name; takes these values out."""
    links = {}
    if CONFIRM_ORIGIN in values:
        links["confirm_url"] = get_link("confirm", values.pop(CONFIRM_ORIGIN))
    if STOP_RESPONDENT in values:
        links["stop_url"] = get_link("unsubscribe", [values.pop(STOP_RESPONDENT), "", ""])
    if STAY_RESPONDENT in values:
        links["stay_url"] = get_link("stay", values.pop(STAY_RESPONDENT))
    if ACT in values:
        links["act_url"] = get_link("act", [*values.pop(ACT), get_address_mark(to)])
    if ADDRESS_CHANGE in values:
        links["confirm_url"] = get_link("address", values.pop(ADDRESS_CHANGE))
    return links


def get_address_mark(email: str) -> str:
    """Ties a link to the address it was mailed to, without saying it."""
    return permission.get_subject_key(email)[:MARK_DIGITS]


def get_targets(*, compiled: rendering.Compiled, booking_url: str) -> dict[str, tuple[int, str]]:
    """By the name of its slot, the number and the address of each link that may be measured."""
    written = enumerate(rendering.get_targets(compiled=compiled), start=1)
    targets = {rendering.get_link_name(number): (number, target) for number, target in written}
    if "booking_url" in rendering.get_names(compiled=compiled):
        targets["booking_url"] = (0, booking_url)
    return {name: link for name, link in targets.items() if leads_on(link[1], settings.SITE_URL)}


def get_link(purpose: tokens.Purpose, content: Any) -> str:
    """The absolute link whose page acts for `purpose`."""
    return settings.SITE_URL + _get_pattern(purpose).format(tokens.make(purpose, content))


def get_message_id(message: Message) -> str:
    return f"<{message.pk}@{_get_domain()}>"


def get_return_address(message: Message) -> str:
    """Where answers to this very mail go, and what mail servers have to say about it."""
    if not settings.INBOUND_ADDRESS:
        return _get_sender()
    local, _at, domain = settings.INBOUND_ADDRESS.rpartition("@")
    return f"{local}+{tokens.make_for_address(message.pk)}@{domain}"


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
        if settings.INBOUND_ADDRESS:
            headers["Reply-To"] = get_return_address(message)
        headers |= {
            "List-Id": formataddr((settings.SENDER_NAME, f"tips.{_get_domain()}")),
            "List-Unsubscribe": f"<{values['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers


def get_date(at: datetime, language: str) -> str:
    return format_date(at, "long", locale=language)


def get_moment(at: datetime, language: str) -> str:
    """Date and time in words, on the clock of the site."""
    return format_moment(at, MOMENTS[language], tzinfo=get_current_timezone(), locale=language)


def _get_measured_links(message: Message, values: dict[str, str]) -> dict[str, str]:
    """Made anew like all links; whether the mail has them is the row's to say."""
    targets = get_targets(compiled=get_compiled(message), booking_url=values.get("booking_url", ""))
    pattern = settings.SITE_URL + _get_pattern("go")
    return {
        name: pattern.format(tokens.make_onward(target=target, message_id=message.pk, link=number))
        for name, (number, target) in targets.items()
    }


@lru_cache(maxsize=rendering.CACHED)
def leads_on(target: str, site_url: str) -> bool:
    """To another site, or to our article. The other pages of ours need no detour."""
    if len(target) > LONGEST_TARGET or not tokens.is_safe(target):
        return False
    site = urlsplit(site_url)
    there = urlsplit(target)
    is_ours = (there.hostname, there.port) == (site.hostname, site.port)
    return not is_ours or there.path.strip("/") in ARTICLE


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
