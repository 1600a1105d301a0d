"""That somebody was erased, so that it can be done again when an old backup comes back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """Knows the person by the keyed hash of the address, and holds nothing else about anybody."""

    receipt = models.CharField(_("receipt"), max_length=20, primary_key=True)
    subject_key = models.CharField(_("subject"), max_length=64)
    erased_at = models.DateTimeField(_("erased"), db_index=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")

    def __str__(self) -> str:
        return self.receipt


class AddressKey(models.Model):
    """By which keys the hashes in this database were made; a changed setting is found out."""

    mark = models.CharField(max_length=12, primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.mark
