"""The first page of a project."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from apps.projects.access import role_of
from apps.projects.views import ProjectMixin


class ProjectPage(ProjectMixin, TemplateView):
    template_name = "dashboards/project.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        members = self.project.memberships.select_related("user").order_by("pk")[:20]
        role = role_of(self.person, self.project)
        return super().get_context_data(members=members, role=role.label if role else "", **kwargs)
