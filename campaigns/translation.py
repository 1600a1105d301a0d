"""Which draft texts exist in every language. Own text is checked at publish, not by the form."""

from modeltranslation.translator import TranslationOptions, register

from campaigns.models import Campaign, Step, Tip


@register(Campaign)
class CampaignNames(TranslationOptions):
    fields = ("name",)


@register(Step)
class StepTexts(TranslationOptions):
    fields = ("subject", "subject_b", "preview", "body")


@register(Tip)
class TipTexts(TranslationOptions):
    fields = ("subject", "subject_b", "preview", "body")
