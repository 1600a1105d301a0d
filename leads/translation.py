"""Which texts exist in every language."""

from modeltranslation.translator import TranslationOptions, register

from leads.models import ClosingReason, OpeningQuestion


@register(ClosingReason)
class ClosingReasonNames(TranslationOptions):
    fields = ("name",)
    required_languages = ("sv", "en")


@register(OpeningQuestion)
class OpeningQuestionTexts(TranslationOptions):
    fields = ("text",)
    required_languages = ("sv", "en")
