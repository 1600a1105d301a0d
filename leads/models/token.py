"""Who may read leads from outside, with what, and until when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    LEADS = "leads:read", _("Read leads, without address and name")
    CONTACT = "leads:contact", _("Address and name of leads, too")
    EVENTS = "events:read", _("Read events")


class Token(models.Model):
    """One integration's key to the API. It is shown once; only its hash is kept."""

    name = models.CharField(
        _("name"), max_length=60, help_text=_("What uses it, such as the name of your CRM.")
    )
    scopes = models.JSONField(_("what it may do"), default=list)
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(
        _("valid until"), null=True, blank=True, help_text=_("Empty: until somebody revokes it.")
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("by"),
    )
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name
