"""Saved slices of a project, and what a run is worth on each of them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from apps.analysis.forms import MOST_CHOICES, AskForm, ConditionForms, NameForm
from apps.analysis.kinds import saved_slices as kind
from apps.analysis.models import SavedSlice
from apps.analysis.saved_slices import delete_slice, project_columns, save_slice
from apps.analysis.views.base import AnswerPage, AskPage
from apps.analysis.words import conditions_in_words
from apps.common.translate import translate
from apps.compute.messages import InputRejected, Message
from apps.compute.metrics.registry import METRICS
from apps.compute.results import MetricResult
from apps.compute.tasks import TASK_KINDS
from apps.evaluations.models import MetricValue
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin


class AskSavedSlices(AskPage):
    kind = kind.KEY
    form_class = AskForm


class MeasuredSlices(AnswerPage):
    kind = kind.KEY
    answer_template = "analysis/measured_slices.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        rows = [_measured(each) for each in result["slices"]]
        keys = dict.fromkeys(key for row in rows for key in row["metrics"])
        metrics = [METRICS[key] for key in keys if key in METRICS]
        for row in rows:
            row["cells"] = [(metric, row["metrics"].get(metric.key)) for metric in metrics]
        overall = {m["key"]: MetricResult.from_json(m) for m in (self.run.result or {})["metrics"]}
        return {
            "rows": rows,
            "metrics": metrics,
            "overall": [(metric, overall.get(metric.key)) for metric in metrics],
            "unmeasured": sum(row["problem"] is not None for row in rows),
        }


def _measured(entry: dict[str, Any]) -> dict[str, Any]:
    found = [MetricResult.from_json(metric) for metric in entry["metrics"]]
    return {
        **entry,
        "words": conditions_in_words(entry["conditions"]),
        "problem": entry["problem"] and Message.from_json(entry["problem"]),
        "metrics": {metric.key: metric for metric in found},
    }


class SavedSlices(ProjectMixin, TemplateView):
    """All saved slices with their newest numbers, and a form that saves another by its conditions."""

    template_name = "analysis/saved_slices.html"

    @property
    def slices(self) -> QuerySet[SavedSlice]:
        return SavedSlice.objects.filter(project=self.project).select_related("created_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = self._newest()
        forms = {} if "name_form" in kwargs else {"name_form": NameForm(), "conditions": ConditionForms()}
        return super().get_context_data(
            slices=[
                {"row": row, "words": conditions_in_words(row.conditions), "newest": newest.get(row.name)}
                for row in self.slices
            ],
            columns=list(self.columns)[:MOST_CHOICES],
            **{**forms, **kwargs},
        )

    @cached_property
    def columns(self) -> dict[str, Any]:
        return project_columns(self.project)

    def _newest(self) -> dict[str, dict[str, Any]]:
        """By name of the slice: the newest value of the main metric, with its run."""
        mains = reduce(or_, (Q(run__task=task.key, metric=task.main) for task in TASK_KINDS.values()))
        values = (
            MetricValue.objects.filter(mains, run__project=self.project, slice_column=SavedSlice.COLUMN)
            .annotate(number=F("run__number"))
            .order_by("slice_value", "-run__evaluated_at", "-number")
            .distinct("slice_value")
        )
        return {
            value.slice_value: {"value": value, "metric": METRICS[value.metric], "number": value.number}
            for value in values
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        name_form, conditions = NameForm(request.POST), ConditionForms(request.POST)
        if name_form.is_valid() and conditions.is_valid():
            said = [condition for form in conditions if (condition := form.condition()) is not None]
            try:
                saved = save_slice(
                    project=self.project,
                    user=self.person,
                    name=name_form.cleaned_data["name"],
                    conditions=said,
                )
            except InputRejected as error:
                name_form.add_error(None, translate(error.message))
            else:
                messages.success(
                    request,
                    _("The slice “%(name)s” was saved. The newest runs are measured on it now.")
                    % {"name": saved.name},
                )
                return redirect("analysis:saved-slices", self.project.slug)
        context = self.get_context_data(name_form=name_form, conditions=conditions)
        return self.render_to_response(context, status=422)


class DeleteSlice(ProjectMixin, TemplateView):
    """Asks first: requirements that name the slice lose their evidence."""

    template_name = "analysis/delete_slice.html"
    action = Action.UPLOAD

    @cached_property
    def saved(self) -> SavedSlice:
        found: SavedSlice = get_object_or_404(
            SavedSlice.objects.select_related("project"),
            project=self.project,
            pk=self.kwargs["saved_slice"],
        )
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = conditions_in_words(self.saved.conditions)
        return super().get_context_data(saved=self.saved, words=words, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = self.saved.name
        delete_slice(saved=self.saved, user=self.person)
        messages.success(request, _("The slice “%(name)s” was deleted.") % {"name": name})
        return redirect("analysis:saved-slices", self.project.slug)
