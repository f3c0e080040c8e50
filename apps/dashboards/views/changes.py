"""What changed since: the audit trail in words, over the portfolio and of one project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import ListView

from apps.accounts.models import User
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.dashboards.trail import Since, changes_of, csv_lines, records
from apps.dashboards.visits import last_visit
from apps.dashboards.words import tell
from apps.history.models import Change
from apps.projects.models import Project
from apps.projects.views import ProjectMixin

PAGE_SIZE = 50


class Changes(LoginRequiredMixin, ListView[Change]):
    """Of all projects. ``?export=csv`` and ``?export=json`` send the same rows as a file."""

    template_name = "dashboards/changes.html"
    paginate_by = PAGE_SIZE
    error = ""

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def in_project(self) -> Project | None:
        return None

    @cached_property
    def since(self) -> Since:
        now = timezone.localtime()
        visit = last_visit(self.person, now)
        try:
            return Since.of(self.request.GET, now, visit)
        except InputRejected as rejected:
            self.error = translate(rejected.message)
            return Since.of({}, now, visit)

    def get_queryset(self) -> QuerySet[Change]:
        return changes_of(self.person, self.since.moment, self.in_project())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        exports = {"csv": csv_lines, "json": json_lines}
        if (wanted := request.GET.get("export", "")) in exports:
            project = self.in_project()
            name = f"changes-{project.slug}" if project else "changes"
            kinds = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
            return StreamingHttpResponse(
                exports[wanted](self.get_queryset()),
                content_type=kinds[wanted],
                headers={"Content-Disposition": f'attachment; filename="{name}.{wanted}"'},
            )
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        query = self.request.GET.copy()
        query.pop("page", None)
        return {
            **context,
            "since": self.since,
            "error": self.error,
            "date": self.request.GET.get("date", "")[:40],
            "rows": tell(list(context["object_list"])),
            "export_query": query.urlencode(),
        }


class ProjectChanges(ProjectMixin, Changes):
    """Of one project."""

    template_name = "dashboards/project_changes.html"

    def in_project(self) -> Project | None:
        return self.project


def json_lines(changes: QuerySet[Change]) -> Iterator[str]:
    """A list of records, sent while it is made."""
    yield "["
    for number, record in enumerate(records(changes)):
        yield ("," if number else "") + "\n" + json.dumps(record, ensure_ascii=False)
    yield "\n]\n"
