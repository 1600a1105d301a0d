"""What one answer may look like on its way in."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _


class AnswerForm(forms.Form):
    """One choice of one question. Anything but exactly one known key is a field error."""

    def __init__(self, question: dict[str, Any], posted: QueryDict) -> None:
        super().__init__(posted)
        self.fields["choice"] = forms.ChoiceField(
            choices=[(choice["key"], choice["label"]) for choice in question["choices"]],
            error_messages={
                "required": _("Choose the answer that fits best, then go on."),
                "invalid_choice": _("That is not one of the answers. Choose one of those shown."),
            },
        )
        self.has_several = len(posted.getlist("choice")) > 1

    def clean(self) -> dict[str, Any]:
        if self.has_several:
            self.add_error("choice", _("Choose one answer only."))
        return self.cleaned_data
