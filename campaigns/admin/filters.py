"""Filters of the lists of people and mails that the pages of a campaign link to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns import ledger
from campaigns.admin.steps import get_names
from campaigns.ledger import OF_MESSAGES, Ending
from campaigns.models import Enrolment, Message
from campaigns.words import HOLDS, REASONS, describe_reason


class CampaignFilter(admin.RelatedFieldListFilter):
    """Django would name it after the column, in English."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("campaign")


class ReasonFilter(admin.SimpleListFilter):
    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, words) for code, words in REASONS.items() if code not in HOLDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(reason=self.value()) if self.value() else queryset


class StepFilter(admin.SimpleListFilter):
    """Of mails. Steps have names only within a campaign, so it is there when one is chosen."""

    title = _("step")
    parameter_name = "step"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        steps = _get_steps(request, "enrolment__campaign__id__exact")
        names = {key: str(name) for key, name in get_names(steps).items()}
        chosen = self.value()
        return [*({chosen: chosen} | names if chosen else names).items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(step_key=self.value()) if self.value() else queryset


class AtStepFilter(admin.SimpleListFilter):
    """Of people, by what has become of a step without a message: `<ending>:<step>[:<reason>]`.
    Pages link to it; it is there only when it was followed.
    """

    title = _("step")
    parameter_name = "at"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.steps = _get_steps(request, "campaign__id__exact")
        super().__init__(request, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if (place := self._read()) is None:
            return []
        ending, step_key, *reason = place
        parts = [Ending(ending).label, get_names(self.steps).get(step_key, step_key)]
        parts += [describe_reason(code) for code in reason]
        return [(str(self.value()), " · ".join(str(part) for part in parts if str(part)))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
        if (place := self._read()) is None:
            return queryset
        ending, step_key, *reason = place
        return ledger.get_people(
            people=queryset,
            steps=self.steps,
            ending=Ending(ending),
            step_key=step_key,
            reason=reason[0] if reason else None,
        )

    def _read(self) -> list[str] | None:
        place = (self.value() or "").split(":", 2)
        is_known = place[0] in Ending.values and Ending(place[0]) not in OF_MESSAGES
        return place if self.steps and len(place) > 1 and is_known else None


def _get_steps(request: HttpRequest, parameter: str) -> ledger.Steps:
    chosen = request.GET.get(parameter, "")
    return ledger.get_steps(campaign_id=int(chosen)) if chosen.isdecimal() else {}
