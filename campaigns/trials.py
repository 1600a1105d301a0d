"""Two subjects of one mail tried against each other: who got which, and what they did then."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from campaigns import cohorts, sequences
from campaigns.models import Campaign, CampaignVersion, Message
from campaigns.sequels import MEASURES, WITHIN, Measure

COHORTS = ("a", "b")
SECOND = "/b"
Texts = Mapping[str, str]  # by language


@dataclass(frozen=True, kw_only=True)
class Trial:
    """`source` is `step:<key>` or `tip:<key>`. `sent` counts all who got each subject; `results`
    only those who have had WITHIN since, so that everybody had the same time.
    """

    source: str
    subjects: Sequence[Texts]
    sent: Sequence[int]
    results: Sequence[tuple[Measure, cohorts.Comparison]]


@dataclass(kw_only=True)
class Pair:
    """Two subjects, and what has been counted of them by (what, cohort)."""

    source: str
    subjects: tuple[Texts, Texts]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


def get_trials(*, campaign: Campaign, now: datetime) -> list[Trial]:
    """Newest first. Whoever changes one of two subjects begins a new trial."""
    pairs: dict[str, Pair] = {}
    by_digest: dict[str, Pair] = {}
    by_version: dict[tuple[int, str], Pair] = {}
    versions = CampaignVersion.objects.filter(campaign=campaign).order_by("-number")
    for version, compiled in versions.values_list("pk", "compiled"):
        for found, digests in _find_pairs(version, compiled):
            pair = pairs.setdefault(f"{found.source}\0{found.subjects}", found)
            for digest in digests:
                by_digest.setdefault(digest, pair)
                by_version[version, digest] = pair
    for row in _count(campaign, now) if pairs else ():
        # One text may be in several pairs; the version that the person is in says which it was.
        version, digest, variant = row["enrolment__version"], row["compiled"], row["variant"]
        pair = by_version.get((version, digest)) or by_digest[digest]
        for what in ("sent", "ripe", *(measure.key for measure in MEASURES)):
            pair.counts[what, variant] += row[what]
    return [_judge(pair) for pair in pairs.values()]


def _find_pairs(version: int, compiled: Mapping[str, str]) -> Iterator[tuple[Pair, set[str]]]:
    """Each mail of the version that has two subjects, with the digests of both."""
    doubled = [place.removesuffix(SECOND) for place in compiled if place.endswith(SECOND)]
    document = sequences.get_document(version) if doubled else {}
    for source in dict.fromkeys(place.rpartition("/")[0] for place in doubled):
        places = [place for place in doubled if place.rpartition("/")[0] == source]
        text = _get_text(document, source)
        pair = Pair(source=source, subjects=(text["subject"], text.get("subject_b", {})))
        yield pair, {compiled[place + end] for place in places for end in ("", SECOND)}


def _get_text(document: dict[str, Any], source: str) -> dict[str, Any]:
    kind, _colon, key = source.partition(":")
    texts = document["tips"] if kind == "tip" else document["campaign"]["steps"]
    return next(text for text in texts if text["key"] == key)


def _count(campaign: Campaign, now: datetime) -> Any:
    ripe = Q(sent_at__lte=now - WITHIN)
    mails = Message.objects.filter(
        enrolment__campaign=campaign, state=Message.State.SENT, variant__in=COHORTS
    )
    return (
        mails.values("enrolment__version", "compiled", "variant")
        .order_by()
        .annotate(
            sent=Count("pk"),
            ripe=Count("pk", filter=ripe),
            **{each.key: Count("pk", filter=ripe & Q(each.happened)) for each in MEASURES},
        )
    )


def _judge(pair: Pair) -> Trial:
    counts = pair.counts
    results = []
    for measure in MEASURES:
        a, b = ((counts[measure.key, each], counts["ripe", each]) for each in COHORTS)
        compared = cohorts.compare(a=a, b=b, is_more_better=measure.is_more_better)
        results.append((measure, compared))
    return Trial(
        source=pair.source,
        subjects=pair.subjects,
        sent=[counts["sent", each] for each in COHORTS],
        results=results,
    )
