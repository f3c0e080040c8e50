"""The queryset of everything that belongs to a project."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from apps.accounts.models import User
from apps.projects.access import visible

M = TypeVar("M", bound=models.Model)


class ProjectRows(models.QuerySet[M]):
    """Rows with a ``project``."""

    def visible_to(self, user: User) -> models.QuerySet[M]:
        return visible(self, user)
