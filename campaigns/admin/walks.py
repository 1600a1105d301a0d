"""The time machine: one respondent, made up or real, led through the coming months in a moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments import examples, overview, profiles
from campaigns import drafts, planner, publishing, rendering, sequences, simulating, walking
from campaigns.admin.pages import Page
from campaigns.admin.readers import NAME, TIERS, get_language_choices, get_own_language
from campaigns.admin.steps import Name, get_names
from campaigns.models import Campaign, Enrolment, Step
from campaigns.words import describe_reason
from pmoportal.cockpit import LANGUAGES, build_frame, offer

DAYS = 120
CONFIRMED = time(9)
MARKS = {
    "sent": ("good", _("Leaves")),
    "held": ("plain", _("Waits")),
    "skipped": ("warn", _("Skipped")),
    "dropped": ("warn", _("Dropped")),
    "finished": ("plain", _("The end")),
    "never_open": ("bad", _("Never")),
}


class Choices(forms.Form):
    """Whom to lead, and from when. A real person's address puts the made-up one aside."""

    weakest = forms.ChoiceField(label=_("Weakest role"), required=False)
    second = forms.ChoiceField(label=_("Second weakest"), required=False)
    tier = forms.ChoiceField(label=_("Both are"), choices=TIERS, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    name = forms.BooleanField(label=_("Has told a first name"), required=False)
    start = forms.DateField(
        label=_("Confirms on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    edition = forms.ChoiceField(
        label=_("Edition"),
        required=False,
        choices=[("", _("the draft, as it is now")), ("published", _("what is published"))],
    )
    person = forms.EmailField(
        label=_("Or a real person under way"),
        required=False,
        help_text=_("An address. You see what is still to come."),
    )

    def __init__(self, data: Any, *, campaign: Campaign, may_find: bool) -> None:
        super().__init__(data)
        self.campaign = campaign
        roles = [(key, name) for key, name in overview.get_roles()[campaign.assessment.key].items()]
        offer(self, "weakest", roles)
        offer(self, "second", [("", "–"), *roles])
        offer(self, "language", get_language_choices())
        if not may_find:
            del self.fields["person"]

    def clean_start(self) -> Any:
        start = self.cleaned_data["start"]
        if start and start.year not in simulating.YEARS:
            raise ValidationError(_("Choose a day nearer to now."))
        return start

    def clean_person(self) -> Enrolment | None:
        email = self.cleaned_data["person"]
        if not email:
            return None
        found = (
            Enrolment.objects.filter(
                campaign=self.campaign, respondent__email=profiles.normalise_email(email)
            )
            .select_related("campaign", "version", "respondent")
            .order_by("-started_at")
            .first()
        )
        if found is None:
            raise ValidationError(_("Nobody with this address has entered the campaign."))
        if found.state != Enrolment.State.ACTIVE:
            raise ValidationError(
                _("Nothing more is to come for this person: %(why)s")
                % {"why": describe_reason(found.reason or found.state)}
            )
        return found


@dataclass(kw_only=True)
class Journey:
    """Who is led, through which document, from when; asked for once per page."""

    document: dict[str, Any]
    profile: profiles.Profile
    start: datetime
    enrolment: Enrolment | None = None

    @cached_property
    def stops(self) -> list[walking.Stop]:
        if self.enrolment:
            return simulating.go_on(enrolment=self.enrolment, now=self.start, days=DAYS)
        return simulating.simulate(
            document=self.document, profile=self.profile, start=self.start, days=DAYS
        )

    def render(self, stop: walking.Stop) -> rendering.Rendered:
        return simulating.render(document=self.document, stop=stop, profile=self.profile)


@dataclass(frozen=True, kw_only=True)
class Line:
    """`frame` is where the mail of the stop is shown, `fault` why it cannot be."""

    day: int
    at: datetime
    until: datetime | None
    mark: str
    label: str
    step: str
    subject: str
    reason: str
    holiday: str
    frame: str
    fault: str


def show(request: HttpRequest, campaign: Campaign) -> Mapping[str, Any]:
    form = _read(request, campaign)
    page: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return page
    journey = _begin(campaign, form.cleaned_data)
    if journey is None:
        return page | {"missing": True}
    return page | {
        "profile": journey.profile,
        "is_real": journey.enrolment is not None,
        "lines": list(_describe(request, campaign, journey)),
        "mails": sum(stop.ending == "sent" for stop in journey.stops),
        "days": DAYS,
    }


def show_mail(request: HttpRequest, campaign: Campaign, number: int) -> HttpResponse:
    """The mail of one stop, for a frame."""
    form = _read(request, campaign)
    journey = _begin(campaign, form.cleaned_data) if form.is_valid() else None
    if journey is None or number >= len(journey.stops):
        raise Http404
    stop = journey.stops[number]
    if stop.ending != "sent":
        raise Http404
    try:
        return build_frame(journey.render(stop).html)
    except (LookupError, ValueError):
        raise Http404 from None


def _read(request: HttpRequest, campaign: Campaign) -> Choices:
    asked = request.GET.dict()
    if not asked:
        asked = {"name": "on", "start": timezone.localdate().isoformat()}
        asked["language"] = get_own_language()
    may_find = request.user.has_perm("campaigns.view_enrolment")
    return Choices(asked, campaign=campaign, may_find=may_find)


def _begin(campaign: Campaign, chosen: dict[str, Any]) -> Journey | None:
    """None when there is nothing published to go by."""
    now = timezone.now()
    if enrolment := chosen.get("person"):
        profile = profiles.get_profile(enrolment.response_id)
        document = enrolment.version.document
        if profile is None:
            return None
        return Journey(document=document, profile=profile, start=now, enrolment=enrolment)
    version = publishing.get_published(key=campaign.key)
    if chosen["edition"] and version is None:
        return None
    document = version.document if chosen["edition"] and version else None
    day = chosen["start"] or timezone.localdate(now)
    start = timezone.make_aware(datetime.combine(day, CONFIRMED))
    roles = profiles.get_role_keys(assessment_key=campaign.assessment.key)
    if not roles:
        return None
    weakest = (chosen["weakest"] or roles[0], chosen["second"])
    profile = examples.make_up(
        assessment_key=campaign.assessment.key,
        weakest=list(dict.fromkeys(filter(None, weakest))),
        tier=chosen["tier"] or "weak",
        language=chosen["language"] or LANGUAGES[0],
        first_name=NAME if chosen["name"] else "",
        now=start,
    )
    if profile is None:
        return None
    return Journey(
        document=document or drafts.build_document(campaign=campaign), profile=profile, start=start
    )


def _describe(request: HttpRequest, campaign: Campaign, journey: Journey) -> Iterator[Line]:
    names = get_names({0: journey.document["campaign"]["steps"]})
    query = request.GET.urlencode()
    began = timezone.localdate(journey.enrolment.started_at if journey.enrolment else journey.start)
    for number, stop in enumerate(journey.stops):
        subject, fault, frame = "", "", ""
        if stop.ending == "sent":
            try:
                subject = journey.render(stop).subject
                page = reverse("admin:campaigns_campaign_walk_mail", args=[campaign.pk, number])
                frame = f"{page}?{query}"
            except (LookupError, ValueError):
                fault = gettext("This text cannot be made into a mail yet.")
        day = timezone.localdate(stop.at)
        kind, label = MARKS[stop.ending]
        yield Line(
            day=(day - began).days,
            at=stop.at,
            until=stop.until,
            mark=kind,
            label=str(label),
            step=_get_name(stop.step, names),
            subject=subject,
            reason=describe_reason(stop.reason) if stop.reason else "",
            holiday=sequences.get_holiday(day) if stop.reason == "window" else "",
            frame=frame,
            fault=fault,
        )


def _get_name(step: planner.Step | None, names: Mapping[str, Name]) -> str:
    """A tip is told by its role; what else a mail is, beside its subject, by its kind."""
    if step is None:
        return ""
    return names[step.key].words if step.kind == "tip" else str(Step.Kind(step.kind).label)


WALK = Page(name="walk", view=show, label=_("Time machine"))
WALK_MAIL = Page(name="walk_mail", view=show_mail, path="walk/<int:number>/")
