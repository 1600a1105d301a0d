"""When a colleague knew better than the score, and said so."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class GradeOverride(models.Model):
    """One act: a grade was set, or with an empty grade the computed one counts again. Only
    appended; a trigger refuses changes. The newest one of a lead is what its columns say.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="overrides")
    grade = models.CharField(_("grade"), max_length=2, blank=True)
    computed = models.CharField(_("computed"), max_length=2)
    reason = models.CharField(_("reason"), max_length=200)
    until = models.DateField(_("until"), null=True, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )

    class Meta:
        verbose_name = _("grade set by hand")
        verbose_name_plural = _("grades set by hand")
        indexes = [models.Index(fields=["lead", "-at"], name="override_newest_first")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.grade}"
