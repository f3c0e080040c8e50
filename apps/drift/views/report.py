"""The page of a report: progress, what went wrong, or what was found; and its column in detail."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from apps.compute.drift.result import DriftResult, Verdict
from apps.compute.figures.drift import column as column_figure
from apps.drift import lists, report_page, words
from apps.drift.models import ColumnDrift, DriftReport, EvidentlyReport
from apps.drift.rows import ColumnRow, column_rows
from apps.projects.views import ProjectMixin


class ReportMixin(ProjectMixin):
    """Finds the report of the address in the project."""

    @cached_property
    def report(self) -> DriftReport:
        reports = DriftReport.objects.select_related(
            "job",
            "project",
            "created_by",
            *(f"{side}_{what}" for side in ("current", "reference") for what in ("file", "version__dataset")),
        ).defer(
            *(f"{side}_file__{field}" for side in ("current", "reference") for field in ("profile", "roles"))
        )
        return get_object_or_404(reports, project=self.project, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "report": self.report, "job": self.report.job}


class ReportDetail(ReportMixin, TemplateView):
    """`?q=` and `?verdict=` filter the columns, `?sort=` orders them, `?column=` is the place of the one in
    detail.
    """

    def get_template_names(self) -> list[str]:
        return ["drift/report.html" if self.report.is_finished else "drift/unfinished.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if not self.report.is_finished:
            return context
        result = DriftResult.from_json(self.report.result or {})
        key = report_page.key_columns(self.report)
        return {
            **context,
            **self._columns(),
            **self._details(key.chosen),
            "result": result,
            "said": report_page.say(self.report, result, key),
            "figures": report_page.summary(self.report, result, key),
            "figure": report_page.over_time(self.report, result, key),
            "checks": report_page.quality_count(result),
            "classifier": _classifier(result),
            "evidently": EvidentlyReport.objects.select_related("job").filter(report=self.report).first(),
        }

    def _columns(self) -> dict[str, Any]:
        query = self.request.GET
        counts = lists.counts_by_verdict(self.report)
        verdict = query.get("verdict", "")
        verdict = verdict if verdict in set(Verdict) else ""
        sort = query.get("sort", "")
        sort = sort if sort.removeprefix("-") in lists.COLUMN_ORDERS else ""
        search = query.get("q", "").strip()[:200]
        found = lists.filtered_columns(self.report, search, verdict, sort)
        page: Page[ColumnDrift] = Paginator(found, lists.PAGE_SIZE).get_page(query.get("page") or 1)
        return {
            "page": page,
            "rows": column_rows(page.object_list),
            "left": page.paginator.count - page.end_index(),
            "total": sum(counts.values()),
            "verdicts": [(key, words.VERDICTS[Verdict(key)][1], n) for key, n in counts.items()],
            "verdict": verdict,
            "search": search,
            "sort": sort or "-strength",
            "kept": _kept(query, "column", "page"),
            "kept_more": _kept(query, "page"),
        }

    def _details(self, default: int) -> dict[str, Any]:
        place = self.request.GET.get("column", "")
        known = int(place) if place.isdecimal() and len(place) < 9 else default
        column = self.report.columns.filter(place=known).first()
        if column is None:
            return {"chosen": None}
        chosen = ColumnRow(column)
        return {"chosen": chosen, "column_figure": column_figure(chosen.found)}


def _kept(query: Any, *without: str) -> str:
    """The query of the address without some of its parts, to be gone on with."""
    kept = query.copy()
    for name in without:
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""


def _classifier(result: DriftResult) -> dict[str, Any] | None:
    if result.table is None:
        return None
    most = max((driver.loss for driver in result.table.drivers), default=0.0)
    return {
        "table": result.table,
        "title": words.classifier_title(result.table),
        "text": words.classifier_text(result.table),
        "drivers": [
            (driver, f"{100 * max(0.0, driver.loss) / most:.1f}" if most > 0 else "0")
            for driver in result.table.drivers
        ],
    }
