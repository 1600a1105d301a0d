"""Which draft texts exist in every language. Versions and documents hold all languages at once."""

from modeltranslation.translator import TranslationOptions, register

from assessments.models import Assessment, Choice, Question, Role, RoleText, VerdictText


@register(Assessment)
class AssessmentTexts(TranslationOptions):
    fields = (
        "title",
        "article_title",
        "article_preamble",
        "article_body",
        "article_signals_heading",
        "article_roles_heading",
        "article_roles_intro",
        "article_shift_heading",
        "article_shift_text",
        "article_invitation_heading",
        "article_invitation_text",
        "article_start_label",
    )
    required_languages = ("sv", "en")


@register(VerdictText)
class VerdictTexts(TranslationOptions):
    fields = ("title", "text")
    required_languages = ("sv", "en")


@register(Role)
class RoleNames(TranslationOptions):
    fields = ("name", "description")
    required_languages = ("sv", "en")


@register(RoleText)
class RoleTexts(TranslationOptions):
    fields = ("text", "step")
    required_languages = ("sv", "en")


@register(Question)
class QuestionTexts(TranslationOptions):
    fields = ("signal", "signal_text", "text")
    required_languages = {"sv": ("text",), "en": ("text",)}


@register(Choice)
class ChoiceTexts(TranslationOptions):
    fields = ("label",)
    required_languages = ("sv", "en")
