"""Money of one run, and of all runs of a project."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.views.generic import ListView

from apps.analysis.forms import AskForm
from apps.analysis.models import Analysis
from apps.analysis.views.base import AnswerPage, AskPage
from apps.common.translate import translate
from apps.compute.money.result import MoneyResult
from apps.evaluations.models import Run
from apps.money import words
from apps.money.kinds import KEY
from apps.money.reading import counted, estimate
from apps.projects.views import ProjectMixin
from apps.requirements.models import ValueCase

PAGE_SIZE = 50


class AskMoney(AskPage):
    kind = KEY
    form_class = AskForm


class MoneyAnswer(AnswerPage):
    kind = KEY
    answer_template = "money/answer.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        found = MoneyResult.from_json(result)
        case = self._cases.get(number=self.analysis.params["case"])
        counting = ValueCase.objects.in_force(self.project).get()
        number = self.analysis.params["baseline"]
        return {
            "found": found,
            "case": case,
            "outdated": None if case == counting else counting,
            "baseline": Run.objects.filter(project=self.project, number=number)
            .only("number", "name")
            .first(),
            "lead": words.lead(found),
            "formula": translate(found.formula),
            "threshold": words.threshold(found),
            "basis": words.basis(found),
            "break_even": words.break_even(found, case.volume_per_year, case.spent),
            "delay": words.delay(found),
            "prices": list(words.sensitivity(found)),
            "cells": words.cells(found),
            "figures": words.figures(found),
        }

    @property
    def _cases(self) -> QuerySet[ValueCase]:
        return ValueCase.objects.marked().filter(project=self.project)


class MoneyOfRuns(ProjectMixin, ListView[Analysis]):
    """The runs by what they earn at the prices in force."""

    template_name = "money/runs.html"
    paginate_by = PAGE_SIZE

    @cached_property
    def case(self) -> ValueCase | None:
        return ValueCase.objects.in_force(self.project).first()

    def get_queryset(self) -> QuerySet[Analysis]:
        return counted(self.project, self.case) if self.case else Analysis.objects.none()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(case=self.case, **kwargs)
        rows = [
            {
                "analysis": analysis,
                "run": analysis.run,
                "money": estimate(analysis.money),
                "gain": estimate(analysis.gain),
                "basis": analysis.basis,
            }
            for analysis in context["object_list"]
        ]
        return {**context, "rows": rows}
