"""When people were last here: what the page "What changed" counts from."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Visit(models.Model):
    """The present visit of a person and the one before it. A visit ends with half an hour of silence."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="visit"
    )
    seen_at = models.DateTimeField()
    before = models.DateTimeField(null=True)  # when the visit before this one ended

    def __str__(self) -> str:
        return f"{self.user} {self.seen_at}"
