from django.db import models


class Recipient(models.Model):
    email = models.EmailField()
    values = models.JSONField()
    is_sent = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True)
