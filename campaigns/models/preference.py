"""How a person wants our mail, beside whether; and a move to another address under way."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """What one person has chosen. Without a row, nothing was. A campaign's own cap still holds:
    the longer of the two does.
    """

    respondent = models.OneToOneField(
        "assessments.Respondent",
        models.CASCADE,
        primary_key=True,
        related_name="preference",
        verbose_name=_("person"),
    )
    cap_days = models.PositiveSmallIntegerField(
        _("days between mails"),
        default=0,
        help_text=_("At most one campaign mail in this many days; 0 leaves it to the campaigns."),
    )
    objected_at = models.DateTimeField(
        _("objected"),
        null=True,
        blank=True,
        help_text=_("To all use of the data for marketing; over when the person says yes again."),
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.pk)


class AddressChange(models.Model):
    """A wish to get mail at another address. Nothing changes before it is proved there."""

    respondent = models.ForeignKey(
        "assessments.Respondent", models.CASCADE, related_name="address_changes"
    )
    email = models.EmailField(_("new address"))
    asked_at = models.DateTimeField(_("asked"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of address")
        verbose_name_plural = _("changes of address")
        indexes = [models.Index(fields=["asked_at"], name="address_change_by_age")]

    def __str__(self) -> str:
        return str(self.pk)
