"""The worst rows: asking for them, pages of them, and their export."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_noop
from django.views.generic import View

from apps.analysis.forms import ErrorsForm, RowsFilterForm
from apps.analysis.kinds import errors as kind
from apps.analysis.kinds.errors import CONFIDENT, MADE, OFF, PREDICTION, SURE, TRUE, TRUTH, WRONG
from apps.analysis.models import Analysis
from apps.analysis.registry import KINDS, Params
from apps.analysis.saved_slices import found_conditions
from apps.analysis.services import ask_again
from apps.analysis.views.base import AnswerPage, AskPage
from apps.analysis.words import conditions_in_words, slice_in_words
from apps.common.sheets import plain_cell
from apps.common.translate import translate
from apps.compute.conditions import Condition, Op
from apps.compute.messages import InputRejected
from apps.compute.worst_rows import LOSS, MOST_ROWS, ROW, page
from apps.datasets import storage
from apps.evaluations.views.report import RunMixin
from apps.projects.access import Action

PAGE_SIZE = 50


class AskErrors(AskPage):
    """The slice may be filled in already: ``column`` and ``value`` of the report, or ``search`` and ``found``
    of a search for weak slices.
    """

    kind = kind.KEY
    form_class = ErrorsForm
    template_name = "analysis/ask_errors.html"

    def get_initial(self) -> dict[str, Any]:
        names = ("column", "value", "saved_slice", "search", "found")
        return {name: self.request.GET[name] for name in names if name in self.request.GET}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        conditions = self._found(context["form"]["search"].value(), context["form"]["found"].value())
        return {**context, "words": conditions_in_words(conditions) if conditions else ""}

    def params(self, form: Any) -> Params:
        said = form.cleaned_data
        params: Params = {name: said[name] for name in ("column", "value")}
        if said["saved_slice"] is not None:
            params["saved_slice"] = said["saved_slice"]
        conditions = self._found(said["search"], said["found"])
        return {**params, "conditions": conditions} if conditions else params

    def _found(self, search: Any, place: Any) -> list[dict[str, Any]]:
        """The conditions of a slice that a search of this run found; none where nothing is named."""
        if search in (None, "") or place in (None, ""):
            return []
        try:
            key, at = int(search), int(place)
        except ValueError:
            raise Http404 from None
        analysis = Analysis.objects.filter(run=self.run, pk=min(key, 2**63 - 1)).first()
        found = None if analysis is None else found_conditions(analysis, at)
        if found is None:
            raise Http404
        return found


class RowsOfErrors(AnswerPage):
    """What the page and the export have in common: which of the kept rows are meant."""

    kind = kind.KEY
    answer_template = "analysis/errors.html"

    @property
    def path(self) -> Path:
        return storage.found_rows_path(str(self.analysis.pk))

    @property
    def names(self) -> list[str]:
        return [column["name"] for column in (self.analysis.result or {})["columns"]]

    @cached_property
    def has_classes(self) -> bool:
        return self.run.task in kind.CLASSES

    @cached_property
    def filter_form(self) -> RowsFilterForm:
        result = self.analysis.result or {}
        slices = [column["name"] for column in result["columns"] if column["role"] == "slice"]
        shows = ["", "mistakes", "confident"] if self.has_classes else [""]
        return RowsFilterForm(self.request.GET, columns=slices, shows=shows)

    def conditions(self) -> list[Condition]:
        chosen, conditions = self.filter_form.chosen(), []
        if "show" in chosen:
            conditions.append(Condition(WRONG, Op.IS, ("true",)))
        if chosen.get("show") == "confident":
            conditions.append(Condition(SURE, Op.AT_LEAST, (str(CONFIDENT),)))
        if "column" in chosen and "value" in chosen:
            conditions.append(Condition(chosen["column"], Op.IS, (chosen["value"],)))
        return conditions


class ErrorsAnswer(RowsOfErrors):
    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        said = {
            "slice": slice_in_words(self.analysis.params),
            "is_all": not any(self.analysis.params.values()),
            "result": result,
            "filter": self.filter_form,
            "chosen": self.filter_form.chosen(),
            "query": self.request.GET.urlencode(),
            "gone": not self.path.exists(),
            "fault": "",
        }
        return said if said["gone"] else {**said, **self._rows()}

    def _rows(self) -> dict[str, Any]:
        try:
            _none, total = page(self.path, self.conditions(), 0, 0)
            page_obj = Paginator(range(total), PAGE_SIZE).get_page(self.request.GET.get("page"))
            start = max(page_obj.start_index() - 1, 0)
            found, _total = page(self.path, self.conditions(), start, PAGE_SIZE)
        except InputRejected as error:
            return {"fault": translate(error.message)}
        made = [name for name in (TRUTH, PREDICTION, TRUE, SURE, OFF) if found and name in found[0]]
        ids = {column["name"] for column in (self.analysis.result or {})["columns"] if column["role"] == "id"}
        return {
            "page_obj": page_obj,
            "made": [_LABELS[name] for name in made],
            "names": self.names,
            "rows": [
                {
                    "number": row[ROW],
                    "loss": row[LOSS],
                    "wrong": row.get(WRONG),
                    "made": [(_UNITS[name], row[name]) for name in made],
                    "cells": [str(row[name]) if name in ids else row[name] for name in self.names],
                }
                for row in found
            ],
        }

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        return super().render_to_response(
            context, **{"status": 422 if context.get("fault") else 200, **options}
        )


class ErrorsCsv(RowsOfErrors):
    """The rows of the page, all pages of them. Where there are none yet, or no more, the page says so."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.analysis.result is None or not self.path.exists():
            return redirect("analysis:errors", self.project.slug, self.run.number, self.analysis.pk)
        try:
            rows, _total = page(self.path, self.conditions(), 0, MOST_ROWS)
        except InputRejected as error:
            return HttpResponse(
                translate(error.message), status=422, content_type="text/plain; charset=utf-8"
            )
        name = f"run-{self.run.number}-worst-rows.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
        made = [name for name in MADE if rows and name in rows[0]]
        writer = csv.writer(response)
        heads = ["row", "loss", *(name.removeprefix("__") for name in made), *self.names]
        writer.writerow([plain_cell(head) for head in heads])
        for row in rows:
            writer.writerow([plain_cell(row[name]) for name in (ROW, LOSS, *made, *self.names)])
        return response


class AskAgain(RunMixin, View):
    """Answer a question anew: the rows that it found are gone."""

    action = Action.UPLOAD

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Analysis.objects.filter(run=self.run).select_related("project")
        analysis = get_object_or_404(rows, pk=self.kwargs["analysis"])
        ask_again(analysis=analysis, user=self.person)
        return redirect(KINDS[analysis.kind].url, self.project.slug, self.run.number, analysis.pk)


_LABELS = {
    TRUTH: gettext_noop("Truth"),
    PREDICTION: gettext_noop("Prediction"),
    TRUE: gettext_noop("Probability of the truth"),
    SURE: gettext_noop("Probability of the prediction"),
    OFF: gettext_noop("Off by"),
}
_UNITS = {TRUTH: "", PREDICTION: "", TRUE: "share", SURE: "share", OFF: "change"}
