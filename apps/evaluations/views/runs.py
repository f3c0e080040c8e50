"""The list of runs and what people change about a run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, ListView

from apps.compute.metrics.registry import Metric
from apps.evaluations.forms import EditRunForm, RunFilterForm
from apps.evaluations.lists import filtered, known_order, list_metrics, listed_runs, ordered, run_rows
from apps.evaluations.models import Run, task_label
from apps.evaluations.services import edit_run
from apps.evaluations.views.report import RunMixin
from apps.projects.access import Action
from apps.projects.views import ProjectMixin

PAGE_SIZE = 50


class RunList(ProjectMixin, ListView[Run]):
    template_name = "evaluations/list.html"
    paginate_by = PAGE_SIZE

    @cached_property
    def form(self) -> RunFilterForm:
        return RunFilterForm(self.request.GET, project=self.project)

    @cached_property
    def tasks(self) -> list[str]:
        """The tasks of the project's runs, the most common first."""
        known = Run.objects.filter(project=self.project).exclude(task="").order_by()
        return list(
            known.values("task").annotate(n=Count("pk")).order_by("-n").values_list("task", flat=True)
        )

    @cached_property
    def metrics(self) -> list[Metric]:
        return list_metrics(self.form.chosen().get("task") or (self.tasks[0] if self.tasks else ""))

    @property
    def sort(self) -> str:
        return known_order(self.request.GET.get("sort", ""), self.metrics)

    def get_queryset(self) -> QuerySet[Run]:
        return ordered(filtered(listed_runs(self.project), self.form.chosen()), self.sort)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.form.chosen()
        task = chosen.get("task") or (self.tasks[0] if self.tasks else "")
        return {
            **context,
            "rows": run_rows(list(context["object_list"]), self.metrics),
            "metrics": self.metrics,
            "form": self.form,
            "filtered": bool(chosen),
            "shown_task": task_label(task) if len(self.tasks) > 1 else "",
            "sort": self.sort,
        }


class RunEdit(RunMixin, FormView[EditRunForm]):
    action = Action.UPLOAD
    form_class = EditRunForm
    template_name = "evaluations/edit.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "initial": {"name": self.run.name, "notes": self.run.notes}}

    def form_valid(self, form: EditRunForm) -> HttpResponse:
        edit_run(run=self.run, user=self.person, **form.cleaned_data)
        messages.success(self.request, _("The name and the notes are saved."))
        return redirect("evaluations:detail", self.project.slug, self.run.number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(run=self.run, **kwargs)
