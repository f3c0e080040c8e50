"""Lists of monitors: of all projects, and of one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.views.generic import ListView

from apps.accounts.models import User
from apps.monitoring import lists
from apps.monitoring.forms.filters import MonitorFilterForm
from apps.monitoring.models import Monitor
from apps.monitoring.pages.rows import MonitorRow
from apps.projects.models import Project
from apps.projects.views import ProjectMixin


class AllMonitors(LoginRequiredMixin, ListView[Monitor]):
    template_name = "monitoring/all.html"
    paginate_by = lists.PAGE_SIZE

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def in_project(self) -> Project | None:
        return None

    @cached_property
    def form(self) -> MonitorFilterForm:
        return MonitorFilterForm(self.request.GET)

    def get_queryset(self) -> QuerySet[Monitor]:
        monitors = lists.monitors_of(self.person, self.in_project())
        return lists.filtered_monitors(monitors, self.form.chosen())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = [MonitorRow(monitor) for monitor in context["object_list"]]
        return {**context, "form": self.form, "filtered": bool(self.form.chosen()), "rows": rows}


class MonitorList(ProjectMixin, AllMonitors):
    template_name = "monitoring/list.html"

    def in_project(self) -> Project | None:
        return self.project
