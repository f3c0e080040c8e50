"""What the pages of all questions have in common, and the page that lists them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from apps.analysis import services
from apps.analysis.models import Analysis, Standing
from apps.analysis.registry import KINDS, Params
from apps.common.translate import translate
from apps.compute.messages import InputRejected
from apps.evaluations.views.report import RunMixin
from apps.projects.access import Action, require
from apps.projects.views import ProjectMixin


class Overview(RunMixin, TemplateView):
    """Every question that fits the run, with the answers that there are."""

    template_name = "analysis/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.require_result()
        answers = Analysis.objects.filter(run=self.run).select_related("job").defer("result")
        by_kind: dict[str, list[Analysis]] = {}
        for answer in answers:
            by_kind.setdefault(answer.kind, []).append(answer)
        fitting = [kind for kind in KINDS.values() if kind.fits(self.run.task)]
        return super().get_context_data(
            run=self.run,
            job=self.run.job,
            kinds=[(kind, by_kind.get(kind.key, [])) for kind in fitting],
            standing=Standing.objects.filter(project=self.project),
            **kwargs,
        )


class AskPage(RunMixin, FormView[Any]):
    """The form of one question. ``kind`` is its key; the form's cleaned data become the parameters.

    A form may have a field ``standing``: ask every new run too.
    """

    kind = ""
    template_name = "analysis/ask.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        self.require_result()
        return {**super().get_form_kwargs(), "run": self.run}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(run=self.run, job=self.run.job, kind=KINDS[self.kind], **kwargs)

    def params(self, form: forms.Form) -> Params:
        return {name: value for name, value in form.cleaned_data.items() if name != "standing"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            analysis = services.ask(
                run=self.run,
                user=self.person,
                kind=self.kind,
                params=self.params(form),
                standing=bool(form.cleaned_data.get("standing")),
            )
        except InputRejected as error:
            form.add_error(None, translate(error.message))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return redirect(KINDS[self.kind].url, self.project.slug, self.run.number, analysis.pk)

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class AnswerPage(RunMixin, TemplateView):
    """The answer to one question; before there is one, how far the work is or why it ended."""

    kind = ""
    answer_template = ""

    @cached_property
    def analysis(self) -> Analysis:
        rows = Analysis.objects.filter(project=self.project, run__number=self.kwargs["number"])
        rows = rows.filter(kind=self.kind).select_related("job")
        found: Analysis = get_object_or_404(rows, pk=self.kwargs["analysis"])
        return found

    def get_template_names(self) -> list[str]:
        return ["analysis/unfinished.html" if self.analysis.result is None else self.answer_template]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"run": self.run, "analysis": self.analysis, "job": self.analysis.job, "kind": KINDS[self.kind]}
        context = super().get_context_data(**{**kwargs, **own})
        return context if self.analysis.result is None else {**context, **self.answer(self.analysis.result)}

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        """What the template shows of a result."""
        raise NotImplementedError


class StopAsking(ProjectMixin, View):
    """New runs are no longer asked a standing question."""

    action = Action.UPLOAD

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Standing.objects.filter(project=self.project)
        standing = get_object_or_404(rows, pk=self.kwargs["standing"])
        services.stop_asking(standing=standing, user=self.person)
        messages.success(request, _("New runs are no longer asked this. Answers that are there stay."))
        return redirect("evaluations:list", self.project.slug)
