"""Choosing runs to compare, the comparison itself, and naming the baseline."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.comparison_result import ComparisonResult
from apps.compute.figures.comparison import Named, overlays
from apps.compute.messages import InputRejected
from apps.compute.results import EvaluationResult
from apps.compute.tasks import TASK_KINDS
from apps.evaluations import comparison_report as report
from apps.evaluations.comparisons import in_order, newest_with_baseline
from apps.evaluations.forms import BaselineForm, CompareForm
from apps.evaluations.lists import list_metrics, run_rows
from apps.evaluations.models import Baseline, Comparison, Run, task_label
from apps.evaluations.services import MOST_COMPARED, compare_runs, name_baseline
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin

#: The newest runs to choose from, and comparisons that are listed.
MOST_OFFERED, MOST_LISTED = 100, 20


class Compare(ProjectMixin, TemplateView):
    """Two to five runs are chosen here; the comparisons that there are stand below."""

    template_name = "evaluations/compare.html"

    @cached_property
    def finished(self) -> QuerySet[Run]:
        return (
            Run.objects.filter(project=self.project, result__isnull=False)
            .select_related("model_version__model", "truth", "file")
            .defer("result", "join_report", "file__profile", "truth__profile")
        )

    @cached_property
    def task(self) -> str:
        """Runs of one task compare: the one asked for, or that of the newest run."""
        asked = self.request.GET.get("task", "")
        if asked in {task.value for task in TASK_KINDS}:
            return asked
        newest = self.finished.first()
        return newest.task if newest else ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        form = CompareForm(request.POST, runs=self.finished)
        if not form.is_valid():
            return self._refuse(_("Choose at least two runs of the list."), 400)
        try:
            runs = form.in_order()
            comparison = compare_runs(project=self.project, user=self.person, runs=runs)
        except InputRejected as error:
            return self._refuse(translate(error.message), status_of(error))
        return redirect("evaluations:comparison", self.project.slug, comparison.pk)

    def _refuse(self, sentence: str, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(fault=sentence), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = self.request.POST or self.request.GET
        metrics = list_metrics(self.task)
        offered = list(self.finished.filter(task=self.task)[:MOST_OFFERED])
        tasks = set(self.finished.order_by().values_list("task", flat=True).distinct())
        comparisons = (
            Comparison.objects.filter(project=self.project)
            .select_related("job", "created_by")
            .prefetch_related("runs__model_version__model")
            .defer("result", "runs__result")[:MOST_LISTED]
        )
        return super().get_context_data(
            rows=run_rows(offered, metrics),
            metrics=metrics,
            chosen=set(said.getlist("runs")),
            against=said.get("against", ""),
            task=self.task,
            tasks=[(task, task_label(task)) for task in TASK_KINDS if task in tasks],
            most=MOST_COMPARED,
            comparisons=[(each, _sorted(each)) for each in comparisons],
            **kwargs,
        )


def _sorted(comparison: Comparison) -> list[Run]:
    """The runs in the reader's order, from those that were fetched with the list."""
    found = {run.pk: run for run in comparison.runs.all()}
    return [found[pk] for pk in comparison.run_ids if pk in found]


class ComparisonDetail(ProjectMixin, TemplateView):
    """The comparison; before there is one, how far the work is or why it ended."""

    @cached_property
    def comparison(self) -> Comparison:
        found = Comparison.objects.select_related("job", "created_by")
        return get_object_or_404(found, project=self.project, pk=self.kwargs["comparison"])

    def get_template_names(self) -> list[str]:
        if self.comparison.result is None:
            return ["evaluations/comparison_unfinished.html"]
        return ["evaluations/comparison.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = in_order(self.comparison)
        context = super().get_context_data(**kwargs)
        context |= {"comparison": self.comparison, "job": self.comparison.job}
        if self.comparison.result is None:
            return {**context, "columns": report.columns(runs)}
        result = ComparisonResult.from_json(self.comparison.result)
        columns = report.columns(runs, result)
        settings = report.settings(runs)
        gains = report.gain_rows(result, columns)
        return {
            **context,
            "result": result,
            "columns": columns,
            "lead": report.lead(result, columns),
            "evidence": report.evidence(result, columns),
            "rows": report.metric_rows(result, columns),
            "gains": gains,
            "share_sentence": report.share_sentence(gains[0]) if gains else "",
            "figures": overlays(
                [
                    Named(f"{column.letter} · {column.run}", EvaluationResult.from_json(column.run.result))
                    for column in columns
                    if column.run.result is not None
                ]
            ),
            "settings": [row for row in settings if "all" in self.request.GET or not row.same],
            "same": sum(row.same for row in settings),
            "settings_total": len(settings),
            "show_all": "all" in self.request.GET,
            "most": MOST_COMPARED,
        }


class BaselinePage(ProjectMixin, FormView[BaselineForm]):
    """What the project would do without machine learning. Everybody sees it, managers name it."""

    template_name = "evaluations/baseline.html"
    form_class = BaselineForm

    @cached_property
    def baseline(self) -> Baseline | None:
        return Baseline.objects.select_related("model").filter(project=self.project).first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "project": self.project}

    def get_initial(self) -> dict[str, Any]:
        if self.baseline is None:
            return {}
        known = self.baseline
        return {"model": known.model_id, "kind": known.kind, "description": known.description}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.MANAGE, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: BaselineForm) -> HttpResponse:
        try:
            baseline = name_baseline(project=self.project, user=self.person, **form.cleaned_data)
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.form_invalid(form)
        messages.success(self.request, _("“%(name)s” is the baseline now.") % {"name": baseline.model.name})
        return redirect("evaluations:baseline", self.project.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = newest_with_baseline(self.project)
        compared = {}
        if newest is not None:
            result = ComparisonResult.from_json(newest.result or {})
            columns = report.columns(in_order(newest), result)
            gains = report.gain_rows(result, columns)
            compared = {
                "newest": newest,
                "newest_lead": report.lead(result, columns),
                "newest_share": report.share_sentence(gains[0]) if gains else "",
            }
        runs = (
            Run.objects.filter(project=self.project, model_version__model=self.baseline.model_id)
            if (self.baseline)
            else Run.objects.none()
        )
        return super().get_context_data(
            baseline=self.baseline,
            has_models=self.project.models.exists(),
            baseline_runs=runs.select_related("job").defer("result", "join_report")[:MOST_LISTED],
            **compared,
            **kwargs,
        )
