from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=100)
    written_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text
