"""Naming what the project would do without machine learning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from apps.common.translate import translate
from apps.compute.comparison_result import ComparisonResult
from apps.compute.messages import InputRejected
from apps.evaluations import comparison_report as report
from apps.evaluations.comparisons import in_order, newest_with_baseline
from apps.evaluations.forms import BaselineForm
from apps.evaluations.models import Baseline, Run
from apps.evaluations.services import name_baseline
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin

#: Runs of the baseline that are listed.
MOST_LISTED = 20


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
