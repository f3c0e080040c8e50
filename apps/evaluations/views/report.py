"""The page of a run: progress, what went wrong, or the report; and its downloads."""

from __future__ import annotations

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from apps.common.sheets import plain_cell
from apps.compute.figures import figures_of
from apps.compute.results import EvaluationResult
from apps.evaluations import report
from apps.evaluations.looks import content_of, corrected_metrics, looks_at
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.provenance import parameter_texts
from apps.projects.views import ProjectMixin

_FILES = ("file", "truth", "training")
_UNSHOWN = [f"{file}__{field}" for file in _FILES for field in ("profile", "roles")]
_UNSHOWN += [f"parent__{field}" for field in ("result", "join_report", "overlap", "parameters", "roles")]


class RunMixin(ProjectMixin):
    """Finds the run of the address in the project."""

    @cached_property
    def run(self) -> Run:
        runs = Run.objects.select_related(
            "job", "file", "truth", "training", "parent", "model_version__model", "created_by"
        ).defer(*_UNSHOWN)
        return get_object_or_404(runs, project=self.project, number=self.kwargs["number"])

    def require_result(self) -> None:
        """404 for a run that has none."""
        if self.run.result is None:
            raise Http404


class RunDetail(RunMixin, TemplateView):
    """The report; before there is one, how far the work is or why it ended."""

    def get_template_names(self) -> list[str]:
        return ["evaluations/unfinished.html" if self.run.result is None else "evaluations/report.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(run=self.run, job=self.run.job, **kwargs)
        if self.run.result is None:
            return context
        return {**context, **self._report(EvaluationResult.from_json(self.run.result))}

    def _report(self, result: EvaluationResult) -> dict[str, Any]:
        query = self.request.GET
        return {
            "result": result,
            "lead": report.lead(result),
            "headline": report.metric_rows(result, headline=True),
            "others": report.metric_rows(result, headline=False),
            "latency": report.latency_rows(result),
            "figures": figures_of(result),
            "threshold": report.threshold_at(result, _share(query.get("threshold"))),
            "classes": report.class_rows(result),
            "slices": report.slice_table(
                result,
                query.get("metric", ""),
                query.get("slice", ""),
                report.MOST_SLICES if "all" in query else report.FIRST_SLICES,
            ),
            "seconds": sum(result.durations.values()),
            "parameters": parameter_texts(self.run.parameters),
            **self._looks(result),
        }

    def _looks(self, result: EvaluationResult) -> dict[str, Any]:
        looks = looks_at(self.project, content_of(self.run))
        return {"looks": looks, "corrected": corrected_metrics(looks, result.metrics)}


def _share(text: str | None) -> float | None:
    """A number between 0 and 1; None for anything that is not a number."""
    try:
        return min(1.0, max(0.0, float(text))) if text else None
    except ValueError:
        return None


class ResultJson(RunMixin, View):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require_result()
        body = {
            "number": self.run.number,
            "name": self.run.name,
            "evaluation": self.run.evaluation_version,
            "result": self.run.result,
        }
        return JsonResponse(body, headers=_attachment(self.run, "json"))


class MetricsCsv(RunMixin, View):
    """Every metric, overall and by slice, one row each."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require_result()
        response = HttpResponse(content_type="text/csv; charset=utf-8", headers=_attachment(self.run, "csv"))
        writer = csv.writer(response)
        columns = ["metric", "slice_column", "slice_value", "value", "low", "high", "n"]
        writer.writerow(columns)
        for row in MetricValue.objects.filter(run=self.run).values_list(*columns).iterator():
            writer.writerow([plain_cell(cell) for cell in row])
        return response


def _attachment(run: Run, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="run-{run.number}.{ending}"'}
