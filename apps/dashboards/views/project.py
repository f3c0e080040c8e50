"""The first page of a project."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from apps.dashboards.overview import overview_of
from apps.dashboards.visits import last_visit
from apps.projects.views import ProjectMixin


class ProjectPage(ProjectMixin, TemplateView):
    template_name = "dashboards/project.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.localtime()
        last_visit(self.person, now)
        overview = overview_of(self.project, self.person, now.date())
        return super().get_context_data(overview=overview, bar=overview.bar, **kwargs)
