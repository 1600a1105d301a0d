"""The form of the rules of the score: a number for each part of the document."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.models import Edition
from leads.scoring_rules import (
    ENGAGEMENTS,
    FITS,
    KINDS,
    LONGEST_HALF_LIFE,
    MOST_POINTS,
    FactRule,
    Rules,
    find_faults,
)
from leads.words import FACTS, RULE_FAULTS


class RulesForm(forms.Form):
    """`start` fills it; `in_force` is what whoever publishes believes to replace."""

    note = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("For whoever looks back.")
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any, *, start: Edition, in_force: Edition) -> None:
        super().__init__(data, initial={"expected": in_force.number})
        for name, value, least, most in _list_numbers(start.rules):
            self.fields[name] = forms.IntegerField(
                min_value=least,
                max_value=most,
                initial=value,
                widget=forms.NumberInput(attrs={"min": least, "max": most}),
            )
        for kind in KINDS:
            self._label(f"points_{kind}", _("points when fresh"), kind)
            self._label(f"days_{kind}", _("half after days"), kind)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            for fault in find_faults(self.get_rules()):
                self.add_error(None, RULE_FAULTS[fault])
        return values

    def get_rules(self) -> Rules:
        values = self.cleaned_data
        fit_a, fit_b, fit_c = (values[f"fit_{letter}"] for letter in FITS[:3])
        first, second, third = (values[f"engagement_{digit}"] for digit in ENGAGEMENTS[:3])
        return Rules(
            facts={
                kind: FactRule(
                    points=values[f"points_{kind}"], half_life_days=values[f"days_{kind}"]
                )
                for kind in KINDS
            },
            fit_floors=(fit_a, fit_b, fit_c),
            engagement_floors=(first, second, third),
            most=values["most"],
        )

    @property
    def facts(self) -> list[tuple[Any, Any, Any]]:
        """One line for each kind: its name, and its two fields."""
        return [(FACTS[kind], self[f"points_{kind}"], self[f"days_{kind}"]) for kind in KINDS]

    @property
    def fits(self) -> list[tuple[str, Any]]:
        return [(letter, self[f"fit_{letter}"]) for letter in FITS[:3]]

    @property
    def engagements(self) -> list[tuple[str, Any]]:
        return [(digit, self[f"engagement_{digit}"]) for digit in ENGAGEMENTS[:3]]

    def _label(self, name: str, words: Any, kind: str) -> None:
        self.fields[name].widget.attrs["aria-label"] = f"{FACTS[kind]}: {words}"


def _list_numbers(rules: Rules) -> Iterator[tuple[str, int, int, int]]:
    """Name, value, least and most of every number in the rules."""
    for kind in KINDS:
        rule = rules.facts.get(kind, FactRule(points=0, half_life_days=30))
        yield f"points_{kind}", rule.points, 0, MOST_POINTS
        yield f"days_{kind}", rule.half_life_days, 1, LONGEST_HALF_LIFE
    for letter, floor in zip(FITS, rules.fit_floors, strict=False):
        yield f"fit_{letter}", floor, 1, MOST_POINTS
    for digit, floor in zip(ENGAGEMENTS, rules.engagement_floors, strict=False):
        yield f"engagement_{digit}", floor, 1, MOST_POINTS
    yield "most", rules.most, 1, MOST_POINTS
