"""The list of reports with its time line, and how drift is measured."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView

from apps.compute.drift.result import DriftResult
from apps.drift import lists, report_page
from apps.drift.forms import ReportFilterForm
from apps.drift.methods import methods
from apps.drift.models import DriftReport, Reference
from apps.projects.views import ProjectMixin


class ReportList(ProjectMixin, ListView[DriftReport]):
    template_name = "drift/list.html"
    paginate_by = lists.PAGE_SIZE

    @cached_property
    def form(self) -> ReportFilterForm:
        return ReportFilterForm(self.request.GET)

    @property
    def sort(self) -> str:
        wanted = self.request.GET.get("sort", "")
        return wanted if wanted.removeprefix("-") in lists.REPORT_ORDERS else "-number"

    def get_queryset(self) -> QuerySet[DriftReport]:
        found = lists.filtered_reports(lists.listed_reports(self.project), self.form.chosen())
        return lists.ordered_reports(found, self.sort)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form,
            filtered=bool(self.form.chosen()),
            sort=self.sort,
            reference=Reference.objects.select_related("file", "version__dataset", "set_by")
            .defer("file__profile", "file__roles")
            .filter(project=self.project)
            .first(),
            **self._newest(),
            **kwargs,
        )

    def _newest(self) -> dict[str, Any]:
        """What the newest finished report says, and how it came to that."""
        newest = (
            DriftReport.objects.filter(project=self.project, result__isnull=False).order_by("-number").first()
        )
        if newest is None:
            return {"newest": None}
        result = DriftResult.from_json(newest.result or {})
        key = report_page.key_columns(newest)
        return {
            "newest": newest,
            "said": report_page.say(newest, result, key),
            "figure": report_page.over_time(newest, result, key, inside=False),
        }


class Methods(ProjectMixin, TemplateView):
    """Every way to compare a column, in plain words."""

    template_name = "drift/methods.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(methods=methods(), **kwargs)
