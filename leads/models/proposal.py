"""A sheet of changes that somebody looks at before it is done."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Proposal(models.Model):
    """The lines of an uploaded file that would change something. Kept for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("file"), max_length=100)
    lines = models.JSONField(default=list)
    created_at = models.DateTimeField(db_index=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")

    def __str__(self) -> str:
        return self.name
