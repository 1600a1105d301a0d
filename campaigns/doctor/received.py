"""A mail as it arrived: is it signed by our domain, and can it be stopped with one click?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.utils import parseaddr
from functools import partial

import dkim

from campaigns.doctor.findings import Finding, failed, passed, unclear
from campaigns.doctor.names import Names, is_aligned

LARGEST = 2_000_000
MOST_SIGNATURES = 5
ONE_CLICK = "List-Unsubscribe=One-Click"
NEEDED = ("list-unsubscribe", "list-unsubscribe-post")
_ADDRESSES = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, kw_only=True)
class Signature:
    """`trouble` is empty for one that is true; `covered` are the headers it speaks for."""

    domain: str
    trouble: str
    covered: frozenset[str]


def check_mail(raw: bytes, *, names: Names, is_strict: bool) -> Sequence[Finding]:
    mail = message_from_bytes(raw, policy=policy.compat32)
    _name, at, sender = parseaddr(str(mail.get("From", "")))[1].lower().rpartition("@")
    if len(raw) > LARGEST or not at or not sender:
        return [failed("signature", "mail_unreadable")]
    signatures = [
        read_signature(raw, index, names)
        for index in range(min(len(mail.get_all("DKIM-Signature", [])), MOST_SIGNATURES))
    ]
    ours = [each for each in signatures if is_aligned(each.domain, sender, is_strict=is_strict)]
    true = [each for each in ours if not each.trouble]
    return [
        _judge_signatures(signatures),
        _judge_alignment(signatures, ours, sender),
        judge_one_click(mail),
        _judge_cover(true),
    ]


def read_signature(raw: bytes, index: int, names: Names) -> Signature:
    """One of the mail's signatures; nothing in it can make this fail."""
    asked: list[str] = []
    mail = None
    try:
        mail = dkim.DKIM(raw, logger=_SILENT)
        is_true = mail.verify(index, dnsfunc=partial(_ask, names=names, asked=asked))
        trouble = "" if is_true else "signature_bad"
    except Exception:  # noqa: BLE001  # whatever a stranger's mail makes of the library is a no
        trouble = "signature_bad"
    if asked and trouble:
        trouble = f"dns_{asked[0]}" if asked[0] != "missing" else "signature_no_key"
    domain = getattr(mail, "domain", None) or b""
    covered = getattr(mail, "include_headers", None) or ()
    return Signature(
        domain=domain.decode(errors="replace").lower(),
        trouble=trouble,
        covered=frozenset(each.decode(errors="replace").lower() for each in covered),
    )


def judge_one_click(mail: Message) -> Finding:
    """RFC 8058: one https address, and exactly these words beside it, each once."""
    links, words = (mail.get_all(name, []) for name in NEEDED)
    if not links or not words:
        return failed("one_click", "one_click_missing")
    addresses = _ADDRESSES.findall(str(links[0]))
    web = [each for each in addresses if each.lower().startswith(("http:", "https:"))]
    is_right = (
        len(links) == len(words) == len(web) == 1
        and web[0].lower().startswith("https:")
        and not re.search(r"\s", web[0])
        and str(words[0]).strip() == ONE_CLICK
    )
    if not is_right:
        return failed("one_click", "one_click_wrong", _shorten(str(links[0])))
    return passed("one_click", "one_click_ok", _shorten(web[0]))


def _shorten(link: str) -> str:
    """Without the part that acts for the person whose mail it is."""
    before, mark, _token = link.partition("/m/")
    return before + mark


def _judge_signatures(signatures: Sequence[Signature]) -> Finding:
    if not signatures:
        return failed("signature", "signature_missing")
    true = [each for each in signatures if not each.trouble]
    if true:
        return passed("signature", "signature_ok", true[0].domain)
    unknown = [each for each in signatures if each.trouble.startswith("dns_")]
    if unknown:
        return unclear("signature", unknown[0].trouble, unknown[0].domain)
    return failed("signature", signatures[0].trouble, signatures[0].domain)


def _judge_alignment(
    signatures: Sequence[Signature], ours: Sequence[Signature], sender: str
) -> Finding:
    if any(not each.trouble for each in ours):
        return passed("alignment", "aligned", sender)
    if any(each.trouble.startswith("dns_") for each in ours):
        return unclear("alignment", "alignment_open", sender)
    others = ", ".join(each.domain for each in signatures if not each.trouble)
    return failed("alignment", "not_aligned", f"{sender} ≠ {others or '–'}")


def _judge_cover(signatures: Sequence[Signature]) -> Finding:
    if not signatures:
        return unclear("one_click_signed", "cover_open")
    if any(each.covered.issuperset(NEEDED) for each in signatures):
        return passed("one_click_signed", "covered", signatures[0].domain)
    return failed("one_click_signed", "not_covered", signatures[0].domain)


def _ask(name: bytes, timeout: int = 5, *, names: Names, asked: list[str]) -> bytes | None:
    """As the library asks for keys. What it makes of a missing answer says too little."""
    answer = names.ask(name.decode(errors="replace"), "TXT")
    if answer.trouble:
        asked.append(answer.trouble)
        return None
    return answer.values[0].encode()


class _Silent:
    """The library writes addresses into its log."""

    def debug(self, *_: object) -> None: ...

    error = info = warning = debug


_SILENT = _Silent()
