"""Whether receivers can tell that mail from our address is ours."""

from collections.abc import Sequence

from campaigns.doctor import records
from campaigns.doctor.findings import Finding, failed, passed, unclear
from campaigns.doctor.keys import measure_key
from campaigns.doctor.names import Answer, Names, get_organisation

# Nobody but their owners may send from these: receivers refuse it.
# fmt: off
FREE_MAIL = frozenset({
    "aol.com", "bredband.net", "comhem.se", "gmail.com", "gmx.com", "gmx.net", "googlemail.com",
    "hotmail.com", "hotmail.se", "icloud.com", "live.com", "live.se", "mac.com", "me.com",
    "msn.com", "outlook.com", "outlook.se", "passagen.se", "proton.me", "protonmail.com",
    "spray.se", "telia.com", "yahoo.com", "yahoo.se",
})
# fmt: on
EXAMPLES = ("example.com", "example.net", "example.org", "example.se")
MOST_ASKS = 10
SHORTEST_KEY = 1024


def check_domain(domain: str) -> Sequence[Finding]:
    if domain in FREE_MAIL:
        return [failed("from_domain", "free_mail", domain)]
    organisation = get_organisation(domain)
    if not organisation or domain.rpartition(".")[2] in {"invalid", "local", "localhost", "test"}:
        return [failed("from_domain", "no_domain", domain)]
    if organisation in EXAMPLES:
        return [failed("from_domain", "example_domain", domain)]
    return [passed("from_domain", "own_domain", domain)]


def check_spf(domain: str, names: Names) -> Sequence[Finding]:
    answer = names.ask_policies(domain, "v=spf1")
    if trouble := _get_trouble("spf", answer, "spf_missing", domain):
        return [trouble]
    if len(answer.values) > 1:
        return [failed("spf", "spf_several", domain)]
    text = answer.values[0]
    try:
        spf = records.read_spf(text)
        asks = count_asks(spf, names)
    except ValueError as error:
        return [failed("spf", "spf_broken", error)]
    if asks > MOST_ASKS:
        return [failed("spf", "spf_asks", asks)]
    if spf.everybody in {"", "+", "?"}:
        return [failed("spf", "spf_open", text)]
    return [passed("spf", "spf_ok", text)]


def count_asks(spf: records.Spf, names: Names) -> int:
    """How many questions a receiver has to ask, as far as one more than it may. ValueError for a
    record on the way that cannot be read.
    """
    waiting, asks = [spf], 0
    while waiting and asks <= MOST_ASKS:
        each = waiting.pop()
        asks += each.asks
        for other in each.others if asks <= MOST_ASKS else ():
            found = () if "%" in other else names.ask_policies(other, "v=spf1").values
            waiting += [records.read_spf(text) for text in found[:1]]
    return asks


def check_dkim_keys(domain: str, selectors: Sequence[str], names: Names) -> Sequence[Finding]:
    if not selectors:
        return [unclear("dkim_key", "dkim_no_selector", domain)]
    return [_check_key(f"{selector}._domainkey.{domain}", names) for selector in selectors]


def _check_key(name: str, names: Names) -> Finding:
    answer = names.ask(name, "TXT")
    if trouble := _get_trouble("dkim_key", answer, "dkim_key_missing", name):
        return trouble
    try:
        key = records.read_key(answer.values[0])
        bits = measure_key(key) if key else 0
    except ValueError:
        return failed("dkim_key", "dkim_key_broken", name)
    if not key:
        return failed("dkim_key", "dkim_key_revoked", name)
    if bits and bits < SHORTEST_KEY:
        return failed("dkim_key", "dkim_key_short", f"{name} ({bits})")
    return passed("dkim_key", "dkim_key_ok", name)


def check_dmarc(domain: str, names: Names) -> Sequence[Finding]:
    answer = ask_dmarc(domain, names)
    if trouble := _get_trouble("dmarc", answer, "dmarc_missing", domain):
        return [trouble]
    if len(answer.values) > 1:
        return [failed("dmarc", "dmarc_several", domain)]
    text = answer.values[0]
    try:
        dmarc = records.read_dmarc(text)
    except ValueError:
        return [failed("dmarc", "dmarc_broken", text)]
    return [passed("dmarc", "dmarc_watching" if dmarc.policy == "none" else "dmarc_ok", text)]


def ask_dmarc(domain: str, names: Names) -> Answer:
    """The domain's own policy, or its organisation's."""
    own = names.ask_policies(f"_dmarc.{domain}", "v=DMARC1")
    organisation = get_organisation(domain)
    if own.trouble != "missing" or organisation in {"", domain}:
        return own
    return names.ask_policies(f"_dmarc.{organisation}", "v=DMARC1")


def is_strict(domain: str, names: Names) -> bool:
    """Whether only a signature of the very same domain counts."""
    try:
        return any(records.read_dmarc(text).is_strict for text in ask_dmarc(domain, names).values)
    except ValueError:
        return False


def check_mx(domain: str, names: Names) -> Sequence[Finding]:
    """Answers and bounces must find their way back."""
    answer = names.ask(domain, "MX")
    if trouble := _get_trouble("mx", answer, "mx_missing", domain):
        return [trouble]
    hosts = [value.partition(" ")[2].rstrip(".") for value in answer.values]
    if not any(hosts):
        return [failed("mx", "mx_null", domain)]
    return [passed("mx", "mx_ok", ", ".join(hosts))]


def _get_trouble(check: str, answer: Answer, missing: str, detail: str) -> Finding | None:
    if answer.trouble == "missing":
        return failed(check, missing, detail)
    return unclear(check, f"dns_{answer.trouble}", detail) if answer.trouble else None
