"""Choosing runs to compare, and the comparison itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apps.common.problems import status_of
from apps.common.translate import translate
from apps.compute.comparison_result import ComparisonResult
from apps.compute.figures.comparison import Named, overlays
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.results import EvaluationResult, Task
from apps.compute.tasks import TASK_KINDS
from apps.evaluations import comparison_report as report
from apps.evaluations.comparison_flips import flip_counts, of_classes
from apps.evaluations.comparison_repeats import Repeats, repeats
from apps.evaluations.comparison_settings import settings
from apps.evaluations.comparison_table import Choice, run_rows_of
from apps.evaluations.comparison_ties import ties_shown
from apps.evaluations.comparisons import in_order, is_complete
from apps.evaluations.forms import CompareForm
from apps.evaluations.lists import list_metrics, run_rows
from apps.evaluations.models import Comparison, MetricValue, Run, task_label
from apps.evaluations.services import MOST_COMPARED, check_compared, compare_runs
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin

#: The newest runs to choose from, and comparisons that are listed.
MOST_OFFERED, MOST_LISTED = 100, 20
#: Of a run's number.
MOST_DIGITS = 9


class Compare(ProjectMixin, TemplateView):
    """Runs are chosen here; the comparisons that there are stand below. ``?runs=3,5,9`` opens the comparison
    of these runs, or offers to make it.
    """

    template_name = "evaluations/compare.html"

    @cached_property
    def finished(self) -> QuerySet[Run]:
        return (
            Run.objects.filter(project=self.project, result__isnull=False)
            .select_related("model_version__model", "truth", "file", "training")
            .defer("result", "join_report", "file__profile", "truth__profile", "training__profile")
        )

    @cached_property
    def task(self) -> str:
        """Runs of one task compare: the one asked for, or that of the runs named, or of the newest run."""
        asked = self.request.GET.get("task", "")
        if asked in {task.value for task in TASK_KINDS}:
            return asked
        newest = self.named[0] if self.named else self.finished.first()
        return newest.task if newest else ""

    @cached_property
    def named(self) -> list[Run]:
        """The runs whose numbers the form or address gives, in that order. InputRejected: unknown ones."""
        given = self.request.POST.getlist("order") or self.request.GET.getlist("runs")
        texts = [text.strip() for part in given for text in part.split(",") if text.strip()]
        numbers = {text: int(text) for text in texts if text.isdecimal() and len(text) <= MOST_DIGITS}
        found = (
            {run.number: run for run in self.finished.filter(number__in=numbers.values())} if texts else {}
        )
        for text in texts:
            if numbers.get(text) not in found:
                raise InputRejected("unknown_run", _UNKNOWN_RUN, number=text[:20])
        return [found[numbers[text]] for text in texts]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            named = self.named
            if named:
                check_compared(self.project, named)
        except InputRejected as error:
            self.named = []
            return self._refuse(translate(error.message), status_of(error))
        ids = [run.pk for run in named]
        known = Comparison.objects.filter(project=self.project, run_ids=ids).first() if named else None
        if known is not None and "aggregate" not in request.GET:
            return redirect("evaluations:comparison", self.project.slug, known.pk)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        form = CompareForm(request.POST, runs=self.finished)
        if "order" not in request.POST and not form.is_valid():
            return self._refuse(_("Choose at least two runs of the list."), 400)
        try:
            runs = self.named if "order" in request.POST else form.in_order()
            comparison = compare_runs(project=self.project, user=self.person, runs=runs)
        except InputRejected as error:
            self.named = []
            return self._refuse(translate(error.message), status_of(error))
        return redirect("evaluations:comparison", self.project.slug, comparison.pk)

    def _refuse(self, sentence: str, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(fault=sentence), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
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
            chosen=self._chosen(offered),
            against=self.request.POST.get("against", ""),
            named=self.named,
            repeats=self._repeats() if self.named and "aggregate" in self.request.GET else None,
            task=self.task,
            tasks=[(task, task_label(task)) for task in TASK_KINDS if task in tasks],
            most=MOST_COMPARED,
            comparisons=[(each, _sorted(each)) for each in comparisons],
            **kwargs,
        )

    def _chosen(self, offered: Sequence[Run]) -> set[str]:
        """Ids of the runs that are ticked: those sent, or those whose numbers ``?add=3,5`` gives."""
        added = {text.strip() for part in self.request.GET.getlist("add") for text in part.split(",")}
        named = {str(run.number) for run in self.named} | added
        by_number = {str(run.pk) for run in offered if str(run.number) in named}
        return by_number | set(self.request.POST.getlist("runs"))

    def _repeats(self) -> Repeats:
        """Seeds and folds of the named runs, each judged on all rows of its own."""
        metrics = list_metrics(self.task)
        found = MetricValue.objects.filter(
            run__in=self.named, slice_column="", slice_value="", metric__in=[m.key for m in metrics]
        )
        known = {(value.run_id, value.metric): value.value for value in found}
        values = {m.key: [known.get((run.pk, m.key)) for run in self.named] for m in metrics}
        return repeats(report.columns(self.named), values, TASK_KINDS[Task(self.task)].main)


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
        choice = Choice.of(self.request.GET, result)
        columns = report.columns(runs, result, choice.draw)
        gains = report.gain_rows(result, columns)
        return {
            **context,
            "result": result,
            "columns": columns,
            "choice": choice,
            "links": choice.links(),
            "metric_fields": choice.others("metric"),
            "other_draw": choice.others("draw"),
            "lead": report.lead(result, columns),
            "evidence": report.evidence(result, columns),
            "baseline_sentence": report.baseline_sentence(result, columns),
            "complete": is_complete(self.comparison),
            "ties": ties_shown(result.metric(choice.metric), columns),
            "metrics": [(each.key, METRICS[each.key].label) for each in result.metrics],
            "gains": gains,
            "share_sentence": report.share_sentence(gains[0]) if gains else "",
            "flips": flip_counts(result, columns),
            "of_classes": of_classes(result),
            "figures": overlays(_drawn(columns)),
            "most": MOST_COMPARED,
            **_tables(result, columns, choice),
        }


def _tables(result: ComparisonResult, columns: Sequence[report.Column], choice: Choice) -> dict[str, Any]:
    rows = report.metric_rows(result, columns, only_differences=choice.only_differences)
    every = settings([column.run for column in columns])
    differing = [row for row in every if not row.same]
    return {
        "rows": rows,
        "run_rows": run_rows_of(rows, differing, columns, choice.sort) if choice.transposed else (),
        "differing": differing,
        "sort": choice.sort,
        "repeats": _repeats_of(result, columns, choice) if choice.aggregated else None,
        "settings": differing if choice.only_differences else every,
        "same": len(every) - len(differing),
        "settings_total": len(every),
    }


def _repeats_of(result: ComparisonResult, columns: Sequence[report.Column], choice: Choice) -> Repeats:
    values = {
        each.key: [None if value is None else value.value for value in each.values] for each in result.metrics
    }
    return repeats(columns, values, choice.metric)


def _drawn(columns: Sequence[report.Column]) -> list[Named]:
    """The results of the runs that are drawn: one query, and no more than a chart can hold."""
    found = Run.objects.filter(pk__in=[column.run.pk for column in columns if column.drawn])
    results = dict(found.values_list("pk", "result"))
    return [
        Named(f"{column.letter} · {column.run}", EvaluationResult.from_json(result))
        for column in columns
        if (result := results.get(column.run.pk)) is not None
    ]


_UNKNOWN_RUN = gettext_noop(
    "The project has no finished run “%(number)s”. Give the numbers of runs that have a result."
)
