"""Reports about our mail that come as mail: RFC 3464 (delivery), RFC 5965 (complaints), and the
letters of old servers that know neither.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message as Part
from typing import Literal

ReportKind = Literal["bounced", "deferred", "delivered", "complained"]

ACTIONS: dict[str, ReportKind] = {
    "failed": "bounced",
    "delayed": "deferred",
    "delivered": "delivered",
    "relayed": "delivered",
}
MAX_WORDS = 300

_ID = re.compile(r"(?im)^(?:original-|x-original-)?message-id:\s*<([^<>\s]{3,250})>")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SERVER = re.compile(r"(?i)\b(mailer-daemon|postmaster|mail delivery (system|subsystem))\b")
_FAILED = re.compile(
    r"(?i)undeliver|returned mail|delivery (status notification|failure|has failed)|failure notice"
    r"|mail delivery failed|kunde inte levereras|kan inte levereras|gick inte att leverera"
    r"|olevererbart"
)
_LATER = re.compile(r"(?i)delay|will retry|fördröj|försenad|warning: could not send")


@dataclass(frozen=True, kw_only=True)
class Report:
    """`message_ids` are those of mail that the report encloses or names; `words` hold the code
    and the receiving server's words.
    """

    kind: ReportKind
    message_ids: tuple[str, ...]
    code: str
    words: str


def read_report(headers: Mapping[str, str], parts: Iterable[Part]) -> Report | None:
    """From the mail's headers, by lower-case name and decoded, and all its parts."""
    parts = list(parts)
    kinds = {part.get_content_type(): part for part in reversed(parts)}
    enclosed = tuple(dict.fromkeys(_ID.findall(_get_enclosed(parts))))
    if "message/delivery-status" in kinds:
        return _read_status(kinds["message/delivery-status"], enclosed)
    if "message/feedback-report" in kinds:
        return Report(kind="complained", message_ids=enclosed, code="", words="")
    if _SERVER.search(headers.get("from", "")):
        return _read_letter(headers.get("subject", ""), parts, enclosed)
    return None


def _read_status(part: Part, enclosed: tuple[str, ...]) -> Report | None:
    """The worst that is said about any recipient; ours have one each."""
    blocks = part.get_payload()
    fields = [_get_fields(block) for block in blocks] if isinstance(blocks, list) else []
    said = [(ACTIONS[each["action"].lower()], each) for each in fields if _is_known(each)]
    for kind in ("bounced", "deferred", "delivered"):
        for found, each in said:
            if found == kind:
                code = each.get("status", "")
                words = f"{code} {each.get('diagnostic-code', '')}".strip()[:MAX_WORDS]
                return Report(kind=found, message_ids=enclosed, code=code[:12], words=words)
    return None


def _get_fields(block: object) -> Mapping[str, str]:
    if not isinstance(block, Part):
        return {}
    pairs = [(name.lower(), " ".join(str(value).split())) for name, value in block.items()[:50]]
    return dict(reversed(pairs))


def _is_known(fields: Mapping[str, str]) -> bool:
    return fields.get("action", "").lower() in ACTIONS


def _read_letter(subject: str, parts: list[Part], enclosed: tuple[str, ...]) -> Report | None:
    text = _get_plain(parts)
    ids = enclosed or tuple(dict.fromkeys(_ID.findall(text)))
    found = _CODE.search(text)
    code = found[1] if found else ""
    if _LATER.search(subject):
        return Report(kind="deferred", message_ids=ids, code=code, words=code)
    if _FAILED.search(subject) or _FAILED.search(text[:400]):
        return Report(kind="bounced", message_ids=ids, code=code, words=code)
    return None


def _get_enclosed(parts: list[Part]) -> str:
    """The headers of the mail that is sent back, as text; its own parts are no parts of this."""
    texts = []
    for part in parts:
        inside = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inside, list) and inside:
            original = inside[0]
            pairs = original.items()[:100] if isinstance(original, Part) else []
            texts.append("\n".join(f"{name}: {value}" for name, value in pairs))
        elif part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
            texts.append(_decode(part))
        elif part.get_content_type() == "message/feedback-report":
            texts.append(part.as_string()[:5_000])
    return "\n".join(texts)


def _get_plain(parts: list[Part]) -> str:
    return next((_decode(each) for each in parts if each.get_content_maintype() == "text"), "")


def _decode(part: Part) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace")[:20_000] if isinstance(content, bytes) else ""
